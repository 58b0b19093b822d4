"""Resellers: the list, one with its shop and its latest orders, and whether its shop is open."""

from typing import Any

from flask import current_app, flash, g
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.core.paging import Page
from app.domain.reports.queries import resellers
from app.domain.tenants import actions as tenants
from app.web.kit.area import PLATFORM, Area
from app.web.kit.exports import export_list, moment, number, text, yes
from app.web.kit.forms import Form
from app.web.kit.happenings import timeline
from app.web.kit.listing import Asked, asked
from app.web.kit.pages import form_page, page, see_other

area = Area("distributor_resellers", __name__, side=PLATFORM, url_prefix="/distributor/resellers")


@area.get("", can="tenant:read")
def list_resellers() -> ResponseReturnValue:
    """Search, open or closed, order, page."""
    ask = _ask()
    return page("distributor/resellers/list.html", ask=ask, found=_found(ask))


def _ask() -> Asked:
    return asked(resellers.SORTS, "name", shop=("open", "closed"))


def _found(ask: Asked) -> Page[Any]:
    return resellers.resellers(q=ask.q, shop=ask["shop"], sort=ask.sort, page=ask.page, size=ask.size)


export_list(
    area,
    "",
    can="tenant:read",
    named="resellers",
    rows=lambda: _found(_ask().whole()),
    columns=[
        text(_l("Reseller"), "Tenant.name"),
        text(_l("Address of the shop"), "host"),
        text(_l("Country"), "Tenant.country"),
        text(_l("Currency"), "Tenant.currency"),
        yes(_l("Open"), "Tenant.is_open"),
        number(_l("Customers"), "customers"),
        number(_l("Orders"), "orders"),
        number(_l("Subscriptions"), "active"),
        moment(_l("Last order"), "last"),
    ],
)


@area.get("/<nickname>", can="tenant:read")
def show_reseller(nickname: str) -> ResponseReturnValue:
    """Its shop's address, customers, orders, people and history."""
    row = resellers.reseller(nickname)
    return page(
        "distributor/resellers/detail.html",
        row=row,
        tenant=row.Tenant,
        shop_address=current_app.config["SETTINGS"].origin(row.host),
        orders=resellers.latest_orders_of(row.Tenant.id),
        staff=resellers.staff_of(row.Tenant.id),
        events=timeline(resellers.events_of(row.Tenant.id)),
    )


@area.route("/<nickname>/opening", methods=["GET", "POST"], can="tenant:edit")
def choose_opening(nickname: str) -> ResponseReturnValue:
    """Asks first, then closes the shop, or opens it again."""
    row = resellers.reseller(nickname)
    form = Form()
    if form.taken():
        tenants.open_shop(row.Tenant, not row.Tenant.is_open, by=g.arrival.actor)
        told = (
            _("The shop of %(name)s is open.") if row.Tenant.is_open else _("The shop of %(name)s is closed.")
        )
        flash(told % {"name": row.Tenant.name}, "good")
        return see_other(".show_reseller", nickname=nickname)
    return form_page("distributor/resellers/opening.html", form, row=row, tenant=row.Tenant)
