"""What a shop's page may depend on, as marks: one statement gives them all, and while they are equal so is every kept page.

**Whoever lets a kept page of a shop (or what stands around every page) read something new, adds its mark here.**
`tests/architecture/test_kept_pages.py` fails when a kept page reads a table, or calls a function of ours, that no mark covers;
`tests/web/kit/test_keeping.py` then asks for a write that shows what the mark is for.

A mark is an SQL value over `t` (the tenant), `p` (the person, or nothing), `a` (the account, or nothing) and `:at` (now). It
is either the very value that is shown, or names the versions of rows: PostgreSQL gives every version of a row another
`xmin`, whoever writes it and however. It sees what the person sees: the statement enters their scope first.
"""

from collections.abc import Sequence
from typing import NamedTuple


class Mark(NamedTuple):
    """One value of the statement, and the tables (and functions of ours) that it speaks for. `is_personal`: it says nothing
    of what the shop shows to others.
    """

    name: str
    sql: str
    covers: tuple[str, ...]
    is_personal: bool = False


def rows(table: str, where: str = "true") -> str:
    """SQL that names the versions of all rows `x` of `table` in scope which meet `where`. For dozens of rows, not thousands."""
    return f"(SELECT string_agg(x.xmin::text, ',' ORDER BY x.id) FROM {table} x WHERE {where})"  # noqa: S608


_OPEN_CART = (
    "x.cart_id IN (SELECT id FROM cart WHERE account_id = a.id AND person_id = p.id AND state = 'open')"
)
_PENDING = "SELECT id FROM approval_request WHERE account_id = a.id AND state = 'pending'"
_NOBODY = "'00000000-0000-0000-0000-000000000000'"
_TURNS = f"""(SELECT {{pick}}(at) FROM (
        SELECT {{pick}}(at) AS at FROM catalog_turn WHERE at {{side}} :at
        UNION ALL SELECT {{pick}}(at) FROM price_turn WHERE owner_id = t.id AND at {{side}} :at
        UNION ALL SELECT {{pick}}(at) FROM price_turn WHERE owner_id = {_NOBODY} AND at {{side}} :at) AS turns)"""  # noqa: S608
TURNED, TURNS = _TURNS.format(pick="max", side="<="), _TURNS.format(pick="min", side=">")

MARKS = (
    # who and where: name, brand, theme, profile, language; name, roles, language; name, segment, currency
    Mark("tenant", "t.xmin::text", ("tenant",)),
    Mark(
        "host",
        "(SELECT h.host FROM tenant_host h WHERE h.tenant_id = t.id AND h.is_canonical)",
        ("tenant_host",),
    ),
    Mark("person", "p.xmin::text", ("person",), is_personal=True),
    Mark("account", "a.xmin::text", ("account",), is_personal=True),
    # what stands in the header
    Mark("cart", rows("cart_line", _OPEN_CART), ("cart", "cart_line"), is_personal=True),
    Mark(
        "approvals",
        f"""({rows("approval_request", "x.account_id = a.id AND x.state = 'pending'")},
             {rows("decision", f"x.approval_request_id IN ({_PENDING})")})""",
        ("approval_request", "decision"),
        is_personal=True,
    ),
    Mark(
        "notices",
        "(SELECT count(*) FROM notice x WHERE x.person_id = p.id AND x.read_at IS NULL)",
        ("notice",),
        is_personal=True,
    ),
    # the people they stand in for today; that lends permissions
    Mark(
        "stand-ins",
        """(SELECT CASE WHEN EXISTS (SELECT FROM delegation d WHERE d.delegate_id = p.id)
                        THEN stood_in_for(p.id, CAST(timezone(t.time_zone, CAST(:at AS timestamptz)) AS date)) END)""",
        ("delegation", "stood_in_for"),
        is_personal=True,
    ),
    # what is sold: sheets are the only ones who write the catalogue, and each that is taken has the next revision
    Mark("choices", rows("catalog_choice"), ("catalog_choice",)),
    Mark(
        "catalog",
        "(SELECT max(revision) FROM price_sheet)",
        (
            "price_sheet",
            "vendor",
            "family",
            "category",
            "product",
            "sku",
            "offer",
            "vendor_price",
            "search_word",
        ),
    ),
    # at which prices: how often rows were added, counted by triggers under a lock (see `pricing/models/turns.py`)
    Mark(
        "own prices",
        "(SELECT number FROM price_change_count WHERE owner_id = t.id)",
        (
            "price_change_count",
            "price_book",
            "price_book_version",
            "price_rule",
            "price_book_assignment",
            "program_member",
        ),
    ),
    Mark(
        "distributor's prices",
        f"(SELECT number FROM price_change_count WHERE owner_id = {_NOBODY})",  # noqa: S608
        ("exchange_rate", "promotion", "promotion_offer"),
    ),
    # what turns by itself: a dated price, a scheduled version, the window of a rule
    Mark("turned", TURNED, ("catalog_turn", "price_turn")),
)

COVERED = {table for mark in MARKS for table in mark.covers} | {"web_session"}

# Host and session are found, the scope is entered, and only then anything of the tenant is looked at: a lateral subquery
# that cannot be pulled up (OFFSET 0) runs after the row it depends on. Were it not so, row-level security would raise.
_ENTER = """
WITH entered AS MATERIALIZED (
    SELECT found.*,
           set_config('awning.scope', coalesce(CAST(tenant_id AS text), :nobody), true),
           set_config('awning.account', CASE WHEN realm IN ('storefront', 'viewing') AND session_tenant_id = tenant_id
                                             THEN coalesce(CAST(account_id AS text), :nobody) ELSE :nobody END, true),
           set_config('transaction_read_only', CASE WHEN tenant_id IS NULL THEN 'off' ELSE :read_only END, true)
    FROM (
        SELECT h.tenant_id, s.token_hash, s.realm, s.tenant_id AS session_tenant_id, s.account_id, s.person_id, s.data,
               s.seen_at
        FROM (SELECT CAST(:host AS text) AS host) AS asked
        LEFT JOIN tenant_host h ON h.host = asked.host AND h.host <> :platform
        LEFT JOIN web_session s ON s.token_hash = :token AND s.host = asked.host AND s.expires_at > now()
    ) AS found
)
"""
_MARKED = """
LEFT JOIN LATERAL (
    SELECT CAST(ROW({shop}) AS text) AS shop_marks,
           CAST(ROW(entered.realm, entered.session_tenant_id, entered.account_id, entered.person_id, entered.data,
                    {personal}) AS text) AS marks, {turns} AS turns_at
    FROM tenant t
    LEFT JOIN person p ON p.id = entered.person_id
    LEFT JOIN account a ON a.id = p.account_id
    WHERE t.id = entered.tenant_id
    OFFSET 0
) AS marked ON true
"""


def arriving(marks: Sequence[Mark]) -> str:
    """Who came where, with the marks of what they see. Parameters: host, platform, token, nobody, read_only, at."""
    return f"{_ENTER} SELECT entered.*, marked.* FROM entered {_marked(marks, TURNS)}"  # noqa: S608


def still(marks: Sequence[Mark]) -> str:
    """The marks alone, for a page that is kept; nothing when the session is gone or is to be written again (:fresh)."""
    marked = _marked(marks, "NULL")
    return f"{_ENTER} SELECT marked.shop_marks, marked.marks FROM entered {marked} WHERE entered.seen_at > :fresh"  # noqa: S608


def _marked(marks: Sequence[Mark], turns: str) -> str:
    shop = ", ".join(mark.sql for mark in marks if not mark.is_personal)
    personal = ", ".join(mark.sql for mark in marks if mark.is_personal)
    return _MARKED.format(shop=shop, personal=personal, turns=turns)
