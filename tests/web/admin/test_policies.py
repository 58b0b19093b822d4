"""Writing a policy in the console: sentence by sentence in a draft, then published."""

from decimal import Decimal

import pytest

from app.core.db import session
from app.domain.approvals.models import Policy, PolicyVersion
from app.domain.approvals.queries import in_force
from app.domain.catalog.models import Family
from tests.support.shopping import Shopping, over


@pytest.fixture
def shop(app):
    return Shopping(app)


def write(browser, owner, trigger, press="Save in the draft", /, **typed):
    browser.get(f"/admin/policies/{owner}/rules/new?trigger={trigger}")
    return browser.submit(press, **typed)


def publish(browser, owner):
    browser.get(f"/admin/policies/{owner}")
    browser.follow("Publish")
    return browser.submit("Publish", note="As agreed.")


def test_a_draft_asks_nobody_until_it_is_published(browser_for, in_scope, otto, nimbus):
    browser = browser_for(otto)
    page = write(
        browser,
        nimbus.id,
        "window_spend",
        amount="1000",
        currency="EUR",
        period="month",
        who_1="reseller:owner",
    )
    assert "When spending in a calendar month reaches €1,000.00" in page.text
    with in_scope(otto):
        assert in_force(nimbus.id).own is None
    page = publish(browser, nimbus.id)
    assert page.status == 200
    with in_scope(otto):
        rule = in_force(nimbus.id).own.rules[0]
        assert (rule.amount, rule.currency, rule.period, rule.window_days) == (
            Decimal(1000),
            "EUR",
            "month",
            None,
        )
        assert [(step.asks, step.role) for step in rule.steps] == [("reseller", "owner")]
    assert "When spending in a calendar month" in browser.get(f"/admin/accounts/{nimbus.id}").text


def test_every_kind_of_sentence_is_written_moved_and_read(
    browser_for, in_scope, otto, ines, nimbus, paul, shop
):
    browser = browser_for(otto)
    write(browser, "all", "order_total", amount="500", currency="EUR", days_1="2", expiry_1="reseller:owner")
    browser.get("/admin/policies/all/rules/new?trigger=selection&selects=family&q=office")
    family = browser.page.one("[name=selects_id]")["value"]
    page = browser.submit(
        "Save in the draft", selects_id=family, who_1="customer", who_2="reseller:operations"
    )
    assert (
        "an approver of the customer decides within 3 working days, else it is refused; then one of you"
        in page.text
    )
    assert "then one of you with the role operations decides" in page.text
    write(browser, "all", "quantity", quantity="20")
    write(browser, "all", "margin_under", percent="12.5")
    write(browser, "all", "first_order")
    write(browser, "all", "change", subject_type="cancellation")
    write(
        browser, "all", "always", who_1="people", people_1=[str(otto.id), str(ines.id)], needs_1="all",
        expiry_1=f"person:{otto.id}",
    )  # fmt: skip
    assert "Otto Richter and Ines Vogel decide within" in " ".join(browser.page.text.split())
    browser.submit(browser.page.all("form[action$='/rules/2/place']")[0]["action"], "Move rule 2 up")
    browser.submit("/admin/policies/all/rules/3/removal")
    publish(browser, "all")
    with in_scope(otto):
        rules = in_force(nimbus.id).general.rules
        assert [rule.trigger for rule in rules] == [
            "selection", "order_total", "margin_under", "first_order", "change", "always"
        ]  # fmt: skip
        office = session().query(Family).filter_by(name="Office 365").one()
        assert (rules[0].selects, rules[0].selects_id, rules[0].selects_name) == (
            "family",
            office.id,
            "Office 365",
        )
        assert rules[1].steps[0].on_expiry == "escalate"
        assert rules[2].percent == Decimal("12.5")
        assert (rules[5].steps[0].needs, len(rules[5].steps[0].people)) == ("all", 2)


@pytest.mark.parametrize("typed", ["", "5e2", "-1", "1_000", "NaN", "٣"])
def test_an_unreadable_amount_is_refused_at_its_field(browser_for, otto, nimbus, typed):
    page = write(browser_for(otto), nimbus.id, "order_total", amount=typed)
    assert page.status == 422
    assert page.one("#amount-error")


def test_somebody_elses_customer_cannot_be_named(browser_for, in_scope, otto, nimbus, liam):
    browser = browser_for(otto)
    browser.get(f"/admin/policies/{nimbus.id}/rules/new?trigger=always")
    form = dict(browser.csrf()) | {
        "who_1": "people",
        "people_1": str(liam.id),
        "days_1": "3",
        "expiry_1": "refuse",
    }
    page = browser.post(f"/admin/policies/{nimbus.id}/rules/new?trigger=always", form)
    assert page.status == 422
    with in_scope(otto):
        assert session().query(Policy).count() == 0


def test_two_who_write_at_once_do_not_overwrite_each_other(browser_for, otto, ines, nimbus):
    write(browser_for(otto), nimbus.id, "always")
    late, first = browser_for(otto), browser_for(ines)
    late.get(f"/admin/policies/{nimbus.id}/publication")
    write(first, nimbus.id, "first_order")
    page = late.submit("Publish")
    assert page.status == 422
    assert "Somebody has changed the draft" in page.text


def test_a_customer_goes_back_to_the_rules_for_all(browser_for, in_scope, otto, nimbus, shop):
    shop.policy(otto, None, over("500"))
    shop.policy(otto, nimbus, over("100"))
    browser = browser_for(otto)
    browser.get(f"/admin/policies/{nimbus.id}")
    browser.follow("Go back to the rules for all customers")
    assert "€500.00" in browser.page.text
    browser.submit("Go back to them")
    with in_scope(otto):
        assert in_force(nimbus.id).own is None
        assert session().query(PolicyVersion).count() == 3


def test_nothing_waits_only_on_purpose(browser_for, in_scope, otto, nimbus):
    browser = browser_for(otto)
    browser.get("/admin/policies/all")
    browser.submit("Start a draft without rules")
    page = publish(browser, "all")
    assert "everything goes straight through" in page.text
    with in_scope(otto):
        assert in_force(nimbus.id).that_counts.rules == ()


def test_sales_writes_no_policies_and_strangers_find_none(browser_for, sam, gwen, nimbus):
    browser = browser_for(sam)
    assert browser.get(f"/admin/policies/{nimbus.id}").status == 403
    assert f"/admin/policies/{nimbus.id}" not in browser.get(f"/admin/accounts/{nimbus.id}").html
    for path in ("", "/publication", "/rules/new", "/rehearsal"):
        assert browser_for(gwen).get(f"/admin/policies/{nimbus.id}{path}").status == 404, path
    assert browser_for(gwen).get("/admin/policies/nonsense").status == 404


def test_a_draft_is_rehearsed_over_what_was_ordered(browser_for, in_scope, otto, ann, nimbus, shop, worker):
    shop.policy(otto, nimbus, over("500"))
    offer = shop.offer("10.00")
    for quantity in (10, 20, 60):
        shop.order(ann, [(offer, quantity)])
    browser = browser_for(otto)
    browser.get(f"/admin/policies/{nimbus.id}/rules/1")
    browser.submit("Save in the draft", amount="150")
    browser.follow("Rehearse")
    assert "Not rehearsed yet" in browser.page.text
    browser.submit("Rehearse the draft")
    assert "Replaying orders" in browser.page.text
    worker("approvals.rehearse")
    page = browser.get(f"/admin/policies/{nimbus.id}/rehearsal")
    text = page.text
    assert "Orders 3" in text
    assert "Would have waited 2" in text
    assert "with the rules in force: 1" in text
    assert "When an order comes to €150.00 or more 2" in text
    assert "Nimbus GmbH 3 2 1" in text
    assert not page.all("[hx-trigger='every 1s']")
    browser.get(f"/admin/policies/{nimbus.id}/rules/1")
    browser.submit("Save in the draft", amount="700")
    assert "Not rehearsed yet" in browser.get(f"/admin/policies/{nimbus.id}/rehearsal").text


def test_working_days_are_set(browser_for, in_scope, otto):
    browser = browser_for(otto)
    browser.get("/admin/working-days")
    assert browser.submit("Save", holidays="2026-12-25\ntomorrow").status == 422
    assert "tomorrow" in browser.page.one("#holidays-error").text
    browser.submit("Save", weekdays=["0", "1", "2", "3"], holidays="2026-12-25")
    assert [box["value"] for box in browser.page.all("[name=weekdays][checked]")] == ["0", "1", "2", "3"]
    assert "2026-12-25" in browser.page.one("#holidays").text
