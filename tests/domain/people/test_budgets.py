"""Budgets of attempts: counted one by one however many race, kept when a unit is rolled back, over when a window ends."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from app.core import clock, scope
from app.core.errors import TooMany
from app.core.unit import unit
from app.domain.people import budgets
from app.domain.people.budgets import Limit, key_of, spend, spend_or_refuse

FEW = Limit("few", 3, timedelta(minutes=10))


def test_a_budget_is_spent_and_comes_back_when_its_window_ends(app):
    start = clock.now()
    with app.app_context(), clock.at(start):
        for _ in range(3):
            spend_or_refuse(FEW, "ann")
        with pytest.raises(TooMany) as refused:
            spend_or_refuse(FEW, "ann")
        assert 590 <= refused.value.retry_after <= 601
        spend_or_refuse(FEW, "bob")
    with app.app_context(), clock.at(start + timedelta(minutes=10, seconds=1)):
        spend_or_refuse(FEW, "ann")


def test_attempts_that_race_each_other_are_all_counted(app):
    key = key_of(FEW, "raced")

    def guess(_: int) -> bool:
        with app.app_context():
            return not spend((FEW, key))[0].is_over

    with ThreadPoolExecutor(12) as pool:
        granted = list(pool.map(guess, range(50)))
    assert granted.count(True) == FEW.attempts


def test_a_rollback_gives_nothing_back(app):
    def spend_and_fail() -> None:
        with unit(scope.everyone(reason="a test")):
            spend_or_refuse(FEW, "ann")
            raise RuntimeError("the unit is rolled back")

    with app.app_context():
        for _ in range(3):
            with pytest.raises(RuntimeError):
                spend_and_fail()
        with pytest.raises(TooMany):
            spend_or_refuse(FEW, "ann")


def test_forgetting_and_refunding(app):
    with app.app_context():
        key = key_of(FEW, "ann")
        for _ in range(4):
            spend((FEW, key))
        budgets.refund(key)
        assert spend((FEW, key))[0].count == 4
        budgets.forget(key)
        assert spend((FEW, key))[0].count == 1


def test_no_address_or_email_is_readable_in_a_key():
    assert "ann" not in key_of(FEW, "acme.localhost", "ann@nimbus.example", "10.0.0.1")
    assert key_of(FEW, "a", "b") != key_of(FEW, "a|b", "")
