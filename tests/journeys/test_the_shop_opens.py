"""The whole main job, lived through as its people would: from the vendor's price sheet to a running subscription.

Everything goes through pages and their forms; the worker runs real jobs, and the vendor is the sandbox over real HTTP.
"""

import io
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import func, select

from app.connectors.sandbox.connector import SandboxConnector
from app.demo.sheets import write_sheet
from app.domain.catalog.actions.sheets import add_vendor
from app.domain.catalog.models import PriceSheet, VendorPrice
from app.domain.vendors import Vendors
from tests.support.browser import Browser
from tests.support.mailbox import Mailbox
from tests.support.sandbox import TOKEN, SandboxServer
from tests.support.seeding import Met, Seeds
from tests.support.working import Worker

BOOK = "Nimbus 2026"
FIXED, LIST_MINUS, PLAIN = (
    "Microsoft 365 Business Premium",
    "Microsoft 365 Business Standard",
    "Microsoft 365 Business Basic",
)


@pytest.fixture(scope="module")
def vendor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxServer]:
    server = SandboxServer(tmp_path_factory.mktemp("vendor") / "state.sqlite").start()
    yield server
    server.stop()


@pytest.fixture
def house(
    app: Flask, seeds: Seeds, vendor: SandboxServer, monkeypatch: pytest.MonkeyPatch, in_scope: Callable
) -> Iterator[Seeds]:
    """Everybody is there, the vendor is connected, and no price has come in yet."""
    connector = SandboxConnector(vendor.url, TOKEN, timedelta(seconds=10))
    monkeypatch.setitem(app.extensions, "vendors", Vendors({"microsoft": connector}))
    seeds.everyone()
    with in_scope():
        add_vendor("microsoft", "Microsoft")
    vendor.reset()
    yield seeds
    connector.close()


def sheet(**options: object) -> tuple[io.BytesIO, str]:
    out = io.BytesIO()
    write_sheet(out, offers=400, markets={"DE": ("EUR",), "GB": ("GBP",)}, **options)
    out.seek(0)
    return out, "prices.csv"


def picture() -> tuple[io.BytesIO, str]:
    out = io.BytesIO()
    Image.new("RGB", (400, 120), "#0b5bd3").save(out, "PNG")
    out.seek(0)
    return out, "logo.png"


def import_sheet(dora: Browser, worker: Worker) -> str:
    dora.get("/distributor/price-sheets/new")
    dora.submit("Upload and read", vendor="microsoft", file=sheet())
    assert dora.page.status == 200
    worker("catalog.%")
    return dora.get(dora.page.path).text


def make_book(sam: Browser) -> None:
    """Default cost + 18 %, one fixed price, one product at list - 5 %; published."""
    sam.get("/admin/price-books/new")
    sam.submit("Make the draft", name=BOOK, currency="EUR", base="cost", kind="percent", value="18")
    book = sam.page.path.split("?")[0]
    for selector, words, kind, value in (
        ("offer", FIXED, "fixed", "9.90"),
        ("product", LIST_MINUS, "list_minus", "5"),
    ):
        sam.get(f"{book}/rules/new?selector={selector}&q={words}")
        sam.submit("Save in the draft", target_id=target(sam, words), kind=kind, value=value)
        assert sam.page.status == 200, sam.page.text
    sam.get(f"{book}/publication")
    sam.submit("Publish")
    assert sam.page.status == 200, sam.page.text


def target(who: Browser, words: str) -> str:
    """The choice for the product, or for its offer for a year, billed monthly."""
    for label in who.page.all("label.option"):
        told = label.get_text(" ", strip=True)
        if words in told and (" year" not in told or ("1 year" in told and "monthly" in told)):
            return str(label.select_one("input")["value"])
    raise AssertionError(
        f"{words} is not among {[o.get_text(' ', strip=True) for o in who.page.all('label.option')]}"
    )


def give_book(otto: Browser, nimbus: Met) -> None:
    otto.get(f"/admin/accounts/{nimbus.id}/prices")
    choice = next(o for o in otto.page.all("select[name=book_id] option") if BOOK in o.get_text())
    otto.submit("Save", book_id=choice["value"])


def set_threshold(otto: Browser, nimbus: Met) -> None:
    otto.get(f"/admin/policies/{nimbus.id}/rules/new?trigger=window_spend")
    otto.submit("Save in the draft", amount="500", currency="EUR", window_days="30", who_1="reseller")
    otto.follow("Publish")
    otto.submit("Publish")
    assert otto.page.status == 200, otto.page.text


def open_product(who: Browser, words: str) -> None:
    who.get(f"/catalogue?q={words}")
    card = next(a for a in who.page.all("main a[href^='/catalogue/']") if words in a.get_text(" "))
    who.get(str(card["href"]))


def put_into_cart(ann: Browser, words: str, quantity: int) -> None:
    open_product(ann, words)
    ann.submit(ann.page.path, quantity=str(quantity))
    assert ann.page.path == "/cart", ann.page.text


def check_out(ann: Browser, number: str = "PO-4711") -> str:
    ann.get("/checkout")
    ann.submit("Place the order", purchase_order_number=number, accepted_terms=True)
    assert ann.page.status == 200 and "/orders/" in ann.page.path, ann.page.text
    return ann.page.path.rsplit("/", 1)[1]


@pytest.fixture
def open_shop(house: Seeds, browser_for: Callable[..., Browser], worker: Worker) -> Seeds:
    """The sheet is in, Acme has its book and its threshold for Nimbus."""
    import_sheet(browser_for(house.meet("dora")), worker)
    otto, nimbus = browser_for(house.meet("otto")), house.meet("nimbus")
    make_book(otto)
    give_book(otto, nimbus)
    set_threshold(otto, nimbus)
    return house


def test_a_sheet_comes_in_and_says_what_was_new_and_coming_again_changes_nothing(
    house, browser_for, worker, in_scope
) -> None:
    dora = browser_for(house.meet("dora"))
    told = import_sheet(dora, worker)
    assert "new" in told.lower() and "refused" in told.lower()
    stranger = browser_for(host="acme.localhost").get(f"/catalogue?q={FIXED}")
    assert any(FIXED in link.get_text(" ") for link in stranger.all("main a[href^='/catalogue/']"))
    with in_scope(read_only=True) as session:
        prices = session.scalar(select(func.count()).select_from(VendorPrice))
    import_sheet(dora, worker)
    with in_scope(read_only=True) as session:
        assert session.scalar(select(func.count()).select_from(VendorPrice)) == prices >= 400
        first, second = session.scalars(select(PriceSheet).order_by(PriceSheet.created_at))
        assert (first.new, first.refused, second.new, second.changed) == (prices, 0, 0, 0)
        assert second.unchanged == prices


def test_a_reseller_dresses_its_shop_and_the_shop_wears_it(house, browser_for) -> None:
    olivia = browser_for(house.meet("olivia"))
    olivia.get("/admin/brand")
    olivia.submit(
        "Save and show in the shop", logo_file=picture(), brand_color="#0b5bd3", accent_color="#f2a900"
    )
    assert olivia.page.status == 200, olivia.page.text
    shop = browser_for(host="acme.localhost").get("/")
    assert shop.all("header img"), "the shop shows no logo"
    logo = shop.one("header img")["src"]
    assert browser_for(host="acme.localhost").get(logo).response.content_type == "image/png"
    sheet_url = next(
        str(link["href"]) for link in shop.all("link[rel=stylesheet]") if "/theme/" in link["href"]
    )
    assert "#0b5bd3" in browser_for(host="acme.localhost").get(sheet_url).html
    assert "#0b5bd3" not in browser_for(host="globex.localhost").get("/").html


def test_an_order_over_the_threshold_waits_is_approved_and_delivered(
    open_shop, browser_for, worker, mailbox: Mailbox, vendor: SandboxServer
) -> None:
    ann, otto, ines = (browser_for(open_shop.meet(who)) for who in ("ann", "otto", "ines"))
    put_into_cart(ann, FIXED, 40)
    number = check_out(ann)
    assert "approval" in ann.page.text.lower() and "500.00" in ann.page.text

    worker("notices.%")
    assert any(number in mail.subject + mail.text for mail in mailbox.to("otto@acme.example")), (
        mailbox.envelopes
    )
    assert not vendor.orders_made(), "nothing is bought before somebody has said yes"

    for approver in (otto, ines):
        approver.get("/admin/approvals")
        assert number in approver.page.text
        row = next(
            link
            for link in approver.page.all("a.row[href^='/admin/approvals/']")
            if link.get("href", "").count("/") == 3
        )
        approver.get(str(row["href"]))
    for shown in ("Cost", "Margin", "500.00", "Why"):
        assert shown.lower() in otto.page.text.lower(), f"{shown} is not on the page of the decision"
    assert "cost" not in ann.page.text.lower()
    otto.submit("Approve", "Approve", comment="Fine, the team grows.")
    assert otto.page.status == 200 and "Otto Richter" in otto.page.text
    ines.submit("Approve", "Approve", comment="Me too")
    assert ines.page.status == 409 and "Otto Richter" in ines.page.text

    worker()
    ann.get(f"/orders/{number}")
    assert "Fine, the team grows." in ann.page.text
    assert list(vendor.orders_made().values()) == [1]
    ann.get("/subscriptions")
    assert FIXED in ann.page.text and "Active" in ann.page.text
    assert any("approved" in mail.subject.lower() for mail in mailbox.to("ann@nimbus.example"))


def test_a_small_order_goes_straight_through(open_shop, browser_for, worker, mailbox) -> None:
    ann = browser_for(open_shop.meet("ann"))
    put_into_cart(ann, PLAIN, 3)
    number = check_out(ann)
    worker()
    assert "Delivered" in ann.get(f"/orders/{number}").text or "Completed" in ann.page.text


def test_a_refused_order_says_why_and_goes_back_into_the_cart(open_shop, browser_for, worker) -> None:
    ann, otto = browser_for(open_shop.meet("ann")), browser_for(open_shop.meet("otto"))
    put_into_cart(ann, FIXED, 60)
    number = check_out(ann)
    otto.get("/admin/approvals")
    row = next(
        link for link in otto.page.all("a.row[href^='/admin/approvals/']") if link["href"].count("/") == 3
    )
    otto.get(str(row["href"]))
    otto.submit("Refuse", "Refuse", comment="Twenty are enough this year.")
    ann.get(f"/orders/{number}")
    assert "Twenty are enough this year." in ann.page.text
    ann.submit(f"/orders/{number}/return-to-cart")
    assert ann.page.path == "/cart" and FIXED in ann.page.text
    quantity = next(i for i in ann.page.all("input[name=quantity]"))
    assert quantity["value"] == "60"


def test_each_customer_sees_its_own_price_and_the_books_rules_decide_it(open_shop, browser_for) -> None:
    ann, liam = browser_for(open_shop.meet("ann")), browser_for(open_shop.meet("liam"))
    open_product(ann, FIXED)
    liam.get(ann.page.path)
    assert "9.90" in ann.page.text
    assert "9.90" not in liam.page.text, "a customer without a book pays list price"


def test_another_reseller_has_another_brand_and_none_of_acmes_data(open_shop, browser_for) -> None:
    ann, tess = browser_for(open_shop.meet("ann")), browser_for(open_shop.meet("tess"))
    put_into_cart(ann, FIXED, 40)
    number = check_out(ann)
    assert "Acme" not in tess.get("/").text and "Globex" in tess.page.text
    real, invented = tess.get(f"/orders/{number}"), tess.get("/orders/O-2026-999999")
    assert real.status == invented.status == 404
    assert "Nimbus" not in real.text
    raj = browser_for(open_shop.meet("raj"))
    assert number not in raj.get("/admin/orders").text
    assert raj.get(f"/admin/orders/{number}").status == 404


def test_an_order_on_behalf_of_a_customer_meets_the_same_gate(open_shop, browser_for) -> None:
    sam, nimbus = browser_for(open_shop.meet("sam")), open_shop.meet("nimbus")
    sam.get(f"/admin/accounts/{nimbus.id}/shop?q={FIXED}")
    product = next(a for a in sam.page.all("a[href*='/shop/products/']") if FIXED in a.get_text(" "))
    sam.get(str(product["href"]))
    offer = sam.page.all("main input[name=offer]")[0]["value"]
    sam.post(sam.page.path, {"offer": offer, "quantity": "40"} | sam.csrf())
    sam.get(f"/admin/accounts/{nimbus.id}/shop/cart")
    sam.submit("Place the order for Nimbus GmbH", accepted_terms=True)
    assert sam.page.status == 200, sam.page.text
    assert "approval" in sam.page.text.lower()
    ann = browser_for(open_shop.meet("ann"))
    assert "Sam Keller" in ann.get("/orders").text or "Nimbus" in ann.page.text
