"""Taking a file of rules or lines into a draft: checked cell by cell, shown as a diff, taken over whole or not at all.

A file of rules is the whole truth about a draft: what is not in it goes. A file of lines speaks of the lines in it alone.
"""

import json
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select, text

from app.core import clock, events
from app.core.actor import Actor
from app.core.db import session
from app.core.errors import Conflict, Invalid, NotFound
from app.core.ids import new_id
from app.domain.pricing.actions.drafts import columns_of, input_of, open_draft
from app.domain.pricing.models import PriceBook, PriceBookVersion, PriceRule, PriceUpload
from app.domain.pricing.queries.owning import own
from app.domain.pricing.rules.cells import read_number
from app.domain.pricing.rules.checks import RuleInput, in_the_way
from app.domain.pricing.rules.kinds import SELECTORS
from app.domain.pricing.rules.rule_rows import LINE_KEYS, Key, Trouble, key_of, read_said
from app.domain.pricing.spreadsheets import Sheet

MOST_TROUBLES = 200
Place = tuple[str, UUID | None, int, datetime | None, datetime | None]
"""Where a rule stands: selector, target, least quantity, window. Two rules of one place are the same rule."""


@dataclass(frozen=True, slots=True)
class Read:
    """What a file says: rules by place; for a file of lines also the offers that follow the wider rule."""

    kind: str
    rules: tuple[RuleInput, ...]
    cleared: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """What taking a file over would change in the draft: (was, becomes); one of them is None for added and removed rules."""

    changes: tuple[tuple[RuleInput | None, RuleInput | None], ...]

    @property
    def added(self) -> int:
        return sum(was is None for was, _ in self.changes)

    @property
    def removed(self) -> int:
        return sum(becomes is None for _, becomes in self.changes)

    @property
    def changed(self) -> int:
        return len(self.changes) - self.added - self.removed


def read_rules(sheet: Sheet) -> tuple[Read | None, list[Trouble]]:
    """A file with a column `for`: every row is a rule. Answers what is wrong instead when anything is."""
    missing = {"for", "kind", "value"} - set(sheet.headings)
    if missing:
        raise Invalid({"file": f"The column {sorted(missing)[0]!r} is missing."})
    troubles: list[Trouble] = []
    keyed: list[tuple[int, Key, RuleInput]] = []
    for line, row in sheet.rows:
        selector = row.get("for", "").strip()
        if selector not in SELECTORS:
            troubles.append(Trouble(line, "for", f"Write one of {', '.join(SELECTORS)}.", selector[:80]))
            continue
        rule, wrong = read_said(row, line, comma=sheet.has_comma)
        troubles += wrong
        if rule is not None:
            keyed.append((line, key_of(row, selector), rule))
    targets = resolve({key for _, key, _ in keyed if key[0] != "default"})
    rules: list[RuleInput] = []
    lines: dict[tuple[str, UUID | None, int], list[tuple[int, RuleInput]]] = {}
    for line, key, rule in keyed:
        if key[0] != "default" and key not in targets:
            troubles.append(
                Trouble(line, "", f"There is no such {key[0]} in the catalogue.", " / ".join(key[1:])[:80])
            )
            continue
        full = replace(rule, selector=key[0], target_id=targets.get(key))
        near = lines.setdefault((full.selector, full.target_id, full.min_quantity), [])
        rival = in_the_way(full, (other for _, other in near))
        if rival is not None:
            before = next(number for number, other in near if other is rival)
            troubles.append(Trouble(line, "", f"This rule and the one on line {before} could both apply."))
        near.append((line, full))
        rules.append(full)
    if not any(r.selector == "default" and r.min_quantity == 1 and not r.has_window for r in rules):
        troubles.append(
            Trouble(0, "", "The rule for everything is missing: a row with “default” in the column “for”.")
        )
    return (None, troubles) if troubles else (Read("rules", tuple(rules)), [])


def read_lines(sheet: Sheet) -> tuple[Read | None, list[Trouble]]:
    """A file of lines. `kind` and `value` make a rule of the line's own; without a kind it follows the wider rule; `new_price`
    is a fixed price in the book's currency and goes before both."""
    missing = set(LINE_KEYS) - set(sheet.headings)
    if missing:
        raise Invalid({"file": f"The column {sorted(missing)[0]!r} is missing."})
    if not {"kind", "new_price"} & set(sheet.headings):
        raise Invalid({"file": "A file of lines needs a column “kind” or “new_price”."})
    troubles: list[Trouble] = []
    keyed: list[tuple[int, Key, RuleInput | None]] = []
    seen: dict[Key, int] = {}
    for line, row in sheet.rows:
        key = key_of(row, "offer")
        if key in seen:
            troubles.append(Trouble(line, "", f"This line stands on line {seen[key]} already."))
            continue
        seen[key] = line
        price = row.get("new_price", "").strip()
        if price:
            number = read_number(price, comma=sheet.has_comma)
            if number is None or number < 0:
                troubles.append(
                    Trouble(line, "new_price", "A price is a plain number of 0 or more.", price[:80])
                )
                continue
            keyed.append((line, key, RuleInput("fixed", number)))
        elif row.get("kind", "").strip():
            rule, wrong = read_said(row, line, comma=sheet.has_comma)
            troubles += wrong
            keyed.append((line, key, rule))
        else:
            keyed.append((line, key, None))
    targets = resolve({key for _, key, _ in keyed})
    for line, key, _rule in keyed:
        if key not in targets:
            troubles.append(
                Trouble(line, "", "There is no such offer in the catalogue.", " / ".join(key[1:])[:80])
            )
    if troubles:
        return None, sorted(troubles, key=lambda trouble: trouble.line)
    rules = tuple(
        replace(rule, selector="offer", target_id=targets[key]) for _, key, rule in keyed if rule is not None
    )
    return Read("lines", rules, tuple(targets[key] for _, key, rule in keyed if rule is None)), []


_TARGETS = {
    "vendor": "SELECT a.n, v.id FROM {asked} JOIN vendor v ON v.key = a.k1",
    "family": "SELECT a.n, f.id FROM {asked} JOIN vendor v ON v.key = a.k1 JOIN family f ON f.vendor_id = v.id AND f.key = a.k2",
    "category": "SELECT a.n, c.id FROM {asked} JOIN category c ON c.key = a.k1",
    "product": "SELECT a.n, p.id FROM {asked} JOIN vendor v ON v.key = a.k1"
    " JOIN product p ON p.vendor_id = v.id AND p.vendor_product_id = a.k2",
    "offer": "SELECT a.n, o.id FROM {asked} JOIN vendor v ON v.key = a.k1"
    " JOIN product p ON p.vendor_id = v.id AND p.vendor_product_id = a.k2"
    " JOIN sku k ON k.product_id = p.id AND k.vendor_sku_id = a.k3"
    " JOIN offer o ON o.product_id = p.id AND o.sku_id = k.id AND o.term = a.k4 AND o.billing_plan = a.k5"
    " AND o.segment = a.k6 AND o.market = a.k7",
}


def resolve(keys: Iterable[Key]) -> dict[Key, UUID]:
    """The targets that keys name, as far as the catalogue has them. One statement per selector."""
    found: dict[Key, UUID] = {}
    by_selector: dict[str, list[Key]] = {}
    for key in keys:
        by_selector.setdefault(key[0], []).append(key)
    for selector, asked in by_selector.items():
        width = len(asked[0])
        columns = {f"k{n}": [key[n] for key in asked] for n in range(1, width)}
        names = ", ".join(columns)
        arrays = ", ".join(f"CAST(:{name} AS text[])" for name in columns)
        source = f"unnest({arrays}) WITH ORDINALITY AS a({names}, n)"
        rows = session().execute(text(_TARGETS[selector].format(asked=source)), columns)
        found |= {asked[n - 1]: id_ for n, id_ in rows}
    return found


def keep_upload(book: PriceBook, read: Read, *, file_name: str, by: Actor) -> PriceUpload:
    """Keeps what a file says until somebody takes it over; older uploads to the same book go."""
    own(book)
    session().execute(delete(PriceUpload).where(PriceUpload.book_id == book.id))
    told = {"rules": [_written(rule) for rule in read.rules], "cleared": [str(one) for one in read.cleared]}
    upload = PriceUpload(
        tenant_id=book.tenant_id, book_id=book.id, kind=read.kind, file_name=file_name[:200],
        rows=len(read.rules) + len(read.cleared), body=zlib.compress(json.dumps(told).encode(), 6), person_id=by.person_id,
    )  # fmt: skip
    session().add(upload)
    session().flush()
    return upload


def upload_of(book: PriceBook, upload_id: UUID) -> tuple[PriceUpload, Read]:
    """An upload to this book and what it says. NotFound when it was taken or replaced."""
    own(book)
    upload = session().scalar(
        select(PriceUpload).where(PriceUpload.id == upload_id, PriceUpload.book_id == book.id)
    )
    if upload is None:
        raise NotFound()
    told = json.loads(zlib.decompress(upload.body))
    return upload, Read(
        upload.kind,
        tuple(_unwritten(rule) for rule in told["rules"]),
        tuple(UUID(one) for one in told["cleared"]),
    )


def difference(draft: PriceBookVersion, read: Read) -> Difference:
    """What taking `read` over would change in the draft."""
    now = {_place(rule): rule for rule in map(input_of, _rules(draft))}
    then = {_place(rule): rule for rule in read.rules}
    changes: list[tuple[RuleInput | None, RuleInput | None]] = [
        (now.get(place), rule) for place, rule in then.items() if now.get(place) != rule
    ]
    if read.kind == "rules":
        gone = [place for place in now if place not in then]
    else:
        gone = [("offer", one, 1, None, None) for one in read.cleared if ("offer", one, 1, None, None) in now]
    changes += [(now[place], None) for place in gone]
    return Difference(tuple(changes))


def take_upload(book: PriceBook, upload_id: UUID, draft: PriceBookVersion, *, by: Actor) -> Difference:
    """Takes the file over into the draft, all of it; the upload is gone then. Conflict when the draft is published meanwhile."""
    open_draft(draft)
    if draft.book_id != book.id:
        raise Conflict("This draft belongs to another book.")
    session().execute(select(PriceBookVersion.id).where(PriceBookVersion.id == draft.id).with_for_update())
    upload, read = upload_of(book, upload_id)
    found = difference(draft, read)
    ids = {_place(input_of(rule)): rule.id for rule in _rules(draft)}
    gone = [ids[_place(was)] for was, _ in found.changes if was is not None]
    current = session()
    for start in range(0, len(gone), 10_000):
        current.execute(
            delete(PriceRule)
            .where(PriceRule.id.in_(gone[start : start + 10_000]))
            .execution_options(synchronize_session=False)
        )
    rows = [
        {
            "id": new_id(), "created_at": clock.now(), "tenant_id": draft.tenant_id, "book_id": book.id, "version_id": draft.id,
            **columns_of(becomes),
        }
        for _, becomes in found.changes
        if becomes is not None
    ]  # fmt: skip
    if rows:
        current.execute(insert(PriceRule), rows)
    events.record(
        "price_book.imported", draft, by,
        {"file_name": upload.file_name, "added": found.added, "changed": found.changed, "removed": found.removed},
    )  # fmt: skip
    current.delete(upload)
    current.expire_all()
    return found


def _rules(draft: PriceBookVersion) -> Sequence[PriceRule]:
    return session().scalars(select(PriceRule).where(PriceRule.version_id == draft.id)).all()


def _place(rule: RuleInput) -> Place:
    return rule.selector, rule.target_id, rule.min_quantity, rule.starts_at, rule.ends_at


def _written(rule: RuleInput) -> list[Any]:
    return [
        rule.kind, None if rule.value is None else str(rule.value), rule.selector, rule.target_id and str(rule.target_id),
        rule.min_quantity, rule.starts_at and rule.starts_at.isoformat(), rule.ends_at and rule.ends_at.isoformat(), rule.floor,
        None if rule.floor_value is None else str(rule.floor_value), rule.is_capped, rule.rounding, dict(rule.roundings),
    ]  # fmt: skip


def _unwritten(told: list[Any]) -> RuleInput:
    kind, value, selector, target, quantity, starts, ends, floor, floor_value, capped, rounding, roundings = (
        told
    )
    return RuleInput(
        kind, None if value is None else Decimal(value), selector, UUID(target) if target else None, quantity,
        datetime.fromisoformat(starts) if starts else None, datetime.fromisoformat(ends) if ends else None, floor,
        None if floor_value is None else Decimal(floor_value), capped, rounding, roundings,
    )  # fmt: skip
