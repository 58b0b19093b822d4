"""The same rule for many offers at once, or one wide rule in the place of many: set-based, in a draft."""
# ruff: noqa: S608 - only constants of this module are put together

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, cast
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CursorResult,
    Uuid,
    bindparam,
    delete,
    func,
    insert,
    literal,
    select,
    text,
    update,
)

from app.core import clock, events
from app.core.actor import Actor
from app.core.db import session
from app.core.errors import Invalid
from app.domain.pricing.actions.drafts import add_rule, change_rule, columns_of, open_draft
from app.domain.pricing.models import PriceBookVersion, PriceRule
from app.domain.pricing.rules.checks import RuleInput, check_rule

# Lasting rules for one unit that go before a rule of the selector for something within its target.
_LASTING = "r.version_id = :version AND r.min_quantity = 1 AND r.starts_at IS NULL AND r.ends_at IS NULL"
NARROWER = {
    "product": f"{_LASTING} AND r.offer_id IN (SELECT id FROM offer WHERE product_id = :target)",
    "family": f"{_LASTING} AND (r.product_id IN (SELECT id FROM product WHERE family_id = :target) OR r.offer_id IN"
    " (SELECT o.id FROM offer o JOIN product p ON p.id = o.product_id WHERE p.family_id = :target))",
    "vendor": f"{_LASTING} AND (r.family_id IN (SELECT id FROM family WHERE vendor_id = :target)"
    " OR r.product_id IN (SELECT id FROM product WHERE vendor_id = :target) OR r.offer_id IN"
    " (SELECT o.id FROM offer o JOIN product p ON p.id = o.product_id WHERE p.vendor_id = :target))",
    "default": f"{_LASTING} AND r.selector <> 'default' AND CAST(:target AS uuid) IS NULL",
}


def rule_offers(
    version: PriceBookVersion,
    offers: Sequence[UUID],
    wanted: RuleInput,
    *,
    by: Actor,
    told: Mapping[str, Any] | None = None,
) -> tuple[int, int]:
    """`wanted` for each of `offers`, at every quantity and time. Answers how many rules were added and how many changed.

    What `wanted` says it is for is left aside; `told` goes into the event. Two statements, however many offers. Invalid by field.
    """
    if not offers:
        raise Invalid("Nothing is chosen.")
    check_rule(replace(wanted, selector="default", target_id=None))
    open_draft(version)
    columns = columns_of(
        replace(wanted, selector="offer", target_id=offers[0], min_quantity=1, starts_at=None, ends_at=None)
    )
    columns.pop("offer_id")
    current = session()
    current.flush()
    changed = _count(
        update(PriceRule)
        .where(
            PriceRule.offer_id == func.any(bindparam("asked", list(offers), type_=ARRAY(Uuid()))),
            *_lasting(version),
        )
        .values(**columns)
        .execution_options(synchronize_session=False)
    )
    asked = (
        func.unnest(bindparam("asked", list(offers), type_=ARRAY(Uuid())))
        .table_valued("offer_id")
        .render_derived()
    )
    table = PriceRule.__table__
    values = {
        "tenant_id": version.tenant_id,
        "book_id": version.book_id,
        "version_id": version.id,
        **{name: value for name, value in columns.items() if value is not None},
    }
    ruled = select(PriceRule.offer_id).where(*_lasting(version), PriceRule.offer_id.is_not(None))
    added = _count(
        insert(PriceRule).from_select(
            ["id", "created_at", "offer_id", *values],
            select(
                func.gen_random_uuid(),
                literal(clock.now()),
                asked.c.offer_id,
                *(literal(value, table.c[name].type) for name, value in values.items()),
            )
            .distinct()
            .where(asked.c.offer_id.not_in(ruled)),
            include_defaults=False,
        )
    )
    current.expire_all()
    data = {
        "added": added,
        "changed": changed,
        "count": added + changed,
        "kind": wanted.kind,
        "value": wanted.value,
    }
    events.record("price_rule.set_for_many", version, by, data | dict(told or {}))
    return added, changed


def clear_offers(
    version: PriceBookVersion, offers: Sequence[UUID], *, by: Actor, told: Mapping[str, Any] | None = None
) -> int:
    """Takes the lasting rules of single offers out, so that the next wider rule counts for them. Answers how many there were."""
    open_draft(version)
    asked = bindparam("asked", list(offers), type_=ARRAY(Uuid()))
    removed = _count(
        delete(PriceRule)
        .where(PriceRule.offer_id == func.any(asked), *_lasting(version))
        .execution_options(synchronize_session=False)
    )
    session().expire_all()
    events.record("price_rule.cleared_for_many", version, by, {"count": removed} | dict(told or {}))
    return removed


def rule_selector(
    version: PriceBookVersion, wanted: RuleInput, *, alone: bool = False, by: Actor
) -> PriceRule:
    """`wanted` as the lasting rule of its selector and target: changed if there is one, else added.

    `alone`: narrower lasting rules within it go, so that it counts for everything in it; breaks and promotions stay.
    """
    wanted = replace(wanted, min_quantity=1, starts_at=None, ends_at=None)
    check_rule(wanted)
    open_draft(version)
    same = PriceRule.target_id == (wanted.target_id or UUID(int=0))
    found = session().scalar(
        select(PriceRule).where(*_lasting(version), PriceRule.selector == wanted.selector, same)
    )
    if found is not None:
        change_rule(found, wanted, by=by)
    else:
        found = add_rule(version, wanted, by=by)
    if alone and wanted.selector in NARROWER:
        session().flush()
        gone = _count(
            text(f"DELETE FROM price_rule r WHERE {NARROWER[wanted.selector]}").bindparams(
                bindparam("version", type_=Uuid()), bindparam("target", type_=Uuid())
            ),
            {"version": version.id, "target": wanted.target_id},
        )
        session().expire_all()
        events.record("price_rule.cleared_for_many", version, by, {"count": gone})
    return found


def narrower(version_id: UUID, selector: str, target_id: UUID | None) -> int:
    """How many lasting rules go before one of `selector` for something within `target_id`."""
    return session().scalar(
        text(f"SELECT count(*) FROM price_rule r WHERE {NARROWER[selector]}").bindparams(
            bindparam("version", type_=Uuid()), bindparam("target", type_=Uuid())
        ),
        {"version": version_id, "target": target_id},
    )


def _count(statement: Any, values: Mapping[str, Any] | None = None) -> int:
    """Runs a statement that writes; answers how many rows it wrote."""
    done = session().execute(statement, values or {}, execution_options={"preserve_rowcount": True})
    return cast("CursorResult[Any]", done).rowcount


def _lasting(version: PriceBookVersion) -> tuple[Any, ...]:
    return (
        PriceRule.version_id == version.id,
        PriceRule.min_quantity == 1,
        PriceRule.starts_at.is_(None),
        PriceRule.ends_at.is_(None),
    )
