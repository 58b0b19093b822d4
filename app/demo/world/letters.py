"""The world's mails: texts that resellers have changed, what arrived and what did not, and what people have read."""

from datetime import timedelta

from flask import Flask
from sqlalchemy import func, select, update

from app.core import clock, scope
from app.core.actor import Actor
from app.core.db import session
from app.core.unit import unit
from app.demo.cast import PEOPLE
from app.domain.notices import actions as notices
from app.domain.notices.models import Mail, Notice
from app.domain.notices.rules.bounces import Bounce
from app.domain.people.actors import actor_of
from app.domain.people.models import Person

SETTLED = timedelta(minutes=2)
READ_AFTER = timedelta(days=2)

_WORDS = {
    "acme": {
        ("order_delivered", "en"): (
            "{order_number} is ready to use",
            (
                "Hello {person_name},\n\ngood news: everything in {order_number} is active, and your people can sign in.\n\n"
                "{order_lines}\n\n{button}\n\nQuestions? Just answer this mail.\nYour team at {shop_name}"
            ),
        ),
        ("order_delivered", "de"): (
            "{order_number} ist einsatzbereit",
            (
                "Guten Tag {person_name},\n\ngute Nachrichten: Alles aus {order_number} ist aktiv, es kann losgehen.\n\n"
                "{order_lines}\n\n{button}\n\nFragen? Antworten Sie einfach auf diese Mail.\nIhr Team von {shop_name}"
            ),
        ),
    },
    "globex": {},
}
_SENT_AS = {"acme": ("Acme orders", "orders@acme.example"), "globex": ("", "shop@globex.example")}


def word(nickname: str, by: Actor) -> None:
    """Some mails in the reseller's own words, sent in its own way."""
    for (kind, language), (subject, body) in _WORDS.get(nickname, {}).items():
        notices.save_wording(kind, language, subject=subject, body=body, by=by)
    if nickname == "acme":
        notices.ask_for_sender("orders@acme.example", by)
    if nickname in _SENT_AS:
        name, answers = _SENT_AS[nickname]
        notices.save_settings(
            "order_delivered", is_enabled=True, from_name=name, reply_to=answers, bcc="", by=by
        )


def arrive(app: Flask) -> None:
    """Mails of the past have arrived but for two; notices of some days ago were read; Nora wants a summary once a day."""
    with app.app_context(), unit(scope.everyone(reason="building the demo world")):
        session().execute(
            update(Mail)
            .where(Mail.state == "queued")
            .values(state="sent", attempts=1, sent_at=func.least(Mail.created_at + SETTLED, clock.now()))
        )
        session().execute(
            update(Notice)
            .where(Notice.created_at < clock.now() - READ_AFTER)
            .values(read_at=Notice.created_at + timedelta(hours=3))
        )
        _come_back("kofi")
    with app.app_context():
        nora = _actor("nora")
    with app.app_context(), unit(scope.Scope(nora.tenant_id, nora.account_id)):
        notices.choose({"orders": "daily"}, time_zone="Europe/Berlin", summary_hour=7, by=nora)


def _come_back(key: str) -> None:
    newest = session().scalars(
        select(Mail).where(Mail.to_email == PEOPLE[key].email).order_by(Mail.created_at.desc()).limit(1)
    )
    for mail in newest:
        notices.take_bounce(
            Bounce(mail.id, mail.to_email, "5.2.2", "552 the mailbox is full and takes no mail", True)
        )


def _actor(key: str) -> Actor:
    with unit(scope.everyone(reason="building the demo world"), read_only=True):
        return actor_of(
            session().execute(select(Person).where(Person.email == PEOPLE[key].email)).scalar_one()
        )
