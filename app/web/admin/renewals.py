"""Terms that end soon: who renews, who changes, who leaves, and what it comes to."""

from flask.typing import ResponseReturnValue

from app.domain.reports.queries import renewals
from app.domain.reports.queries.accounts import names_of
from app.web.kit.area import PLATFORM, Area
from app.web.kit.listing import asked, uuid_of
from app.web.kit.pages import page

area = Area("admin_renewals", __name__, side=PLATFORM, url_prefix="/admin/renewals")


@area.get("", can="subscription:read")
def list_renewals() -> ResponseReturnValue:
    """Within 30, 60 or 90 days; the next end first."""
    ask = asked(
        renewals.SORTS,
        "ends",
        within=[str(days) for days in renewals.WITHIN],
        then=renewals.THEN,
        account=None,
    )
    account_id = uuid_of(ask["account"])
    within = int(ask["within"] or renewals.WITHIN[0])
    return page(
        "admin/renewals/list.html",
        ask=ask,
        within=within,
        ahead=renewals.ahead(),
        account_name=names_of([account_id]).get(account_id) if account_id else None,
        found=renewals.renewals(
            within=within,
            then=ask["then"],
            q=ask.q,
            account_id=account_id,
            sort=ask.sort,
            page=ask.page,
            size=ask.size,
        ),
    )
