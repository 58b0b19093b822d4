"""A customer's accounts at vendors, from asking to having, with the reseller's decision in between."""

from sqlalchemy import select

from app.domain.approvals.models import ApprovalRequest
from app.domain.vendors import Vendors
from tests.support.fake_vendor import FakeVendor


def test_from_asking_to_having_it(
    app, shop, ann, bea, otto, nimbus, browser_for, worker, monkeypatch, statements
):
    monkeypatch.setitem(app.extensions, "vendors", Vendors({"microsoft": FakeVendor()}))
    shop.policy(otto, nimbus)
    browser = browser_for(ann)
    assert "No accounts yet" in browser.get("/cloud-accounts").text
    browser.follow("Link one")
    page = browser.submit("Ask to link it", domain="nimbus", vendor_account_id="tenant-4711")
    assert page.status == 422
    assert "Enter a domain" in page.one("#errors").get_text()
    assert "accept the terms" in page.one("#errors").get_text()
    assert page.one("[name=vendor_account_id]")["value"] == "tenant-4711"
    page = browser.submit("Ask to link it", domain="nimbus.example", accepted_terms=True, note="Ours.")
    assert page.path == "/cloud-accounts"
    assert "Waiting for approval" in page.text

    with shop.looking() as current:
        request = current.scalars(select(ApprovalRequest.id)).one()
    desk = browser_for(otto)
    assert "nimbus.example" in desk.get("/admin/approvals").text
    page = desk.get(f"/admin/approvals/{request}")
    assert "tenant-4711" in page.text
    desk.follow("Add your own particulars")
    page = desk.submit("Keep them", payer_account="12-34")
    assert page.one("[name=payer_account]")["value"] == "12-34"
    desk.get(f"/admin/approvals/{request}")
    desk.submit("#decision", "Approve")
    worker("cloud_accounts.%")

    with statements() as seen:
        page = browser.get("/cloud-accounts")
    assert len(seen) <= 6
    assert "tenant-4711" in page.text
    assert "12-34" not in page.text
    page = browser.follow("Give up")
    assert "cannot be undone" in page.text
    browser.submit("Ask to give it up", accepted_terms=True)
    page = browser.submit("Take it back")
    assert "is taken back" in page.text
    assert browser_for(bea).get("/cloud-accounts/new").status == 403


def test_the_console_asks_on_behalf_and_somebody_else_decides(shop, nimbus, otto, gwen, browser_for):
    shop.policy(otto, nimbus)
    browser = browser_for(otto)
    path = f"/admin/accounts/{nimbus.id}/cloud-accounts/new"
    browser.get(path)
    page = browser.submit("Ask for the account", domain="nimbus.example", accepted_terms=True)
    assert page.path == "/admin/cloud-accounts"
    page = browser.follow("nimbus.example")
    page = browser.follow("Decide")
    assert not page.all("#decision")
    assert "You asked for this yourself" in page.text
    assert browser_for(gwen).get(path).status == 404
