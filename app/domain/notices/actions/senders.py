"""Mail from a reseller's own address: asked for, proved by a record in the domain's zone, looked at every night, given up.

Asking the domain name system is no part of a unit of work: `jobs.look_at_sender` asks between two of them.
"""

import secrets
from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.core import clock, events, jobs
from app.core.actor import Actor
from app.core.db import session
from app.core.errors import Invalid, NotFound
from app.domain.notices.models import SenderDomain
from app.domain.notices.ports import post
from app.domain.notices.rules.records import PUBLIC, Record, is_proved, look, wanted_records
from app.domain.people.rules.addresses import BadAddress, canonical_email


def ask_for_sender(address: str, by: Actor) -> SenderDomain:
    """Begins to prove an address; another one that was proved is given up. Invalid (`address`) for one that cannot be."""
    try:
        address = canonical_email(address)
    except BadAddress as bad:
        raise Invalid({"address": str(bad)}) from None
    domain = address.rpartition("@")[2]
    if domain in PUBLIC:
        raise Invalid({"address": "Everybody has an address there. Take one of your own domain."})
    row = session().scalar(select(SenderDomain))
    if row is None:
        row = SenderDomain(address=address, domain=domain, token=secrets.token_hex(16), found={})
        session().add(row)
    elif row.domain != domain:
        row.token, row.verified_at, row.checked_at, row.found = secrets.token_hex(16), None, None, {}
    row.address, row.domain = address, domain
    session().flush()
    events.record("sender.asked", row, by, {"address": address})
    look_again(row)
    return row


def look_again(row: SenderDomain) -> None:
    """Has the records looked at, by a job."""
    jobs.defer("notices.look_at_sender", tenant_id=row.tenant_id, lock=f"sender:{row.tenant_id}")


def give_up_sender(by: Actor) -> None:
    """Mails come from the platform's address again. NotFound when there is no other."""
    row = session().scalar(select(SenderDomain))
    if row is None:
        raise NotFound()
    events.record("sender.given_up", row, by, {"address": row.address})
    session().delete(row)


def records_of(row: SenderDomain) -> list[Record]:
    """What the domain has to carry."""
    return wanted_records(row.domain, row.token, post().sending_domain)


def note_look(row: SenderDomain, answers: Mapping[str, list[str]], by: Actor) -> None:
    """Keeps what a look at the records showed: all that is needed makes the address good, what is gone takes it away.

    A domain that another reseller has proved stays theirs: `found["proof"]` is `taken` then, and whose it is, is not said.
    """
    records = records_of(row)
    found = look(records, answers)
    if is_proved(records, found):
        if row.verified_at is None and _is_taken(row):
            found["proof"] = "taken"
        elif row.verified_at is None:
            row.verified_at = clock.now()
            events.record("sender.verified", row, by, {"address": row.address})
    elif row.verified_at is not None:
        row.verified_at = None
        events.record("sender.lost", row, by, {"address": row.address})
    row.found, row.checked_at = found, clock.now()


def _is_taken(row: SenderDomain) -> bool:
    """Asked of the index and not of the rows, which are another's: a savepoint tries, and is undone."""
    is_taken = False
    try:
        with session().begin_nested():
            row.verified_at = clock.now()
            session().flush()
            raise _Undone
    except _Undone:
        pass
    except IntegrityError:
        is_taken = True
    session().refresh(row)
    return is_taken


class _Undone(Exception):
    """Takes a savepoint back that succeeded."""
