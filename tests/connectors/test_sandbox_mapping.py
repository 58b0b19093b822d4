"""The sandbox's mapping: what fits is carried over whole, and what does not is `Unreadable` and nothing else."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.connectors.sandbox import mapping
from app.domain.vendors import ProvisionRequest, VendorCustomer

SUBSCRIPTION: dict[str, Any] = {
    "id": "s-1",
    "order_id": "SO-1",
    "client_reference": "O-2026-000123/1",
    "product_id": "CFQ7TTC0LF8R",
    "sku_id": "0001",
    "term": "P1Y",
    "billing_plan": "monthly",
    "status": "active",
    "quantity": 40,
    "starts_at": "2026-11-22T10:00:00Z",
    "term_ends_at": "2027-11-22T10:00:00Z",
    "cancel_until": "2026-11-29T10:00:00Z",
    "batches": [{"quantity": 40, "reduce_until": "2026-11-29T12:00:00+02:00"}],
    "is_auto_renewed": True,
    "failure": None,
    "etag": '"s-1-2"',
}
PRICE = {
    "product_id": "CFQ7TTC0LF8R",
    "sku_id": "0001",
    "term": "P1Y",
    "billing_plan": "annual",
    "segment": "commercial",
    "market": "DE",
    "currency": "EUR",
    "unit_price": "210.24",
    "list_price": "262.80",
    "effective_from": "2026-01-01T00:00:00Z",
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def test_a_subscription_is_read_with_its_times_in_utc() -> None:
    subscription = mapping.read_subscription(SUBSCRIPTION)
    assert subscription.quantity == 40
    assert subscription.batches[0].reduce_until == datetime(2026, 11, 29, 10, tzinfo=UTC)
    assert subscription.starts_at.tzinfo is UTC


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("status", "sleeping"),
        ("quantity", True),
        ("quantity", -1),
        ("quantity", 10**30),
        ("quantity", "40"),
        ("starts_at", "yesterday"),
        ("starts_at", None),
        ("term_ends_at", "0001-01-01T00:00:00+23:59"),
        ("batches", None),
        ("batches", [1]),
        ("batches", [{"quantity": 1}]),
        ("etag", ""),
        ("id", "a\0b"),
    ],
)
def test_a_field_that_does_not_fit_makes_the_answer_unreadable(field: str, value: object) -> None:
    with pytest.raises(mapping.Unreadable):
        mapping.read_subscription({**SUBSCRIPTION, field: value})


@given(st.dictionaries(st.sampled_from(sorted(SUBSCRIPTION)), JSON, max_size=6))
def test_any_subscription_is_read_or_unreadable(changes: dict[str, Any]) -> None:
    with suppress(mapping.Unreadable):
        mapping.read_subscription({**SUBSCRIPTION, **changes})


@given(st.dictionaries(st.sampled_from(sorted(PRICE)), JSON, max_size=4))
def test_any_price_is_read_or_unreadable(changes: dict[str, Any]) -> None:
    with suppress(mapping.Unreadable):
        mapping.read_price({**PRICE, **changes})


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "-1", "1e999999", "", "twelve", 12.5, "9" * 40])
def test_an_amount_is_finite_and_not_negative(amount: object) -> None:
    with pytest.raises(mapping.Unreadable):
        mapping.read_price({**PRICE, "unit_price": amount})


def test_a_price_keeps_every_decimal() -> None:
    assert mapping.read_price({**PRICE, "unit_price": "0.00000001"}).cost_amount == Decimal("0.00000001")


def test_a_price_sheets_words_become_the_apis() -> None:
    customer = VendorCustomer("account-1", "Nimbus", "DE", "ann@nimbus.example")
    request = ProvisionRequest(
        "key", "O-1/1", customer, "P", "S", "P1Y", "Monthly", "Charity", "DE", 3, purchase_order_number=None
    )
    body = mapping.order_body(request)
    assert (body["billing_plan"], body["segment"]) == ("monthly", "nonprofit")
    assert "key" not in body
