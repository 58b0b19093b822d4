"""What the shop shows: whole vendors and families, and single products that go their own way."""

from urllib.parse import parse_qsl

from flask import flash, g
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import HiddenField

from app.core.errors import BadRequest
from app.domain.catalog import actions
from app.domain.reports.queries import catalogue
from app.web.kit.area import PLATFORM, Area
from app.web.kit.forms import Form
from app.web.kit.listing import asked, uuid_of
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
    ask = asked(vendor=None, family=None, shown=("yes", "no"))
    market = g.arrival.shop.country
    return page(
        "admin/catalogue/list.html",
        ask=ask,
        families=catalogue.families(market=market),
        found=catalogue.shown_products(
            market=market,
            q=ask.q,
            vendor_id=uuid_of(ask["vendor"]),
            family_id=uuid_of(ask["family"]),
            shown=ask["shown"],
            page=ask.page,
            size=ask.size,
        ),
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
