"""What the shop shows: whole vendors and families, and single products that go their own way."""

from typing import Any
from urllib.parse import parse_qsl

from flask import flash, g
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField

from app.core.errors import BadRequest
from app.core.paging import Page
from app.domain.catalog import actions
from app.domain.reports.queries import catalogue
from app.web.kit.area import PLATFORM, Area
from app.web.kit.exports import export_list, number, text, yes
from app.web.kit.forms import Form
from app.web.kit.listing import Asked, asked, uuid_of
from app.web.kit.pages import page, see_other

area = Area("admin_catalogue", __name__, side=PLATFORM, url_prefix="/admin/catalogue")

ANSWERS = {"show": True, "hide": False, "follow": None}


class ChoiceForm(Form):
    """One switch: what it is about, what is to be, and where to go back to."""

    kind = HiddenField()
    target_id = HiddenField()
    choice = HiddenField()
    back = HiddenField()


@area.get("", can="catalog:read")
def list_catalogue() -> ResponseReturnValue:
    """Vendors and families with their switches, and the products that the search finds with theirs."""
    ask = _ask()
    return page(
        "admin/catalogue/list.html",
        ask=ask,
        families=catalogue.families(market=g.arrival.shop.country),
        found=_found(ask),
    )


def _ask() -> Asked:
    return asked(vendor=None, family=None, shown=("yes", "no"))


def _found(ask: Asked) -> Page[Any]:
    return catalogue.shown_products(
        market=g.arrival.shop.country,
        q=ask.q,
        vendor_id=uuid_of(ask["vendor"]),
        family_id=uuid_of(ask["family"]),
        shown=ask["shown"],
        page=ask.page,
        size=ask.size,
    )


export_list(
    area,
    "",
    can="catalog:read",
    named="catalogue",
    rows=lambda: _found(_ask().whole()),
    columns=[
        text(_l("Product"), "Product.title"),
        text(_l("Vendor's id"), "Product.vendor_product_id"),
        text(_l("Vendor"), "vendor_name"),
        text(_l("Family"), "family_name"),
        number(_l("Offers"), "offers"),
        yes(_l("In the shop"), "is_shown"),
        text(
            _l("Own choice"),
            lambda row: "" if row.own is None else _("Shown") if row.own else _("Hidden"),
        ),
    ],
)


@area.post("/choices", can="catalog:edit")
def choose() -> ResponseReturnValue:
    """Shows or hides one thing, or lets it follow the wider choice; the shop changes at once."""
    form = ChoiceForm()
    form.taken()
    target_id = uuid_of(form.target_id.data or "")
    if target_id is None or form.choice.data not in ANSWERS:
        raise BadRequest(_("Use the switches on the page."))
    actions.choose(form.kind.data or "", target_id, ANSWERS[form.choice.data], by=g.arrival.actor)
    flash(_("The shop shows it so from now on."), "good")
    back = form.back.data or ""
    return see_other(".list_catalogue", **_query(back))


def _query(back: str) -> dict[str, str]:
    """The filters of the page the switch stood on; nothing else of the address is believed."""
    allowed = ("q", "vendor", "family", "shown", "page")
    return {name: value for name, value in parse_qsl(back[:400]) if name in allowed}
