"""A customer's orders: what the pages say, taking back, buying again; and that nobody's cost is ever among it."""

import re

import pytest

from app.domain.orders.models import Order
from tests.support.shopping import over


@pytest.fixture
def held(shop, ann, otto, nimbus):
    """The number of an order of Ann's that waits, of an offer that costs the reseller 7.13 and is asked at 10.00."""
    shop.policy(otto, nimbus, over("500"))
    order_id = shop.order(ann, [(shop.offer("10.00", cost="7.13"), 60)])
    return order_id, number_of(shop, order_id)


def number_of(shop, order_id):
    with shop.looking() as current:
        return current.get(Order, order_id).number


def test_the_list_finds_orders_by_number_product_and_purchase_order(shop, ann, held, browser_for):
    browser = browser_for(ann)
    for q in (held[1], "Product 1", "PO 1"):
        assert held[1] in browser.get(f"/orders?q={q}").text
    assert "No order matches" in browser.get("/orders?q=nothing-like-it").text
    assert held[1] in browser.get("/orders?state=on_hold").text
    assert held[1] not in browser.get("/orders?state=completed").text


def test_an_order_can_be_taken_back_while_it_waits_and_put_into_the_cart_again(shop, ann, held, browser_for):
    browser = browser_for(ann)
    browser.get(f"/orders/{held[1]}/withdrawal")
    page = browser.submit("Take it back", reason="Too many")
    assert "is taken back. Nothing was bought." in page.text
    assert shop.state(held[0]) == "canceled"
    page = browser.submit("Put it back into the cart")
    assert page.path == "/cart"
    assert page.one("input[name=quantity]")["value"] == "60"


def test_a_refused_order_says_why(shop, ann, otto, held, browser_for):
    shop.decide(otto, held[0], "refused", comment="Not before the budget is through.")
    page = browser_for(ann).get(f"/orders/{held[1]}")
    assert "This order was refused" in page.text
    assert page.text.count("Not before the budget is through.") >= 1
    assert f"{otto.name} (Acme Cloud)" in page.text


def test_an_approved_order_can_no_longer_be_taken_back(shop, ann, otto, held, browser_for):
    browser = browser_for(ann)
    browser.get(f"/orders/{held[1]}/withdrawal")
    shop.decide(otto, held[0])
    page = browser.submit("Take it back")
    assert page.status == 409
    assert shop.state(held[0]) != "canceled"


def test_the_moving_part_polls_until_there_is_nothing_left_to_happen(shop, ann, otto, held, browser_for):
    browser = browser_for(ann)
    part = browser.get(f"/parts/orders/{held[1]}")
    assert "<html" not in part.html
    assert part.one("#order-progress")["hx-get"] == f"/parts/orders/{held[1]}"
    assert "Take it back" in part.text
    shop.decide(otto, held[0], "refused", comment="No.")
    part = browser.get(f"/parts/orders/{held[1]}")
    assert not part.one("#order-progress").has_attr("hx-get")
    assert part.one("#order-actions")["hx-swap-oob"] == "true"
    assert "Put it back into the cart" in part.text


def test_nobodys_cost_or_margin_is_on_any_page_of_the_customer(shop, ann, paul, otto, held, browser_for):
    with shop.looking() as current:
        request_id = current.get(Order, held[0]).approval_request_id
    pages = [
        browser_for(who).get(path).html
        for who in (ann, paul)
        for path in ("/", "/catalogue", "/orders", f"/orders/{held[1]}", f"/parts/orders/{held[1]}")
    ]
    pages.append(browser_for(paul).get(f"/approvals/{request_id}").html)
    for html in pages:
        html = re.sub(r"<svg.*?</svg>", "", html, flags=re.DOTALL)  # pictures are full of numbers
        assert "7.13" not in html
        assert "427.80" not in html
        assert "cost" not in html.lower(), html[html.lower().index("cost") - 200 :][:300]


def test_another_customers_order_and_no_order_answer_alike(shop, held, liam, tess, browser_for):
    def words(page, number):
        page = page.html.replace(number, "")
        return re.sub(r'name="csrf_token" value="[^"]+"', "", page)  # a token says when it was made

    for who in (liam, tess):
        browser = browser_for(who)
        theirs = browser.get(f"/orders/{held[1]}")
        nobodys = browser.get("/orders/O-2026-999999")
        assert theirs.status == nobodys.status == 404
        assert words(theirs, held[1]) == words(nobodys, "O-2026-999999")


def test_a_company_sees_its_people_and_the_rules_its_orders_meet(shop, ann, paul, otto, nimbus, browser_for):
    shop.policy(otto, nimbus, over("500"))
    page = browser_for(ann).get("/company")
    assert paul.name in page.text
    assert "When an order comes to €500.00 or more, Acme Cloud decides within 7 working days" in page.text
