"""Going back to an earlier version of a book: as the next version, with the rules of then."""

from sqlalchemy import select

from app.core.actor import Actor
from app.core.db import session
from app.core.errors import Conflict
from app.domain.pricing.actions.drafts import draft_of
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
