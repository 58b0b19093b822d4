"""Customers and their thresholds."""

from app.domain.people.models import Account


def test_a_new_customer_is_opened_and_found(browser_for, in_scope, sam):
    browser = browser_for(sam)
    browser.get("/admin/accounts")
    browser.follow("New customer")
    page = browser.submit(
        "Add customer", name="  Sonnen   Apotheke ", country="DE", currency="EUR", domain="Sonne.Example"
    )
    assert "Sonnen Apotheke is a customer now" in page.text
    with in_scope(sam) as current:
        made = current.query(Account).filter_by(name="Sonnen Apotheke").one()
        assert made.domain == "sonne.example"
    assert "Sonnen Apotheke" in browser.get("/admin/accounts?q=apotheke").text
    assert "No customer matches" in browser.get("/admin/accounts?q=zebra").text


def test_what_cannot_be_taken_is_said_at_its_field_and_stays_typed(browser_for, sam, nimbus):
    browser = browser_for(sam)
    browser.get("/admin/accounts/new")
    page = browser.submit("Add customer", name="Nimbus GmbH", domain="https://nimbus.example/")
    assert page.status == 422
    assert "You have a customer of this name already." in page.one("#name-error").text
    assert "Enter a domain" in page.one("#domain-error").text
    assert page.one("#name")["value"] == "Nimbus GmbH"
    assert page.one("#name")["aria-invalid"] == "true"


def test_two_who_edit_the_same_customer_do_not_overwrite_each_other(browser_for, sam, otto, nimbus):
    first, second = browser_for(sam), browser_for(otto)
    for browser in (first, second):
        browser.get(f"/admin/accounts/{nimbus.id}/edit")
    assert first.submit("Save", name="Nimbus AG").status == 200
    page = second.submit("Save", name="Nimbus SE")
    assert page.status == 409
    assert "Somebody else changed this customer" in page.text


def test_a_customer_is_stopped_from_ordering_and_let_again(browser_for, in_scope, sam, nimbus):
    browser = browser_for(sam)
    browser.get(f"/admin/accounts/{nimbus.id}")
    browser.follow("Stop orders")
    assert "Its people can still sign in" in browser.page.text
    page = browser.submit("Stop orders")
    assert "May not order" in page.text
    assert "Order on behalf" not in page.text
    with in_scope(sam) as current:
        assert not current.get(Account, nimbus.id).can_shop


def test_another_resellers_customer_is_not_there(browser_for, gwen, nimbus):
    browser = browser_for(gwen)
    for path in ("", "/edit", "/history", "/ordering", "/prices", "/shop", "/shop/cart"):
        assert browser.get(f"/admin/accounts/{nimbus.id}{path}").status == 404, path
