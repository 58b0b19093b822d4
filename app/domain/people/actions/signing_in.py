"""Signing in and out: who may try how often, whether the password is right, and nothing given away either way."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import update

from app.core import clock, events
from app.core.actor import Actor
from app.core.db import session
from app.core.errors import Invalid
from app.domain.people import budgets, passwords, queries
from app.domain.people.actors import actor_of
from app.domain.people.models import Person
from app.domain.people.rules.addresses import BadAddress, canonical_email

log = logging.getLogger("awning.people")

WRONG = "This e-mail address and this password do not belong together. Check both, or ask for a new password."


@dataclass(frozen=True, slots=True)
class Attempt:
    """Where an attempt comes from. `device` is what a browser proves that has signed in before, for `known_people`."""

    host: str
    address: str
    device: str = ""
    known_people: frozenset[UUID] = field(default_factory=frozenset)


def sign_in(email: str, password: str, *, realms: Sequence[str], attempt: Attempt) -> Person:
    """The person with this e-mail in one of `realms`, whose password this is.

    Raises Invalid with one and the same sentence for everything that may be wrong, TooMany when too much was tried.
    As many hashes are worked out for an unknown address as for a known one. In the scope of everyone (the console's
    host) one address may be several people: the password says which, those seen last are tried first.
    """
    try:
        email = canonical_email(email)
    except BadAddress as bad:
        raise Invalid({"email": str(bad)})
    candidates = queries.who_may_be(email, realms)
    keys = _spend(email, attempt, candidates)
    person = _whose(
        password, candidates, rounds=1 if list(realms) == ["storefront"] else queries.SIGN_IN_CANDIDATES
    )
    if person is None:
        log.info("sign-in refused on %s from %s", attempt.host, attempt.address)
        raise Invalid(WRONG)
    _succeed(person, password, keys)
    return person


def _spend(email: str, attempt: Attempt, candidates: list[Person]) -> tuple[list[str], list[str]]:
    """Counts the attempt and refuses it when it is one too many. Answers the keys a success (forgets, refunds).

    A browser that is known to one of the candidates has a budget of its own, so nobody else's guesses stand in its way.
    An account tried too often from everywhere is closed only to addresses that have already failed: a person who comes
    with the right password from anywhere else gets in.
    """
    if attempt.device and any(one.id in attempt.known_people for one in candidates):
        key = budgets.key_of(budgets.SIGN_IN_DEVICE, attempt.host, email, attempt.device)
        (device,) = budgets.spend((budgets.SIGN_IN_DEVICE, key))
        if device.is_over:
            budgets.refuse(device)
        return [key], []
    here_key = budgets.key_of(budgets.SIGN_IN_HERE, attempt.host, email, attempt.address)
    address_key = budgets.key_of(budgets.SIGN_IN_ADDRESS, attempt.address)
    account_key = budgets.key_of(budgets.SIGN_IN_ACCOUNT, attempt.host, email)
    here, address, account = budgets.spend(
        (budgets.SIGN_IN_HERE, here_key),
        (budgets.SIGN_IN_ADDRESS, address_key),
        (budgets.SIGN_IN_ACCOUNT, account_key),
    )
    over = [one for one in (here, address) if one.is_over]
    if account.is_over and here.count > 1:
        over.append(account)
    if over:
        log.warning("sign-in held back on %s from %s", attempt.host, attempt.address)
        budgets.refuse(*over)
    return [here_key], [address_key, account_key]


def _whose(password: str, candidates: list[Person], *, rounds: int) -> Person | None:
    hashes = [one.password_hash for one in candidates]
    for number in range(max(rounds, len(hashes))):
        if passwords.matches(password, hashes[number] if number < len(hashes) else ""):
            return candidates[number]
    return None


def _succeed(person: Person, password: str, keys: tuple[list[str], list[str]]) -> None:
    forgotten, refunded = keys
    budgets.forget(*forgotten)
    if refunded:
        budgets.refund(*refunded)
    values: dict[str, object] = {"last_signed_in_at": clock.now()}
    if passwords.is_outdated(person.password_hash):
        values["password_hash"] = passwords.hash_password(password)
    # not through the row's version: signing in on two devices at once is no conflict
    session().execute(update(Person).where(Person.id == person.id).values(**values))
    events.record("person.signed_in", person, actor_of(person))


def sign_out(by: Actor) -> None:
    """Notes that the person left. The session itself ends at the door."""
    if by.person_id is not None:
        person = queries.person(by.person_id)
        events.record("person.signed_out", person, by)
