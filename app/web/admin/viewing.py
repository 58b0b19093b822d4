"""From a customer's page over to the shop, to see it as this customer at a date and for a quantity."""

from uuid import UUID

from flask import current_app, g, make_response, redirect
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import StringField

from app.core import clock
from app.core.errors import Invalid
from app.domain.orders.rules.quantities import check_quantity, parse_quantity
from app.domain.people.actions import make_viewing_pass
from app.domain.people.queries import account as find_account
from app.web.kit.area import PLATFORM, Area
from app.web.kit.forms import Form
from app.web.kit.pages import form_page
from app.web.kit.security import POLICY
from app.web.kit.times import local_instant, typed_local

area = Area("admin_viewing", __name__, side=PLATFORM, url_prefix="/admin")


class ViewingForm(Form):
    """When, and how many."""

    at = StringField(_l("Date and time"))
    quantity = StringField(_l("Quantity"))


@area.route("/accounts/<uuid:account_id>/viewing", methods=["GET", "POST"], can="pricing:read")
def view_shop(account_id: UUID) -> ResponseReturnValue:
    """The form; then over to the shop's own host with a pass that is good once, for two minutes."""
    shop, customer = g.arrival.shop, find_account(account_id)
    origin = current_app.config["SETTINGS"].origin(shop.host)
    form = ViewingForm(data={"at": typed_local(clock.now(), shop.time_zone)})
    if form.taken():
        typed = (form.at.data or "").strip()
        instant = local_instant(typed, shop.time_zone) if typed else clock.now()
        try:
            if instant is None:
                raise Invalid({"at": _("Enter a date and a time.")})
            quantity = _quantity(form.quantity.data or "")
            token = make_viewing_pass(
                customer, instant=instant, quantity=quantity, host=shop.host, by=g.arrival.actor
            )
            return redirect(f"{origin}/viewing/{token}", 303)
        except Invalid as invalid:
            form.blame(invalid)
    response = make_response(form_page("admin/accounts/viewing.html", form, customer=customer))
    # this form alone leads to another host, and browsers hold a form to the policy wherever it is sent on to
    response.headers["Content-Security-Policy"] = POLICY.replace(
        "form-action 'self'", f"form-action 'self' {origin}"
    )
    return response


def _quantity(typed: str) -> int | None:
    if not typed.strip():
        return None
    quantity = parse_quantity(typed)
    check_quantity(quantity, minimum=1, maximum=None)
    return quantity
