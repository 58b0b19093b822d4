"""Writing the next version of a book: its draft and the rules in it. Publishing a draft is in `publishing`."""

from sqlalchemy import func, insert, literal, select
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from app.core import clock, events
from app.core.actor import Actor
from app.core.db import session
from app.core.errors import Conflict, Invalid
from app.domain.catalog.models import Category, Family, Offer, Product, Vendor
from app.domain.pricing.models import PriceBook, PriceBookVersion, PriceRule
from app.domain.pricing.queries.owning import own
from app.domain.pricing.rules.checks import RuleInput, check_rule, in_the_way
from app.domain.pricing.rules.explain import rule_words

_TARGETS = {"offer": Offer, "product": Product, "family": Family, "category": Category, "vendor": Vendor}


def draft_of(book: PriceBook, *, by: Actor, made_of: PriceBookVersion | None = None) -> PriceBookVersion:
    """The draft of `book`. If there is none, one is made with the rules of the version published last.

    Without any, it has one rule: inherit for everything. `made_of`: with the rules of that earlier version instead.
    """
    own(book)
    current = session()
    current.flush()
    current.execute(select(PriceBook.id).where(PriceBook.id == book.id).with_for_update())
    found = current.scalar(
        select(PriceBookVersion).where(
            PriceBookVersion.book_id == book.id, PriceBookVersion.published_at.is_(None)
        )
    )
    if found is not None:
        return found
    last = made_of or current.scalar(
        select(PriceBookVersion)
        .where(PriceBookVersion.book_id == book.id, PriceBookVersion.withdrawn_at.is_(None))
        .order_by(PriceBookVersion.number.desc())
        .limit(1)
    )
    number = current.scalar(
        select(func.coalesce(func.max(PriceBookVersion.number), 0)).where(PriceBookVersion.book_id == book.id)
    )
    draft = PriceBookVersion(
        tenant_id=book.tenant_id,
        book_id=book.id,
        number=(number or 0) + 1,
        based_on_id=last.id if last else None,
        passes_promotions=last.passes_promotions if last else True,
    )
    current.add(draft)
    current.flush()
    if last is None:
        current.add(
            PriceRule(
                tenant_id=book.tenant_id,
                book_id=book.id,
                version_id=draft.id,
                selector="default",
                kind="inherit",
            )
        )
        current.flush()
    else:
        copy_rules(last, draft)
    events.record("price_book.drafted", book, by, {"version": draft.number})
    return draft


def add_rule(version: PriceBookVersion, wanted: RuleInput, *, by: Actor) -> PriceRule:
    """Adds a rule to a draft. Invalid by field; on the whole form when another rule could apply just as well."""
    open_draft(version)
    _check(version, wanted, None)
    rule = PriceRule(
        tenant_id=version.tenant_id, book_id=version.book_id, version_id=version.id, **columns_of(wanted)
    )
    session().add(rule)
    events.record("price_rule.added", version, by, _told(rule))
    return rule


def change_rule(rule: PriceRule, wanted: RuleInput, *, by: Actor) -> None:
    """Makes a draft's rule into `wanted`. The default rule keeps being the default."""
    version = _version_of(rule)
    open_draft(version)
    if _is_default(rule) and not _is_default(wanted):
        raise Invalid({"selector": "A book needs its rule for everything, at every quantity and time."})
    _check(version, wanted, rule)
    before = _told(rule)
    for name, value in columns_of(wanted).items():
        setattr(rule, name, value)
    events.record("price_rule.changed", version, by, {"before": before, "after": _told(rule)})


def remove_rule(rule: PriceRule, *, by: Actor) -> None:
    """Takes a rule out of a draft; Conflict for the default rule, without which something would have no price."""
    version = _version_of(rule)
    open_draft(version)
    if _is_default(rule):
        raise Conflict("A book needs its rule for everything; change it instead.")
    events.record("price_rule.removed", version, by, _told(rule))
    session().delete(rule)


def discard_draft(version: PriceBookVersion, *, by: Actor) -> None:
    """Throws a draft away; the published versions stay as they are."""
    open_draft(version)
    book = session().get_one(PriceBook, version.book_id)
    events.record("price_book.draft_discarded", book, by, {"version": version.number})
    for rule in rules_of(version):
        session().delete(rule)
    session().flush()
    session().delete(version)


def rules_of(version: PriceBookVersion) -> list[PriceRule]:
    """The rules of a version: narrowest selector first, then by quantity and start."""
    return list(
        session().scalars(
            select(PriceRule)
            .where(PriceRule.version_id == version.id)
            .order_by(PriceRule.rank, PriceRule.target_id, PriceRule.min_quantity.desc(), PriceRule.starts_at)
        )
    )


def default_rule(version: PriceBookVersion) -> PriceRule:
    """The rule for everything, at every quantity and time, that each version has."""
    return next(rule for rule in rules_of(version) if _is_default(rule))


def open_draft(version: PriceBookVersion) -> None:
    """NotFound unless the version is the owner's; Conflict when it is published and cannot change."""
    own(version)
    if version.published_at is not None:
        raise Conflict(f"Version {version.number} is published and cannot change; make a new one.")


def _version_of(rule: PriceRule) -> PriceBookVersion:
    return session().get_one(PriceBookVersion, own(rule).version_id)


def _is_default(rule: PriceRule | RuleInput) -> bool:
    return (
        rule.selector == "default"
        and rule.min_quantity == 1
        and rule.starts_at is None
        and rule.ends_at is None
    )


def _check(version: PriceBookVersion, wanted: RuleInput, changed: PriceRule | None) -> None:
    check_rule(wanted)
    target = _TARGETS.get(wanted.selector)
    if target is not None and session().get(target, wanted.target_id) is None:
        raise Invalid({"target_id": "There is no such thing in the catalogue."})
    session().execute(select(PriceBookVersion.id).where(PriceBookVersion.id == version.id).with_for_update())
    near = session().scalars(
        select(PriceRule).where(
            PriceRule.version_id == version.id,
            PriceRule.selector == wanted.selector,
            PriceRule.min_quantity == wanted.min_quantity,
            *(
                (getattr(PriceRule, f"{wanted.selector}_id") == wanted.target_id,)
                if target is not None
                else ()
            ),
        )
    )
    rival = in_the_way(wanted, (input_of(rule) for rule in near if rule is not changed))
    if rival is not None:
        book = session().get_one(PriceBook, version.book_id)
        raise Invalid(
            f"Two rules would apply just as well: {_named(wanted, book)}, and {_named(rival, book)}."
            " Change one, or give them times that do not overlap."
        )


def _named(rule: RuleInput, book: PriceBook) -> str:
    words = f"“{rule_words(rule.kind, rule.value, book.currency, book.base)}” {_for_what(rule)}"
    if rule.min_quantity > 1:
        words += f" from {rule.min_quantity} units"
    if rule.starts_at is not None:
        words += f" from {rule.starts_at:%Y-%m-%d %H:%M %Z}"
    if rule.ends_at is not None:
        words += f" until {rule.ends_at:%Y-%m-%d %H:%M %Z}"
    return words


def _for_what(rule: RuleInput) -> str:
    """ "for Microsoft 365 E3", "for everything"."""
    target = _TARGETS.get(rule.selector)
    found = session().get(target, rule.target_id) if target is not None else None
    if isinstance(found, Offer):
        return f"for {found.sku.title}, {found.term} {found.billing_plan}"
    name = None if found is None else getattr(found, "title", None) or getattr(found, "name", None)
    return "for everything" if name is None else f"for {name}"


def input_of(rule: PriceRule) -> RuleInput:
    """A stored rule as somebody would want it."""
    target = getattr(rule, f"{rule.selector}_id") if rule.selector in _TARGETS else None
    return RuleInput(
        rule.kind,
        rule.value,
        rule.selector,
        target,
        rule.min_quantity,
        rule.starts_at,
        rule.ends_at,
        rule.floor,
        rule.floor_value,
        rule.is_capped,
        rule.rounding,
        rule.roundings,
    )


def columns_of(wanted: RuleInput) -> dict[str, object]:
    """A rule's columns with the values that `wanted` gives them."""
    columns: dict[str, object] = {
        name: getattr(wanted, name)
        for name in (
            "selector", "kind", "value", "min_quantity", "starts_at", "ends_at", "floor", "floor_value",
            "is_capped", "rounding", "roundings",
        )
    }  # fmt: skip
    for selector in _TARGETS:
        columns[f"{selector}_id"] = wanted.target_id if wanted.selector == selector else None
    return columns


def _told(rule: PriceRule) -> dict[str, object]:
    kept = (
        "selector",
        "kind",
        "value",
        "min_quantity",
        "starts_at",
        "ends_at",
        "floor",
        "floor_value",
        "rounding",
        "roundings",
    )
    told = {name: getattr(rule, name) for name in kept if getattr(rule, name) is not None}
    if rule.selector in _TARGETS:
        told["target_id"] = getattr(rule, f"{rule.selector}_id")
    return told


def copy_rules(source: PriceBookVersion, draft: PriceBookVersion) -> None:
    """All rules of `source` into `draft`, by one statement: a book may have a hundred thousand."""
    copied = [
        column
        for column in PriceRule.__table__.columns
        if column.computed is None and column.name not in ("id", "created_at", "version_id", "book_id")
    ]
    session().execute(
        insert(PriceRule).from_select(
            ["id", "created_at", "version_id", "book_id", *(column.name for column in copied)],
            select(
                func.gen_random_uuid(),
                literal(clock.now()),
                literal(draft.id, PgUUID(as_uuid=True)),
                literal(draft.book_id, PgUUID(as_uuid=True)),
                *copied,
            ).where(PriceRule.version_id == source.id),
            include_defaults=False,
        )
    )
