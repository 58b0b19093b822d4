"""The list of vendors' promotions, for both who look at it: the distributor, and a reseller for what its customers can buy."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.core.paging import Page
from app.domain.reports.queries import promotions
from app.web.kit.area import Area
from app.web.kit.exports import export_list, moment, number, text
from app.web.kit.listing import Asked, asked


def ask_promotions() -> Asked:
    """What the address asks for."""
    return asked(state=promotions.STATES)


def found_promotions(ask: Asked) -> Page[Any]:
    """The promotions that are asked for; see `reports.queries.promotions`."""
    return promotions.promotions(q=ask.q, state=ask["state"], page=ask.page, size=ask.size)


def _state(row: Any) -> str:
    return {"running": _("Running"), "planned": _("Planned"), "over": _("Over")}[row.state]


def export_promotions(area: Area, rule: str, can: str) -> None:
    """The list as a file."""
    export_list(
        area,
        rule,
        can=can,
        named="promotions",
        rows=lambda: found_promotions(ask_promotions().whole()),
        columns=[
            text(_l("Promotion"), "name"),
            text(_l("Vendor's code"), "code"),
            text(_l("Vendor"), "vendor_name"),
            number(_l("Takes off (%)"), "percent"),
            number(_l("From units"), "min_quantity"),
            number(_l("Up to units"), "max_quantity"),
            number(_l("Offers"), "offers"),
            moment(_l("From"), "starts_at"),
            moment(_l("Until"), "ends_at"),
            text(_l("State"), _state),
        ],
    )
