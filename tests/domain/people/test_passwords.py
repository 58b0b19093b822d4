"""Which passwords are taken, and that nobody's takes as long to refuse as somebody's."""

import pytest

from app.domain.people import passwords
from app.domain.people.rules.passwords import problem_with


@pytest.mark.parametrize(
    "password",
    ["a boat with nine green oars", "x7 Q!pv0-aazk", "пять зелёных лодок", "🦊 jumps over 12 logs"],
)
def test_a_long_password_of_any_characters_is_taken(password):
    assert problem_with(password, email="ann@nimbus.example", name="Ann Becker") is None


@pytest.mark.parametrize(
    "password",
    ["short", "elevenchars", "password1234", "PASSWORD1234", "aaaaaaaaaaaaaa", "abcabcabcabc", "123456789012",
     "abcdefghijklm", "ann@nimbus.example", "AnnBecker1234", "x" * 201],
)  # fmt: skip
def test_what_anybody_would_try_first_is_not(password):
    assert problem_with(password, email="ann@nimbus.example", name="Ann Becker")


def test_only_the_right_password_matches():
    kept = passwords.hash_password("a boat with nine green oars")
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert passwords.matches("a boat with nine green oars", kept)
    assert not passwords.matches("a boat with nine green oar", kept)
    assert not passwords.matches("", kept)
    assert not passwords.matches("x" * 500_000, kept)


def test_the_same_characters_from_another_keyboard_match():
    kept = passwords.hash_password("caf\u00e9 au lait, twice")
    assert passwords.matches("cafe\u0301 au lait, twice", kept)


def test_an_empty_hash_matches_nothing():
    assert not passwords.matches("", "")
    assert not passwords.matches("a boat with nine green oars", "")
    assert not passwords.matches("a boat with nine green oars", "no hash at all")


def test_a_hash_of_weaker_parameters_is_outdated():
    from argon2 import PasswordHasher

    assert passwords.is_outdated(PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash("x"))
    assert not passwords.is_outdated(passwords.hash_password("x"))
