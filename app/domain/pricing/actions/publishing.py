"""Making a draft count, at once or at an instant. From then on it can neither change nor go; the database sees to it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from app.core import clock, events
from app.core.actor import Actor
from app.core.db import session
from app.core.errors import Conflict, Invalid
from app.domain.pricing.models import PriceBook, PriceBookVersion
from app.domain.pricing.ports import running
from app.domain.pricing.queries.owning import own
from app.domain.pricing.queries.settings import settings


def publish(
    version: PriceBookVersion,
    *,
    by: Actor,
    at: datetime | None = None,
    note: str = "",
    overrides_notice: bool = False,
) -> None:
    """Publishes a draft: it takes effect now, or at `at`, and takes the place of the version before it by itself.

    Conflict when it is published already; Invalid on `at` when that is past, or sooner than the notice allows that the
    settings promise customers whose prices rise (`overrides_notice`: knowingly; they are told all the same).
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
    effective = at or now
    notice = _notice(locked, effective, now)
    if notice is not None and effective < notice.earliest and not overrides_notice:
        raise Invalid({"at": notice.sentence})
    locked.published_at = now
    locked.effective_at = effective
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
        }
        | (
            {}
            if notice is None
            else {"rises": notice.subscriptions, "notice_overridden": effective < notice.earliest}
        ),
    )


@dataclass(frozen=True, slots=True)
class Notice:
    """How many customers and subscriptions would pay more by a version, and the earliest instant that their notice allows."""

    customers: int
    subscriptions: int
    days: int
    earliest: datetime

    @property
    def sentence(self) -> str:
        """Why it cannot take effect sooner."""
        who = "1 customer pays" if self.customers == 1 else f"{self.customers} customers pay"
        return (
            f"{who} more for what they run, and are told {self.days} days ahead: choose a time from"
            f" {self.earliest:%Y-%m-%d %H:%M} UTC on, or publish without the notice."
        )


def notice_of(version: PriceBookVersion, *, at: datetime | None = None) -> Notice | None:
    """What the notice asks of a publication at `at` (default: now); None when nobody has to be told ahead."""
    own(version)
    now = clock.now()
    return _notice(version, at or now, now)


def _notice(version: PriceBookVersion, effective: datetime, now: datetime) -> Notice | None:
    days = settings().notice_days if version.tenant_id is not None else 0
    if not days:
        return None
    rises = [one for one in running().changes(version, effective) if one.is_rise]
    if not rises:
        return None
    customers = len({one.account_id for one in rises})
    return Notice(customers, len(rises), days, now + timedelta(days=days))


def withdraw(version: PriceBookVersion, *, by: Actor) -> None:
    """Takes back a version that was published for later and has not taken effect; Conflict when it has."""
    own(version)
    now = clock.now()
    if version.effective_at is None or version.withdrawn_at is not None or version.effective_at <= now:
        raise Conflict(f"Version {version.number} is not waiting to take effect.")
    version.withdrawn_at = now
    book = session().get_one(PriceBook, version.book_id)
    events.record("price_book.withdrawn", book, by, {"version": version.number, "version_id": version.id})
