"""Accounts at vendors: the reseller's people decide, whatever the policy says; then the vendor is asked, once."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.core import clock
from app.core.errors import Conflict, Forbidden, Invalid, NotFound
from app.core.ids import new_id
from app.domain.approvals.actions import decide
from app.domain.approvals.errors import SelfDecision, StaleAsk
from app.domain.approvals.queries import request_detail
from app.domain.cloud_accounts.actions import add_details, request_account, withdraw_request
from app.domain.cloud_accounts.checks import check
from app.domain.cloud_accounts.models import CloudAccount, CloudAccountRequest
from app.domain.orders.rules.terms import STANDARD
from tests.support.fake_vendor import once, timed_out
from tests.support.seeding import in_scope


@pytest.fixture
def ask(app, shop, otto, nimbus):
    """Asks as Nimbus's people do; its policy asks for nothing."""
    shop.policy(otto, nimbus)

    def make(who, kind="provision", account=None, **said):
        said = {
            "vendor_id": shop.vendor,
            "domain": "nimbus.example",
            "email": "ann@nimbus.example",
            "accepted_terms": STANDARD,
            "intent_id": new_id(),
        } | said
        with in_scope(app, who):
            return request_account((account or nimbus).id, kind, by=who.actor, **said).id

    return make


@pytest.fixture
def settle(app):
    """Decides a request over what its page shows now."""

    def act(who, request_id, answer="approved", **said):
        with in_scope(app, who) as current:
            asked = current.get(CloudAccountRequest, request_id)
            shown = request_detail(asked.approval_request_id, who.actor)
            said = {"digest": shown.digest, "step": shown.row.step, "comment": "Fine."} | said
            decide(asked.approval_request_id, answer, **said, by=who.actor)

    return act


def look(shop, request_id):
    with shop.looking() as current:
        request = current.get(CloudAccountRequest, request_id)
        accounts = current.scalars(select(CloudAccount)).all()
        return request.state, request.reason, [(one.state, one.vendor_account_id) for one in accounts]


def test_an_account_is_opened_only_after_a_decision_and_then_once(
    ask, settle, shop, ann, otto, vendor, worker
):
    request = ask(ann)
    worker("cloud_accounts.%")
    assert look(shop, request) == ("on_hold", "", [])
    settle(otto, request)
    worker("cloud_accounts.%")
    assert look(shop, request) == ("completed", "", [("active", "at-vendor-nimbus.example")])
    assert worker("cloud_accounts.%") == []
    with shop.looking():
        assert check() == []


def test_one_that_exists_is_linked_and_given_up_again(ask, settle, shop, ann, otto, vendor, worker, app):
    linked = ask(ann, "link", vendor_account_id="tenant-4711")
    settle(otto, linked)
    worker("cloud_accounts.%")
    assert look(shop, linked)[2] == [("active", "tenant-4711")]
    with shop.looking() as current:
        account = current.scalars(select(CloudAccount.id)).one()
    leaving = ask(ann, "deletion", cloud_account_id=account)
    settle(otto, leaving)
    worker("cloud_accounts.%")
    assert look(shop, leaving)[2] == [("closed", "tenant-4711")]
    with pytest.raises(Conflict, match="given up already"):
        ask(ann, "deletion", cloud_account_id=account)


def test_what_the_vendor_refuses_has_failed_with_its_sentence(ask, settle, shop, ann, otto, vendor, worker):
    request = ask(ann, "link", vendor_account_id="none-such")
    settle(otto, request)
    worker("cloud_accounts.%")
    assert look(shop, request) == ("failed", "The customer was not found.", [])


def test_an_account_of_another_customers_cannot_be_linked(
    ask, settle, shop, ann, liam, harbour, otto, vendor, worker
):
    shop.policy(otto, harbour)
    first = ask(ann, "link", vendor_account_id="tenant-4711")
    settle(otto, first)
    worker("cloud_accounts.%")
    second = ask(liam, "link", account=harbour, vendor_account_id="tenant-4711")
    settle(otto, second)
    worker("cloud_accounts.%")
    assert look(shop, second)[:2] == ("failed", "This account belongs to a customer already.")


def test_a_lost_answer_is_being_checked_and_opens_no_second_account(
    ask, settle, shop, ann, otto, vendor, worker
):
    request = ask(ann)
    settle(otto, request)
    vendor.after_change = once(timed_out())
    worker("cloud_accounts.%")
    assert look(shop, request)[0] == "unknown"
    with clock.at(clock.now() + timedelta(hours=1)):
        worker("cloud_accounts.%")
    assert look(shop, request)[0] == "completed"
    assert len(vendor.accounts) == 1


def test_nobody_decides_what_they_asked_on_behalf_and_what_is_asked_cannot_change(
    ask, settle, shop, otto, ines, vendor, worker, app
):
    request = ask(otto)
    with pytest.raises(SelfDecision):
        settle(otto, request)
    with in_scope(app, ines):
        add_details(request, {"payer_account": "12-34"}, by=ines.actor)
    with in_scope(app) as current:
        current.get(CloudAccountRequest, request).domain = "elsewhere.example"
    with pytest.raises(StaleAsk):
        settle(ines, request)


def test_what_the_reseller_adds_does_not_change_what_is_asked(
    ask, settle, shop, ann, otto, ines, vendor, app
):
    request = ask(ann)
    with in_scope(app, ines):
        add_details(request, {"payer_account": " 12-34 ", "contract_number": ""}, by=ines.actor)
    settle(otto, request)
    with shop.looking() as current:
        assert current.get(CloudAccountRequest, request).details == {"payer_account": "12-34"}
    with in_scope(app, ines), pytest.raises(Conflict, match="has been decided"):
        add_details(request, {}, by=ines.actor)


def test_a_refusal_and_a_withdrawal_touch_nothing(ask, settle, shop, ann, bea, otto, vendor, worker, app):
    refused, taken_back = ask(ann), ask(ann, domain="other.example")
    settle(otto, refused, "refused", comment="Use the one you have.")
    with in_scope(app, bea), pytest.raises(Forbidden):
        withdraw_request(taken_back, by=bea.actor)
    with in_scope(app, ann):
        withdraw_request(taken_back, by=ann.actor)
    worker("cloud_accounts.%")
    assert vendor.accounts == {}
    assert look(shop, refused)[:2] == ("canceled", "Refused: Use the one you have.")


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("domain", {"domain": "nimbus"}),
        ("email", {"email": "ann"}),
        ("vendor_id", {"vendor_id": None}),
        ("accepted_terms", {"accepted_terms": ""}),
        ("vendor_account_id", {"kind": "link", "vendor_account_id": "a b"}),
        ("note", {"note": "x" * 501}),
    ],
)
def test_what_cannot_be_read_is_said_beside_its_field(ask, ann, field, said):
    with pytest.raises(Invalid) as refused:
        ask(ann, **said)
    assert set(refused.value.errors) == {field}


def test_pressing_twice_is_one_request_and_a_twin_is_refused(ask, shop, ann, gwen, nimbus):
    intent = new_id()
    assert ask(ann, intent_id=intent) == ask(ann, intent_id=intent)
    with pytest.raises(Conflict, match="asks for this already"):
        ask(ann)
    with pytest.raises(NotFound):
        ask(gwen, account=nimbus)
