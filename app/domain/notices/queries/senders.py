"""The address a reseller's mails come from."""

from sqlalchemy import select

from app.core.db import session
from app.domain.notices.models import SenderDomain


def sender() -> SenderDomain | None:
    """What the reseller in scope has asked for, proved or not. One query."""
    return session().scalar(select(SenderDomain))


def proved_address() -> str:
    """The address mails of the reseller in scope come from; empty for the platform's own. One query."""
    found = session().scalar(select(SenderDomain.address).where(SenderDomain.verified_at.is_not(None)))
    return found or ""
