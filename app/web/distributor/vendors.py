"""Vendors: what each of them offers here, and the last price sheet that was taken."""

from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from app.domain.reports.queries import resellers
from app.web.kit.area import PLATFORM, Area
from app.web.kit.exports import export_list, moment, number, text
from app.web.kit.listing import asked
from app.web.kit.pages import page

area = Area("distributor_vendors", __name__, side=PLATFORM, url_prefix="/distributor/vendors")


@area.get("", can="sheet:read")
def list_vendors() -> ResponseReturnValue:
    """All vendors; a search is for a name."""
    ask = asked()
    return page("distributor/vendors/list.html", ask=ask, found=resellers.vendors(q=ask.q))


export_list(
    area,
    "",
    can="sheet:read",
    named="vendors",
    rows=lambda: resellers.vendors(q=asked().q),
    columns=[
        text(_l("Vendor"), "Vendor.name"),
        text(_l("Key"), "Vendor.key"),
        number(_l("Products"), "products"),
        number(_l("Offers"), "offers"),
        moment(_l("Last price sheet"), "sheet_at"),
        text(_l("File"), "sheet_name"),
    ],
)
