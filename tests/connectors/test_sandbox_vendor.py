"""The vendor's side of the sandbox: its rules in time, its dial, its page and its doors."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.connectors.sandbox.vendor.dial import Dial, Verdict, read_rule
from app.connectors.sandbox.vendor.problems import Problem
from app.connectors.sandbox.vendor.service import Request, Service
from app.connectors.sandbox.vendor.store import Store, put_forward
from tests.connectors.contract import Rig
from tests.support.sandbox import CONTROL_TOKEN, TOKEN

ORDER: dict[str, Any] = {
    "client_reference": "O-1/1",
    "customer": {"reference": "a-1", "name": "Nimbus", "country": "DE", "email": "ann@nimbus.example"},
    "product_id": "CFQ7TTC0LH18",
    "sku_id": "0001",
    "term": "P1M",
    "billing_plan": "monthly",
    "segment": "commercial",
    "market": "DE",
    "quantity": 10,
}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "state.sqlite")
    yield store
    store.close()


@pytest.fixture
def vendor(store: Store) -> Service:
    return Service(store, delivery_seconds=0)


def order(vendor: Service, key: str = "k", **changes: Any) -> dict[str, Any]:
    body = json.dumps({**ORDER, **changes}).encode()
    request = Request("POST", "/v1/orders", body=body, key=key)
    return vendor.serve("orders.create", "", request, Verdict()).body


def subscription(vendor: Service, id: str) -> dict[str, Any]:
    return vendor.serve("subscriptions.read", id, Request("GET", ""), Verdict()).body


def change(vendor: Service, id: str, operation: str, key: str, **body: Any) -> dict[str, Any]:
    request = Request("PATCH", f"/{operation}/{id}", body=json.dumps(body).encode(), key=key)
    return vendor.serve(f"subscriptions.{operation}", id, request, Verdict()).body


def advance(vendor: Service, **by: float) -> None:
    with vendor.store.transaction() as db:
        put_forward(db, timedelta(**by))


def test_a_renewal_opens_a_new_window_for_all_seats(vendor: Service) -> None:
    id = order(vendor)["subscription_id"]
    advance(vendor, days=10)
    assert subscription(vendor, id)["batches"] == []
    advance(vendor, days=22)
    renewed = subscription(vendor, id)
    assert renewed["status"] == "active"
    assert [batch["quantity"] for batch in renewed["batches"]] == [10]
    assert change(vendor, id, "cancel", "c")["status"] == "cancelled"


def test_without_renewal_the_term_ends_in_expiry_and_nothing_more_can_be_done(vendor: Service) -> None:
    id = order(vendor)["subscription_id"]
    change(vendor, id, "suspend", "s")
    change(vendor, id, "resume", "r")
    advance(vendor, days=32)
    assert subscription(vendor, id)["status"] == "expired"
    with pytest.raises(Problem) as refusal:
        change(vendor, id, "change", "up", quantity=11)
    assert refusal.value.code == "2011"


def test_small_business_products_are_counted_over_all_the_customers_subscriptions(vendor: Service) -> None:
    order(vendor, "k1", quantity=200)
    with pytest.raises(Problem) as refusal:
        order(vendor, "k2", quantity=101)
    assert refusal.value.code == "800017"
    assert refusal.value.data == {"available_quantity": 100}
    order(vendor, "k3", quantity=100)
    order(vendor, "k4", quantity=300, customer={**ORDER["customer"], "reference": "a-2"})


def test_a_strict_vendor_sells_listed_products_only(store: Store) -> None:
    vendor = Service(store, is_strict=True, delivery_seconds=0)
    with pytest.raises(Problem) as refusal:
        order(vendor, product_id="CFQ7TTC0XXXX")
    assert refusal.value.code == "400013"
    with pytest.raises(Problem) as refusal:
        order(vendor, sku_id="0099")
    assert refusal.value.code == "400018"
    order(Service(store, delivery_seconds=0), product_id="CFQ7TTC0XXXX")


@pytest.mark.parametrize(
    "changes",
    [
        {"quantity": 0},
        {"quantity": True},
        {"quantity": 1.5},
        {"quantity": "10"},
        {"quantity": 10**12},
        {"term": "P2Y"},
        {"market": "Germany"},
        {"customer": None},
        {"customer": {**ORDER["customer"], "country": "de"}},
        {"client_reference": ""},
        {"client_reference": "x" * 101},
        {"purchase_order_number": 7},
    ],
)
def test_a_broken_purchase_is_refused_and_written_down(vendor: Service, changes: dict[str, Any]) -> None:
    with pytest.raises(Problem) as refusal:
        order(vendor, **changes)
    assert 400 <= refusal.value.status < 500
    lines = vendor.store.read("SELECT outcome FROM journal")
    assert [line["outcome"] for line in lines] == ["refused"]
    assert vendor.store.read("SELECT * FROM orders") == []


def test_a_key_is_forgotten_after_a_week_as_the_connector_is_told(vendor: Service) -> None:
    first = order(vendor)["id"]
    advance(vendor, days=6, hours=23)
    assert order(vendor)["id"] == first
    advance(vendor, hours=2)
    assert order(vendor)["id"] != first


def test_fifty_calls_at_once_with_one_key_are_one_order(vendor: Service) -> None:
    with ThreadPoolExecutor(16) as pool:
        made = list(pool.map(lambda _: order(vendor)["id"], range(50)))
    assert len(set(made)) == 1
    outcomes = Counter(line["outcome"] for line in vendor.store.read("SELECT outcome FROM journal"))
    assert outcomes == {"done": 1, "replayed": 49}


def test_a_counted_rule_fires_exactly_that_often_and_outlives_the_process(tmp_path: Path) -> None:
    store = Store(tmp_path / "state.sqlite")
    dial = Dial(store)
    dial.turn({"rules": [{"operation": "*", "failure": "cut", "times": 3}]})
    assert dial.draw("orders.create").fails("cut")
    store.close()

    store = Store(tmp_path / "state.sqlite")
    dial = Dial(store)
    assert [dial.draw("orders.read").fails("cut") for _ in range(4)] == [True, True, False, False]
    store.close()


def test_a_percentage_is_about_kept_and_repeats_with_its_seed(store: Store) -> None:
    dial = Dial(store)
    rules = {"rules": [{"operation": "orders.create", "failure": "error", "percent": 30}], "seed": 7}
    dial.turn(rules)
    first = [dial.draw("orders.create").fails("error") for _ in range(500)]
    dial.turn(rules)
    assert [dial.draw("orders.create").fails("error") for _ in range(500)] == first
    assert 110 < sum(first) < 190


def test_a_delay_goes_with_another_failure(store: Store) -> None:
    dial = Dial(store)
    rules = [{"operation": "*", "failure": "delay", "seconds": 2}, {"operation": "*", "failure": "cut"}]
    dial.turn({"rules": rules})
    verdict = dial.draw("orders.create")
    assert verdict.pause == 2
    assert verdict.fails("cut")


@pytest.mark.parametrize(
    "rule",
    [
        {},
        {"operation": "orders.create"},
        {"operation": "orders.burn", "failure": "cut"},
        {"operation": "*", "failure": "explode"},
        {"operation": "*", "failure": "cut", "times": 0},
        {"operation": "*", "failure": "cut", "times": True},
        {"operation": "*", "failure": "cut", "percent": 101},
        {"operation": "*", "failure": "delay", "seconds": -1},
        {"operation": "*", "failure": "error", "status": 200},
        {"operation": "*", "failure": "cut", "colour": "red"},
    ],
)
def test_a_rule_that_means_nothing_is_refused(rule: dict[str, Any]) -> None:
    with pytest.raises(Problem):
        read_rule(rule)


def test_the_api_and_the_control_side_do_not_take_each_others_tokens(rig: Rig) -> None:
    url = rig.url

    def status(path: str, token: str | None) -> int:
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        return httpx.get(url + path, headers=headers, trust_env=False).status_code

    assert status("/v1/me", TOKEN) == 200
    assert status("/v1/me", CONTROL_TOKEN) == status("/v1/me", None) == 401
    assert status("/_control/journal", CONTROL_TOKEN) == 200
    assert status("/_control/journal", TOKEN) == status("/_control/journal", None) == 401
    assert status("/", TOKEN) == status("/", None) == 401
    assert status("/health", None) == 200


def test_a_person_turns_failures_on_and_off_on_the_page(rig: Rig) -> None:
    url = rig.url
    with httpx.Client(base_url=url, auth=("anyone", CONTROL_TOKEN), trust_env=False) as browser:
        assert "Everything works." in browser.get("/").text
        form = {"operation": "orders.create", "failure": "throttle", "times": "2", "seconds": "9"}
        assert browser.post("/dial", data=form).status_code == 303
        page = browser.get("/")
        assert "throttle" in page.text
        assert "script" not in page.headers["content-security-policy"]

        wrong = browser.post("/dial", data={**form, "times": "<b>many</b>"})
        assert wrong.status_code == 422
        assert "must be a number" in wrong.text

        rig.port.check()
        foreign = browser.post("/dial/reset", headers={"Origin": "http://evil.example"})
        assert foreign.status_code == 403
        assert browser.post("/dial/reset", headers={"Origin": url}).status_code == 303
        assert "Everything works." in browser.get("/").text


def test_what_came_over_the_wire_is_escaped_on_the_page(rig: Rig) -> None:
    from app.domain.vendors import VendorCustomer

    rig.port.provision(
        rig.request(customer=VendorCustomer("a", "<script>alert(1)</script>", "DE", "a@nimbus.example"))
    )
    url = rig.url
    page = httpx.get(url, auth=("anyone", CONTROL_TOKEN), trust_env=False).text
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


@pytest.mark.parametrize(
    ("method", "path", "body", "headers", "status"),
    [
        ("POST", "/v1/orders", b"{", {"Idempotency-Key": "k"}, 400),
        ("POST", "/v1/orders", b"[" * 100_000, {"Idempotency-Key": "k"}, 400),
        ("POST", "/v1/orders", b"{}", {}, 400),
        ("POST", "/v1/orders", b"x" * (1 << 20) + b"x", {"Idempotency-Key": "k"}, 413),
        ("DELETE", "/v1/orders", b"", {}, 404),
        ("GET", "/v1/offers?limit=many", b"", {}, 400),
        ("GET", "/v1/orders", b"", {}, 400),
        ("GET", "/v1/subscriptions/%00", b"", {}, 404),
    ],
)
def test_nonsense_over_the_wire_gets_an_error_body(
    rig: Rig, method: str, path: str, body: bytes, headers: dict[str, str], status: int
) -> None:
    url = rig.url
    sent = {"Authorization": f"Bearer {TOKEN}", **headers}
    answer = httpx.request(method, url + path, content=body, headers=sent, trust_env=False)
    assert answer.status_code == status
    assert set(answer.json()) == {"code", "description", "data"}
