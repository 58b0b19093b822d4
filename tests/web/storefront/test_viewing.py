"""The shop as a customer sees it, for somebody of the reseller's: how one gets there, what is shown, and that it is all."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from uuid import UUID

import pytest

from app.core import clock
from app.core.events import Event
from app.domain.orders.models import Order
from app.domain.people.models import Person
from app.domain.pricing import actions
from app.domain.pricing.actions import many
from app.domain.pricing.queries import quotes
from app.domain.pricing.rules.checks import RuleInput
from app.web.kit import arrival
from app.web.kit.area import PLATFORM

# sessions end by the database's own clock, so today must be later than it
TODAY = datetime(2037, 11, 26, 12, tzinfo=UTC)
SOLD_FROM = datetime(2037, 12, 20, tzinfo=UTC)
LATER = datetime(2037, 12, 24, 12, tzinfo=UTC)
SAMPLES = {"uuid": str(UUID(int=1)), "int": "1", "default": "nothing", "path": "nothing"}


@pytest.fixture
def offer(shop, otto, nimbus, in_scope):
    """Nimbus pays cost plus 18 %, from mid-December plus 25 %."""
    made = shop.offer("100.00", cost="80.00", maximum=300)
    with clock.at(TODAY), in_scope(otto):
        book = actions.make_book("Standard", "EUR", [RuleInput("percent", Decimal(18))], by=otto.actor)
        actions.assign(book, account_id=nimbus.id, by=otto.actor)
        draft = actions.draft_of(book, by=otto.actor)
        many.rule_selector(draft, RuleInput("percent", Decimal(25)), by=otto.actor)
        actions.publish(draft, at=datetime(2037, 12, 15, tzinfo=UTC), by=otto.actor)
    return made


def _handed_over(browser_for, who, account, at="", quantity=""):
    """A browser of `who` on the page where the pass can be taken."""
    browser = browser_for(who)
    browser.get(f"/admin/accounts/{account.id}/viewing")
    return browser, browser.submit("See the shop", at=at, quantity=quantity)


def _viewing(browser_for, who, account, **asked):
    browser, page = _handed_over(browser_for, who, account, **asked)
    assert page.status == 200, page.text
    browser.submit("See the shop")
    return browser


def test_prices_are_those_the_customer_will_be_quoted_at_that_time_for_so_many(
    app, offer, otto, nimbus, acme, browser_for, in_scope
):
    with clock.at(TODAY):
        browser = _viewing(browser_for, otto, nimbus, at="2037-12-24T13:00", quantity="25")
        assert browser.host == acme.host
        home = browser.page
        page = browser.get(browser.get("/catalogue").link("Product 1"))
        with in_scope(otto):
            then = quotes([(offer, 25)], account_id=nimbus.id, instant=LATER)[offer]
            now = quotes([(offer, 25)], account_id=nimbus.id)[offer]
    assert (now.unit_cycle_price, then.unit_cycle_price) == (Decimal("94.40"), Decimal("100.00"))
    assert "€100.00" in home.text
    assert page.one(".price-now .amount").get_text(strip=True).startswith("€100.00")
    assert "€2,500.00" in page.one("#buy .sums").get_text()
    banner = page.one(".viewing-banner").get_text(" ", strip=True)
    assert "Nimbus GmbH" in banner
    assert "24 Dec 2037, 13:00" in banner
    assert "25 units" in banner
    assert page.response.headers["Cache-Control"] == "no-store"
    assert "Sign in" not in page.text
    assert "80.00" not in page.html  # no cost
    ways_out = {form.get("action") for form in home.all("form[method=post]")}
    assert ways_out == {"/end-of-viewing"}  # no form that would be refused


def test_what_the_vendor_sells_only_then_is_on_the_shelf_then(
    shop, offer, otto, nimbus, browser_for, monkeypatch
):
    monkeypatch.setattr(shop, "price", partial(shop.price, since=SOLD_FROM))
    shop.offer("10.00")
    with clock.at(TODAY):
        assert "Product 2" not in _viewing(browser_for, otto, nimbus).get("/catalogue").text
        assert (
            "Product 2" in _viewing(browser_for, otto, nimbus, at="2037-12-24T13:00").get("/catalogue").text
        )


def test_a_pass_is_good_once_for_two_minutes_on_its_own_host(offer, otto, nimbus, browser_for, globex, acme):
    with clock.at(TODAY):
        browser, page = _handed_over(browser_for, otto, nimbus)
        address = page.path
        assert browser.get(address).status == 200  # looking uses nothing up
        stranger = browser_for(host=globex.host)
        assert stranger.get(address).status == 404
        other = browser_for(host=acme.host)
        other.get(address)
        browser.submit("See the shop")
        assert browser.page.all(".viewing-banner")
        assert other.submit("See the shop").status == 404
        assert not other.get("/").all(".viewing-banner")
        late, page = _handed_over(browser_for, otto, nimbus)
    with clock.at(TODAY + timedelta(minutes=2)):
        assert late.get(page.path).status == 404


def _addresses(app):
    gates = app.extensions["gates"]
    for rule in app.url_map.iter_rules():
        if gates[rule.endpoint].side != PLATFORM:
            path = re.sub(
                r"<([^>]+)>",
                lambda found: SAMPLES[found[1].partition(":")[0] if ":" in found[1] else "default"],
                rule.rule,
            )
            for method in sorted({"GET", "POST"} & set(rule.methods)):
                yield method, path, rule.rule


OPEN = {
    ("GET", "/"), ("GET", "/catalogue"), ("GET", "/catalogue/<uuid:product_id>"), ("GET", "/terms"), ("GET", "/healthz"),
    ("GET", "/assets/<path:name>"), ("GET", "/media/<digest>.png"), ("GET", "/theme/<digest>.css"),
    ("GET", "/theme/<digest>.svg"), ("GET", "/viewing/<token>"), ("POST", "/viewing/<token>"), ("POST", "/end-of-viewing"),
}  # fmt: skip


def _not_refused(app, browser):
    """What answers otherwise than 403, of all that there is on a shop's host. Ending comes last."""
    browser.get("/")
    token, found = browser.csrf(), set()
    for method, path, rule in sorted(_addresses(app), key=lambda one: one[1] == "/end-of-viewing"):
        data = token if method == "POST" else None
        if browser.open(method, path, data=data, follow=False).status != 403:
            found.add((method, rule))
    return found


def test_everything_else_in_the_shop_is_shut(app, offer, shop, ann, otto, nimbus, browser_for, in_scope):
    shop.order(ann, [(offer, 2)])
    with clock.at(TODAY):
        browser = _viewing(browser_for, otto, nimbus)
        browser.get(browser.get("/catalogue").link("Product 1"))
        forged = {"offer": str(offer), "quantity": "1", **browser.csrf()}
        assert browser.post(browser.page.path.split("?")[0], forged).status == 403
        assert _not_refused(app, browser) == OPEN
        assert not browser.get("/").all(".viewing-banner")  # ended by the last one
    with in_scope() as current:
        assert current.query(Order).count() == 1


def test_with_the_gate_off_the_difference_shows(app, offer, otto, nimbus, browser_for, monkeypatch):
    """The mutant: a check that lets everybody through."""
    with clock.at(TODAY):
        browser = _viewing(browser_for, otto, nimbus)
        monkeypatch.setattr(arrival, "_check_gate", lambda *_: None)
        assert len(_not_refused(app, browser) - OPEN) > 10


@pytest.mark.parametrize("change", [{"roles": ["nothing"]}, {"is_active": False}])
def test_who_loses_the_right_sees_list_prices_on_the_next_page(
    offer, otto, nimbus, browser_for, in_scope, change
):
    with clock.at(TODAY):
        browser = _viewing(browser_for, otto, nimbus)
        assert "€94.40" in browser.get("/").text
        with in_scope() as current:
            for name, value in change.items():
                setattr(current.get(Person, otto.id), name, value)
        page = browser.get("/")
        assert not page.all(".viewing-banner")
        assert "€94.40" not in page.text
        with in_scope() as current:
            current.get(Person, otto.id).is_active, current.get(Person, otto.id).roles = (
                True,
                list(otto.roles),
            )
        assert not browser.get("/").all(".viewing-banner")  # and it does not come back


def test_it_is_over_after_half_an_hour_however_much_one_looks(offer, otto, nimbus, browser_for):
    with clock.at(TODAY):
        browser = _viewing(browser_for, otto, nimbus)
    with clock.at(TODAY + timedelta(minutes=29)):
        assert browser.get("/").all(".viewing-banner")
    with clock.at(TODAY + timedelta(minutes=30)):
        assert not browser.get("/").all(".viewing-banner")


def test_kept_pages_are_neither_given_nor_made(app, offer, otto, ann, nimbus, browser_for):
    store = app.extensions["keeping"].store
    with clock.at(TODAY):
        customer = browser_for(ann)
        store.clear()
        for _ in range(2):  # the first answer brings a cookie, and such are not kept
            customer.get("/catalogue")
        kept = store.size
        assert kept
        browser = _viewing(browser_for, otto, nimbus, at="2037-12-24T13:00")
        for path in ("/", "/catalogue", browser.get("/catalogue").link("Product 1")):
            assert "€100.00" in browser.get(path).text
        assert store.size == kept
        assert "€94.40" in customer.get("/catalogue").text
        assert "€94.40" in customer.get("/").text


def test_the_form_says_what_is_wrong_and_the_history_that_one_looked(
    offer, otto, nimbus, quill, browser_for, in_scope, acme
):
    with clock.at(TODAY):
        browser = browser_for(otto)
        home = f"/admin/accounts/{nimbus.id}"
        page = browser.get(browser.get(home).link("See the shop"))
        assert (
            f"form-action 'self' {browser.settings.origin(acme.host)};"
            in page.response.headers["Content-Security-Policy"]
        )
        for at in ("soon", "0001-01-01T00:00", "9999-12-31T23:59"):
            page = browser.submit("See the shop", at=at)
            assert (page.status, len(page.all("#at-error"))) == (422, 1), at
        for quantity in ("0", "-1", "9" * 30, "many"):
            page = browser.submit("See the shop", at="", quantity=quantity)
            assert (page.status, len(page.all("#quantity-error"))) == (422, 1), quantity
        assert browser.get(f"/admin/accounts/{quill.id}/viewing").status == 404
        browser.get(f"{home}/viewing")
        browser.submit("See the shop", quantity="5", follow=False)
        assert "Looked at the shop as this customer" in browser.get(f"{home}/history").text
    with in_scope() as current:
        event = current.query(Event).filter_by(name="account.viewed_as").one()
        assert (event.person_id, event.account_id, event.data["quantity"]) == (otto.id, nimbus.id, 5)
