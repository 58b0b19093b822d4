"""Single-use links from mails: taking up an invitation, choosing a new password. Only a token's hash is ever stored."""

import hashlib
import secrets
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, select

from app.core import clock, events, jobs
from app.core.db import session
from app.core.errors import Invalid, NotFound
from app.domain.people import budgets, passwords
from app.domain.people.actions.sessions import end_sessions
from app.domain.people.actors import actor_of
from app.domain.people.models import AccessLink, Person
from app.domain.people.rules.addresses import BadAddress, canonical_email
from app.domain.people.rules.passwords import problem_with

PASSWORD, INVITATION = "password", "invitation"

LIFETIMES = {PASSWORD: timedelta(hours=1), INVITATION: timedelta(days=7)}

STALE = "This link has been used, was replaced by a newer one, or is too old. Ask for a new one."


def ask_for_new_password(email: str, *, tenant_id: UUID | None, host: str, address: str) -> None:
    """Has a link sent to the person with this e-mail, if there is one. Whether there is, is looked up by the job only,
    so that the answer is the same, and as fast, for everybody.

    `tenant_id` None means the console's host: every person of that address there gets a mail of their own. Too many
    requests for one account are dropped without a word; too many from one address raise TooMany.
    """
    try:
        email = canonical_email(email)
    except BadAddress as bad:
        raise Invalid({"email": str(bad)})
    budgets.spend_or_refuse(budgets.LINK_ADDRESS, address)
    (spent,) = budgets.spend((budgets.LINK_ACCOUNT, budgets.key_of(budgets.LINK_ACCOUNT, host, email)))
    if not spent.is_over:
        jobs.defer("notices.send_password_links", email=email, shop_tenant_id=tenant_id)


def mint_link(person: Person, purpose: str, host: str) -> str:
    """A fresh token for `person`, good once, on `host` only, for as long as LIFETIMES says. Older ones are void from now.

    The token goes into a mail and nowhere else.
    """
    session().execute(
        delete(AccessLink).where(
            AccessLink.person_id == person.id, AccessLink.purpose == purpose, AccessLink.used_at.is_(None)
        )
    )
    token = secrets.token_urlsafe(32)
    session().add(
        AccessLink(
            tenant_id=person.tenant_id,
            person_id=person.id,
            purpose=purpose,
            token_hash=_hash(token),
            host=host,
            expires_at=clock.now() + LIFETIMES[purpose],
        )
    )
    session().flush()
    return token


def check_link(token: str, *, purpose: str, host: str, address: str) -> Person:
    """Whose link this is. Changes nothing: mail scanners open links too. Raises NotFound for any that is not good here."""
    budgets.spend_or_refuse(budgets.TOKEN_ADDRESS, address)
    return _good_link(token, purpose=purpose, host=host)[1]


def follow_link(token: str, new_password: str, *, purpose: str, host: str, address: str) -> Person:
    """Uses the link up and sets the password; every session of the person ends.

    Raises NotFound for a link that is not good (any more, here, for this), Invalid for a password that cannot be taken;
    the link then stays good.
    """
    budgets.spend_or_refuse(budgets.TOKEN_ADDRESS, address)
    link, person = _good_link(token, purpose=purpose, host=host, lock=True)
    problem = problem_with(new_password, email=person.email, name=person.name)
    if problem:
        raise Invalid({"password": problem})
    link.used_at = clock.now()
    set_password(person, new_password)
    events.record(
        "person.joined" if purpose == INVITATION else "person.password_reset", person, actor_of(person)
    )
    return person


def set_password(person: Person, new_password: str, *, keep_session: bytes | None = None) -> None:
    """Stores the hash, ends every (other) session and voids every link that is still out there."""
    person.password_hash = passwords.hash_password(new_password)
    end_sessions(person.id, but=keep_session)
    session().execute(
        delete(AccessLink).where(AccessLink.person_id == person.id, AccessLink.used_at.is_(None))
    )
    session().flush()


def _good_link(token: str, *, purpose: str, host: str, lock: bool = False) -> tuple[AccessLink, Person]:
    query = (
        select(AccessLink, Person)
        .join(Person, Person.id == AccessLink.person_id)
        .where(AccessLink.token_hash == _hash(token), AccessLink.purpose == purpose, AccessLink.host == host)
        .where(AccessLink.used_at.is_(None), AccessLink.expires_at > clock.now(), Person.is_active)
    )
    found = session().execute(query.with_for_update(of=AccessLink) if lock else query).first()
    if found is None:
        raise NotFound(STALE)
    return found[0], found[1]


def _hash(token: str) -> bytes:
    return hashlib.sha256(token[:200].encode()).digest()
