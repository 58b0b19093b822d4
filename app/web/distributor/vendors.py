"""Vendors: what each of them offers here, and the last price sheet that was taken."""

from flask.typing import ResponseReturnValue

from app.domain.reports.queries import resellers
from app.web.kit.area import PLATFORM, Area
from app.web.kit.listing import asked
from app.web.kit.pages import page

area = Area("distributor_vendors", __name__, side=PLATFORM, url_prefix="/distributor/vendors")


@area.get("", can="sheet:read")
def list_vendors() -> ResponseReturnValue:
    """All vendors; a search is for a name."""
    ask = asked()
    return page("distributor/vendors/list.html", ask=ask, found=resellers.vendors(q=ask.q))
