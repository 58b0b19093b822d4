"""What the clock does about people: links from mails that are long over are cleared away."""

from datetime import timedelta

from sqlalchemy import delete

from app.core import clock, scope
from app.core.jobs import job
from app.core.unit import unit
from app.domain.people.models import AccessLink, ViewingPass

KEEP_LINKS = timedelta(days=30)


@job("people.clear_links", cron="37 3 * * *")
def clear_links() -> None:
    """Removes links that ended a month ago; until then they tell an administrator what was sent."""
    with unit(scope.everyone(reason="nightly clearing of old links")) as session:
        session.execute(delete(AccessLink).where(AccessLink.expires_at < clock.since(KEEP_LINKS)))
        session.execute(delete(ViewingPass).where(ViewingPass.expires_at < clock.since(KEEP_LINKS)))
