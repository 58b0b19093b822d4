"""The reseller's working days."""

from uuid import UUID

from sqlalchemy import select

from app.core.db import session
from app.domain.approvals.models import Calendar
from app.domain.approvals.rules.calendar import MONDAY_TO_FRIDAY, WorkingCalendar
from app.domain.people.models import Account
from app.domain.tenants.models import Tenant


def working_calendar(account_id: UUID) -> WorkingCalendar:
    """The working days of the customer's reseller; Monday to Friday where none were set. One query."""
    zone, weekdays, holidays = (
        session()
        .execute(
            select(Tenant.time_zone, Calendar.weekdays, Calendar.holidays)
            .outerjoin(Calendar, Calendar.tenant_id == Tenant.id)
            .join(Account, Account.tenant_id == Tenant.id)
            .where(Account.id == account_id)
        )
        .one()
    )
    return WorkingCalendar(
        zone, MONDAY_TO_FRIDAY if weekdays is None else frozenset(weekdays), frozenset(holidays or ())
    )


def calendar_of_shop(tenant_id: UUID | None) -> WorkingCalendar:
    """The working days of one reseller. One query."""
    row = session().scalars(select(Calendar).where(Calendar.tenant_id == tenant_id)).one_or_none()
    if row is None:
        return WorkingCalendar()
    return WorkingCalendar(weekdays=frozenset(row.weekdays), holidays=frozenset(row.holidays))
