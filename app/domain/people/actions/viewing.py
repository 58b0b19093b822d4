"""Seeing the shop as a customer: a pass takes somebody of the reseller's from the console to the shop's host, once."""

import hashlib
import secrets
from datetime import datetime

from sqlalchemy import select

from app.core import clock, events
from app.core.actor import Actor
from app.core.db import session
from app.core.errors import Forbidden, Invalid, NotFound
from app.core.language import mark
from app.domain.people import budgets
from app.domain.people.actors import actor_of
from app.domain.people.models import Account, Person, ViewingPass
from app.domain.people.rules.viewing import PASS_LIFETIME, is_within_reach, may_view

STALE = mark("This pass has been used or is too old. Open the shop from the console once more.")


def make_viewing_pass(
    account: Account, *, instant: datetime, quantity: int | None, host: str, by: Actor
) -> str:
    """A token, good once, on `host` only and for two minutes, to see the shop as `account` at `instant` (aware).

    Written to the customer's history. Forbidden without the permissions, Invalid for an instant out of reach.
    """
    if not may_view(by) or by.person_id is None:
        raise Forbidden("Your role does not include this.")
    if not is_within_reach(instant, clock.now()):
        raise Invalid({"at": mark("Choose a day within ten years of today.")})
    token = secrets.token_urlsafe(32)
    session().add(
        ViewingPass(
            tenant_id=account.tenant_id,
            person_id=by.person_id,
            account_id=account.id,
            instant=instant,
            quantity=quantity,
            token_hash=_hash(token),
            host=host,
            expires_at=clock.now() + PASS_LIFETIME,
        )
    )
    seen = {"at": instant.isoformat(), "quantity": quantity}
    events.record("account.viewed_as", account, by, seen, account_id=account.id)
    session().flush()
    return token


def check_viewing_pass(token: str, *, host: str, address: str) -> tuple[ViewingPass, Account]:
    """The pass and its customer. Uses nothing up. NotFound for a token that is not good here and now."""
    budgets.spend_or_refuse(budgets.TOKEN_ADDRESS, address)
    return _good_pass(token, host=host)


def take_viewing_pass(token: str, *, host: str, address: str) -> ViewingPass:
    """Uses the pass up. NotFound for a token that is not good here and now; of two who take it, one gets it."""
    budgets.spend_or_refuse(budgets.TOKEN_ADDRESS, address)
    taken, _ = _good_pass(token, host=host, lock=True)
    taken.used_at = clock.now()
    session().flush()
    return taken


def _good_pass(token: str, *, host: str, lock: bool = False) -> tuple[ViewingPass, Account]:
    query = (
        select(ViewingPass, Account, Person)
        .join(Account, Account.id == ViewingPass.account_id)
        .join(Person, Person.id == ViewingPass.person_id)
        .where(ViewingPass.token_hash == _hash(token), ViewingPass.host == host, Person.is_active)
        .where(ViewingPass.used_at.is_(None), ViewingPass.expires_at > clock.now())
    )
    found = session().execute(query.with_for_update(of=ViewingPass) if lock else query).first()
    if found is None or not may_view(actor_of(found[2])):
        raise NotFound(STALE)
    return found[0], found[1]


def _hash(token: str) -> bytes:
    return hashlib.sha256(token[:200].encode()).digest()
