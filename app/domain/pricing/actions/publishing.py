"""Making a draft count, at once or at an instant. From then on it can neither change nor go; the database sees to it."""

from datetime import datetime

from sqlalchemy import select

from app.core import clock, events
from app.core.actor import Actor
from app.core.db import session
from app.core.errors import Conflict, Invalid
from app.domain.pricing.models import PriceBook, PriceBookVersion
from app.domain.pricing.queries.owning import own


def publish(version: PriceBookVersion, *, by: Actor, at: datetime | None = None, note: str = "") -> None:
    """Publishes a draft: it takes effect now, or at `at`, and takes the place of the version before it by itself.

    Conflict when it is published already; Invalid on `at` when that is past.
    """
    own(version)
    locked = (
        session()
        .scalars(
            select(PriceBookVersion)
            .where(PriceBookVersion.id == version.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        .one()
    )
    if locked.published_at is not None:
        raise Conflict(f"Version {locked.number} was published already, by {locked.published_by_name}.")
    now = clock.now()
    if at is not None and at < now:
        raise Invalid({"at": "A price cannot take effect in the past."})
    locked.published_at = now
    locked.effective_at = at or now
    locked.published_by = by.person_id
    locked.published_by_name = by.name
    locked.note = note.strip()[:300]
    book = session().get_one(PriceBook, locked.book_id)
    events.record(
        "price_book.published",
        book,
        by,
        {
            "version": locked.number,
            "version_id": locked.id,
            "effective_at": locked.effective_at,
            "note": locked.note,
        },
    )


def withdraw(version: PriceBookVersion, *, by: Actor) -> None:
    """Takes back a version that was published for later and has not taken effect; Conflict when it has."""
    own(version)
    now = clock.now()
    if version.effective_at is None or version.withdrawn_at is not None or version.effective_at <= now:
        raise Conflict(f"Version {version.number} is not waiting to take effect.")
    version.withdrawn_at = now
    book = session().get_one(PriceBook, version.book_id)
    events.record("price_book.withdrawn", book, by, {"version": version.number, "version_id": version.id})
