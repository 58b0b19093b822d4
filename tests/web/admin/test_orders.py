"""Orders and subscriptions in the console: found, read in full, cancelled while nothing is bought."""

from tests.support.shopping import over


def test_an_order_is_found_by_number_customer_purchase_order_and_product(browser_for, olivia, ann, shop):
    shop.policy(olivia, None)
    shop.order(ann, [(shop.offer(), 3)])
    browser = browser_for(olivia)
    for words in ("O-2026", "nimbus", "PO 1", "product 1"):
        assert "O-2026-000001" in browser.get(f"/admin/orders?q={words}").text, words
    assert "No order matches" in browser.get("/admin/orders?q=zebra").text
    assert "No order matches" in browser.get("/admin/orders?state=error").text


def test_an_order_shows_its_lines_its_history_and_its_margin(browser_for, olivia, ann, shop):
    shop.policy(olivia, None)
    shop.order(ann, [(shop.offer("10.00", cost="7.00"), 3)])
    page = browser_for(olivia).get("/admin/orders/O-2026-000001")
    assert "€30.00" in page.text
    assert "€21.00" in page.text
    assert "€9.00" in page.text
    assert "Placed order O-2026-000001" in page.text


def test_cost_and_margin_stay_with_those_who_may_read_them(browser_for, sam, otto, ann, shop):
    shop.policy(otto, None)
    shop.order(ann, [(shop.offer("10.00", cost="7.77"), 3)])
    browser = browser_for(sam)
    for path in (
        "/admin/orders",
        "/admin/orders/O-2026-000001",
        "/admin",
        "/admin/parts/orders/O-2026-000001",
    ):
        page = browser.get(path)
        assert page.status == 200
        for secret in ("7.77", "23.31", "Margin", "Your cost"):
            assert secret not in page.text, (path, secret)


def test_an_order_that_waits_is_cancelled_with_a_reason(browser_for, otto, nimbus, ann, shop):
    shop.policy(otto, nimbus, over("1"))
    order = shop.order(ann, [(shop.offer(), 3)])
    browser = browser_for(otto)
    browser.get("/admin/orders/O-2026-000001")
    page = browser.follow("Cancel order")
    assert "Nothing has been bought yet" in page.text
    assert browser.submit("Cancel the order").status == 422
    page = browser.submit("Cancel the order", reason="Asked for twice.")
    assert "is cancelled" in page.text
    assert "Asked for twice." in page.text
    assert shop.state(order) == "canceled"


def test_an_order_that_went_on_is_not_cancelled(browser_for, otto, ann, shop):
    shop.policy(otto, None)
    order = shop.order(ann, [(shop.offer(), 3)])
    browser = browser_for(otto)
    assert "Cancel order" not in browser.get("/admin/orders/O-2026-000001").text
    browser.get("/admin/orders/O-2026-000001/cancellation")
    assert browser.submit("Cancel the order", reason="Too late.").status == 409
    assert shop.state(order) != "canceled"


def test_an_empty_console_says_what_comes_next(browser_for, olivia):
    browser = browser_for(olivia)
    assert "No orders yet" in browser.get("/admin/orders").text
    assert "No subscriptions yet" in browser.get("/admin/subscriptions").text
    assert "Nothing waits for you" in browser.get("/admin").text
    assert "Nothing waits" in browser.get("/admin/approvals").text


def test_unknown_numbers_are_not_there(browser_for, olivia):
    browser = browser_for(olivia)
    assert browser.get("/admin/orders/O-2026-000009").status == 404
    assert browser.get("/admin/subscriptions/S-2026-000009").status == 404
