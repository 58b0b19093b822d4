"""Terms that end soon: who renews, who changes, who leaves, and what it comes to."""

from typing import Any

from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.core.paging import Page
from app.domain.reports.queries import renewals
from app.domain.reports.queries.accounts import names_of
from app.web.kit.area import PLATFORM, Area
from app.web.kit.choices import words
from app.web.kit.exports import amount, day, export_list, number, text
from app.web.kit.listing import Asked, asked, uuid_of
from app.web.kit.pages import page

area = Area("admin_renewals", __name__, side=PLATFORM, url_prefix="/admin/renewals")


@area.get("", can="subscription:read")
def list_renewals() -> ResponseReturnValue:
    """Within 30, 60 or 90 days; the next end first."""
    ask = _ask()
    account_id = uuid_of(ask["account"])
    return page(
        "admin/renewals/list.html",
        ask=ask,
        within=_within(ask),
        ahead=renewals.ahead(),
        account_name=names_of([account_id]).get(account_id) if account_id else None,
        found=_found(ask),
    )


def _ask() -> Asked:
    return asked(
        renewals.SORTS,
        "ends",
        within=[str(days) for days in renewals.WITHIN],
        then=renewals.THEN,
        account=None,
    )


def _within(ask: Asked) -> int:
    return int(ask["within"] or renewals.WITHIN[0])


def _found(ask: Asked) -> Page[Any]:
    return renewals.renewals(
        within=_within(ask),
        then=ask["then"],
        q=ask.q,
        account_id=uuid_of(ask["account"]),
        sort=ask.sort,
        page=ask.page,
        size=ask.size,
    )


def _then(row: Any) -> str:
    if not row.Subscription.is_auto_renewed:
        return _("Ends")
    return _("Changes") if row.RenewalBooking else _("Renews")


def _seats_then(row: Any) -> int:
    is_changed = row.RenewalBooking and row.Subscription.is_auto_renewed
    return row.RenewalBooking.quantity if is_changed else row.Subscription.vendor_quantity


export_list(
    area,
    "",
    can="subscription:read",
    named="renewals",
    rows=lambda: _found(_ask().whole()),
    columns=[
        text(_l("Subscription"), "Subscription.number"),
        text(_l("Product"), "Subscription.title"),
        text(_l("Vendor"), "vendor_name"),
        text(_l("Customer"), "account_name"),
        day(_l("Term ends"), "Subscription.term_ends_on"),
        text(_l("Then"), _then),
        number(_l("Seats"), "Subscription.vendor_quantity"),
        number(_l("Seats then"), _seats_then),
        text(_l("Currency"), "Subscription.currency"),
        amount(
            _l("Each charge"),
            lambda row: row.Subscription.unit_amount * _seats_then(row),
            "Subscription.currency",
        ),
        text(_l("Billing"), lambda row: words("plan", row.Subscription.billing_plan)),
    ],
)
