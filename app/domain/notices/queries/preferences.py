"""How people want to be told, and whose address takes no mail."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from app.core.actor import Actor
from app.core.db import session
from app.domain.notices.kinds import GROUPS
from app.domain.notices.models import Recipient


@dataclass(frozen=True, slots=True)
class Choices:
    """A person's choices, with what is usual where they made none; `hows` has the groups that are offered to them."""

    hows: Mapping[str, str]
    time_zone: str
    summary_hour: int
    refusal: str


def choices_of(by: Actor, shop_time_zone: str) -> Choices:
    """What this person has chosen. One query."""
    row = session().scalar(select(Recipient).where(Recipient.person_id == by.person_id))
    chosen = row.hows if row else {}
    return Choices(
        hows={
            group.name: str(chosen.get(group.name) or group.usual)
            for group in GROUPS.values()
            if by.realm in group.realms
        },
        time_zone=(row.time_zone if row else "") or shop_time_zone,
        summary_hour=row.summary_hour if row else 8,
        refusal=row.refusal if row and row.refused_at and row.refused_email == by.email else "",
    )


def refusals(person_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Why mail to these people does not arrive, for those to whom it does not. One query."""
    rows = session().execute(
        select(Recipient.person_id, Recipient.refusal).where(
            Recipient.person_id.in_(list(person_ids)), Recipient.refused_at.is_not(None)
        )
    )
    return {row[0]: row[1] for row in rows}
