"""Accounts at vendors and requests for them, as pages show them."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from app.core.db import session
from app.core.errors import NotFound
from app.domain.catalog.models import Vendor
from app.domain.cloud_accounts.models import CloudAccount, CloudAccountRequest
from app.domain.people.models import Account


@dataclass(frozen=True, slots=True)
class AccountRow:
    """One account at a vendor. `is_leaving`: somebody has asked to give it up."""

    account: CloudAccount
    vendor_name: str
    company: str
    is_leaving: bool


@dataclass(frozen=True, slots=True)
class RequestRow:
    """One request for an account."""

    request: CloudAccountRequest
    vendor_name: str
    company: str


def cloud_accounts(*, account_id: UUID | None = None, limit: int = 200) -> list[AccountRow]:
    """The scope's accounts, active ones first. One statement."""
    leaving = (
        select(CloudAccountRequest.id)
        .where(
            CloudAccountRequest.cloud_account_id == CloudAccount.id,
            CloudAccountRequest.state.in_(("on_hold", "confirmed", "in_progress", "unknown")),
        )
        .exists()
    )
    statement = (
        select(CloudAccount, Vendor.name, Account.name, leaving)
        .join(Vendor, Vendor.id == CloudAccount.vendor_id)
        .join(Account, Account.id == CloudAccount.account_id)
        .order_by(CloudAccount.state, CloudAccount.opened_at.desc(), CloudAccount.id)
        .limit(limit)
    )
    if account_id is not None:
        statement = statement.where(CloudAccount.account_id == account_id)
    return [AccountRow(*row) for row in session().execute(statement)]


def cloud_requests(*, account_id: UUID | None = None, limit: int = 50) -> list[RequestRow]:
    """The scope's newest requests. One statement."""
    statement = (
        _requests().order_by(CloudAccountRequest.requested_at.desc(), CloudAccountRequest.id).limit(limit)
    )
    if account_id is not None:
        statement = statement.where(CloudAccountRequest.account_id == account_id)
    return [RequestRow(*row) for row in session().execute(statement)]


def _requests():  # type: ignore[no-untyped-def]
    return (
        select(CloudAccountRequest, Vendor.name, Account.name)
        .join(Vendor, Vendor.id == CloudAccountRequest.vendor_id)
        .join(Account, Account.id == CloudAccountRequest.account_id)
    )


def request_by_id(request_id: UUID) -> RequestRow | None:
    """The request with this id, or None. One statement."""
    found = session().execute(_requests().where(CloudAccountRequest.id == request_id)).first()
    return None if found is None else RequestRow(*found)


def request_by_number(number: str) -> RequestRow:
    """The request with this number. NotFound."""
    found = session().execute(_requests().where(CloudAccountRequest.number == number)).first()
    if found is None:
        raise NotFound
    return RequestRow(*found)


def account_by_number(number: str) -> CloudAccount:
    """The account with this number. NotFound."""
    found = session().scalar(select(CloudAccount).where(CloudAccount.number == number))
    if found is None:
        raise NotFound
    return found


def vendor_choices() -> list[tuple[str, str]]:
    """(id, name) of every vendor, by name."""
    rows = session().execute(select(Vendor.id, Vendor.name).order_by(Vendor.name))
    return [(str(key), name) for key, name in rows]
