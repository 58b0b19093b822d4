"""Versions made of other versions: going back to an earlier one of the same book, and a new book made of another."""

from sqlalchemy import select

from app.core.actor import Actor
from app.core.db import session
from app.core.errors import Conflict
from app.domain.pricing.actions.books import create_book
from app.domain.pricing.actions.drafts import copy_rules, default_rule, draft_of
from app.domain.pricing.models import PriceBook, PriceBookVersion
from app.domain.pricing.queries.owning import own


def return_to(version: PriceBookVersion, *, by: Actor) -> PriceBookVersion:
    """A draft with the rules of `version`, which was published once. Conflict while another draft is being written."""
    own(version)
    if version.published_at is None:
        raise Conflict("This version is a draft itself.")
    book = session().get_one(PriceBook, version.book_id)
    session().execute(select(PriceBook.id).where(PriceBook.id == book.id).with_for_update())
    written = session().scalar(
        select(PriceBookVersion.id).where(
            PriceBookVersion.book_id == book.id, PriceBookVersion.published_at.is_(None)
        )
    )
    if written is not None:
        raise Conflict("There is a draft already. Publish it or throw it away first.")
    return draft_of(book, by=by, made_of=version)


def copy_book(source: PriceBookVersion, name: str, *, by: Actor) -> PriceBook:
    """A new book, a draft still, with the currency, the base and all rules of `source`, a version of any book of the owner's.

    Invalid on `name`.
    """
    own(source)
    of = session().get_one(PriceBook, source.book_id)
    book = create_book(name, of.currency, base=of.base, by=by)
    draft = draft_of(book, by=by)
    session().delete(default_rule(draft))
    session().flush()
    copy_rules(source, draft)
    return book
