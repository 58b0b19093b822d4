"""Where somebody of the reseller's comes over from the console to see the shop as a customer, and where that ends."""

from flask import g, request, session
from flask.typing import ResponseReturnValue

from app.domain.people import actions
from app.web.kit.area import PUBLIC, SHOP, Area
from app.web.kit.forms import Form
from app.web.kit.pages import page, see_other

area = Area("viewing", __name__, side=SHOP)


@area.route("/viewing/<token>", methods=["GET", "POST"], can=PUBLIC, viewed=True)
def take_viewing_pass(token: str) -> ResponseReturnValue:
    """GET says what will be seen and changes nothing; the button takes the pass, which is good once."""
    here = {"host": g.arrival.host, "address": request.remote_addr or ""}
    form = Form()
    if form.taken():
        session.view_as(actions.take_viewing_pass(token, **here))  # type: ignore[attr-defined]
        return see_other("home.show_home")
    given, customer = actions.check_viewing_pass(token, **here)
    return page("shop/viewing.html", form=form, given=given, customer=customer)


@area.post("/end-of-viewing", can=PUBLIC, viewed=True)
def end_viewing() -> ResponseReturnValue:
    """Back to being a stranger. Does nothing to anybody who does not view."""
    if g.arrival.viewing is not None:
        session.end()  # type: ignore[attr-defined]
    return see_other("home.show_home")
