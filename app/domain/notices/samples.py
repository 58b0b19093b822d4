"""What a mail would say of a real case: the newest order or request of the reseller; an invented one where there is none."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from app.core import clock
from app.core.db import session
from app.core.money import Money
from app.domain.approvals.models import ApprovalRequest
from app.domain.notices.kinds import Kind
from app.domain.notices.models import Mail, Notice
from app.domain.notices.ports import Comment, Letter, Line, Lines, Words, post
from app.domain.notices.queries.bell import sentence
from app.domain.notices.sender import host_of, look_of
from app.domain.notices.stories import Story, of_order, of_request
from app.domain.orders.models import Order
from app.domain.people.models import Person
from app.domain.tenants.models import Tenant


def preview(kind: Kind, words: Words, language: str, tenant: Tenant, reader: Person) -> Letter:
    """The letter with these words about a sample, as `reader` would get it in `language`."""
    story = sample(kind, tenant, language)
    look = replace(look_of(tenant, reader), locale=language)
    if not kind.must:
        look = replace(look, profile_url="#", unsubscribe_url="#")
    facts = {
        "person_name": reader.name,
        "person_email": reader.email,
        "shop_name": look.name,
        **story.facts,
        "link": post().url(
            host_of(reader, tenant),
            story.path(console=reader.realm != "storefront", decides=kind.decides),
        ),
    }
    return post().write(words, look, facts)


def sample(kind: Kind, tenant: Tenant, language: str) -> Story:
    """Values for every placeholder of this kind."""
    facts = _invented(tenant, language)
    found = _real(kind)
    real = {name: value for name, value in found.facts.items() if value} if found else {}
    paths = (found.shop_path, found.console_path, found.deciding) if found else ("/", "/admin")
    return Story(facts | real, *paths)


def _real(kind: Kind) -> Story | None:
    if kind.tag == "orders":
        order = session().scalar(select(Order).order_by(Order.placed_at.desc(), Order.id.desc()).limit(1))
        return of_order(order) if order else None
    if kind.tag == "approvals":
        request = session().scalar(
            select(ApprovalRequest)
            .order_by(ApprovalRequest.created_at.desc(), ApprovalRequest.id.desc())
            .limit(1)
        )
        return of_request(request) if request else None
    if kind.name == "mail_refused":
        mail = session().scalar(
            select(Mail)
            .where(Mail.state.in_(("failed", "bounced")))
            .order_by(Mail.created_at.desc())
            .limit(1)
        )
        if mail is not None:
            facts = {"recipient_email": mail.to_email, "subject": mail.subject, "reason": mail.error}
            return Story(facts, "/", f"/admin/emails/{mail.id}")
    return None


def _invented(tenant: Tenant, language: str) -> dict[str, Any]:
    amount = Money(Decimal("412.80"), tenant.currency)
    number = f"O-{clock.now().year}-000123"
    told = (
        session().scalars(select(Notice).order_by(Notice.created_at.desc(), Notice.id.desc()).limit(3)).all()
    )
    lines = [Line(sentence(one.kind, one.values, language), at=one.created_at) for one in told]
    said = sentence("order_delivered", {"order_number": number}, language)
    return {
        "company_name": "Nimbus GmbH",
        "order_number": number,
        "request_number": number,
        "requester_name": "Ann Becker",
        "decider_name": "Paul Winter",
        "asker_name": "Paul Winter",
        "inviter_name": "Olivia Brandt",
        "summary": "40 × Business Premium",
        "reason": "Half of these seats are free.",
        "total": Money(amount.amount * 12, tenant.currency),
        "first_charge": amount,
        "deadline": clock.now() + timedelta(days=7),
        "comment": Comment("Half of these seats are free.", "Paul Winter"),
        "order_lines": Lines((Line("40 × Business Premium", amount),), amount),
        "price_lines": Lines((Line("40 × Business Premium", amount),)),
        "notices": Lines(tuple(lines) or (Line(said, at=clock.now()),)),
        "recipient_email": "neo@nimbus.example",
        "subject": said,
        "count": 3,
        "day": clock.today(tenant.time_zone),
    }
