"""Making, naming and putting away price books. Their rules are in `drafts`, their publication in `publishing`."""

from collections.abc import Iterable

from sqlalchemy import func, select

from app.core import events
from app.core.actor import Actor
from app.core.db import session
from app.core.errors import Conflict, Invalid
from app.domain.pricing.actions.drafts import add_rule, change_rule, default_rule, draft_of
from app.domain.pricing.actions.publishing import publish
from app.domain.pricing.models import PriceBook, PriceBookAssignment
from app.domain.pricing.queries.owning import distributor_alone, owner_in_scope
from app.domain.pricing.rules.checks import RuleInput, check_currency


def create_book(name: str, currency: str, *, base: str = "cost", by: Actor) -> PriceBook:
    """A new book with an empty draft, whose default rule inherits the base. Published by nobody yet, so it prices nothing.

    It is the reseller's in whose scope we are; in everyone's scope it is the distributor's, for pricing to resellers.
    Invalid on `name`, `currency` or `base`.
    """
    owner = owner_in_scope()
    name = name.strip()
    errors: dict[str, str] = {}
    if not name or len(name) > 120:
        errors["name"] = "Give the book a name of at most 120 characters."
    elif _is_taken(name):
        errors["name"] = "There is already a book of this name."
    if base not in ("cost", "list"):
        errors["base"] = "Choose what the book starts from."
    try:
        check_currency(currency)
    except Invalid as wrong:
        errors.update(wrong.errors)
    if errors:
        raise Invalid(errors)
    book = PriceBook(tenant_id=owner, name=name, currency=currency, base=base)
    session().add(book)
    events.record("price_book.created", book, by, {"name": name, "currency": currency, "base": base})
    draft_of(book, by=by)
    return book


def make_book(
    name: str, currency: str, rules: Iterable[RuleInput], *, base: str = "cost", by: Actor
) -> PriceBook:
    """A book with these rules, published at once. A rule for everything among them takes the place of "inherit"."""
    book = create_book(name, currency, base=base, by=by)
    version = draft_of(book, by=by)
    for wanted in rules:
        if wanted.selector == "default" and wanted.min_quantity == 1 and not wanted.has_window:
            change_rule(default_rule(version), wanted, by=by)
        else:
            add_rule(version, wanted, by=by)
    publish(version, by=by)
    return book


def rename_book(book: PriceBook, name: str, *, by: Actor) -> None:
    """Gives `book` another name; what it prices stays the same."""
    name = name.strip()
    if not name or len(name) > 120:
        raise Invalid({"name": "Give the book a name of at most 120 characters."})
    if name != book.name and _is_taken(name):
        raise Invalid({"name": "There is already a book of this name."})
    before, book.name = book.name, name
    events.record("price_book.renamed", book, by, {"from": before, "to": name})


def archive_book(book: PriceBook, *, by: Actor) -> None:
    """Puts a book away that nobody pays by any more; Conflict while somebody does. Its history stays."""
    in_use = session().scalar(
        select(func.count())
        .select_from(PriceBookAssignment)
        .where(PriceBookAssignment.book_id == book.id, PriceBookAssignment.ends_at.is_(None))
    )
    if in_use:
        raise Conflict("This book is still in use; give its customers another one first.")
    book.is_archived = True
    events.record("price_book.archived", book, by)


def _is_taken(name: str) -> bool:
    return (
        session().scalar(select(PriceBook.id).where(PriceBook.name == name, distributor_alone(PriceBook)))
        is not None
    )
