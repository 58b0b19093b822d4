"""What a notice is about: the values of its placeholders, and the page to look at, from the rows an event names."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from app.core.db import session
from app.core.events import Event
from app.core.money import Money
from app.domain.approvals.models import ApprovalRequest, Decision
from app.domain.notices.ports import Comment, Line, Lines
from app.domain.orders.models import Order, OrderLine
from app.domain.people.models import Account
from app.domain.subscriptions.models import PriceNotice


@dataclass(frozen=True, slots=True)
class Story:
    """Values by placeholder, and where to look: a path in the shop and one in the console.

    `deciding` follows either path where whoever reads is asked to decide: the small page with the form alone.
    """

    facts: Mapping[str, Any]
    shop_path: str
    console_path: str
    deciding: str = ""

    def path(self, *, console: bool, decides: bool = False) -> str:
        """The page on that side of the house; where somebody `decides`, the small page with the decision's form."""
        path = self.console_path if console else self.shop_path
        return path + self.deciding if decides else path


def price_story(event: Event) -> Story | None:
    """About prices that rise for what a customer runs: the notice as it was written."""
    notice = session().get(PriceNotice, event.subject_id)
    if notice is None:
        return None
    lines = tuple(
        Line(
            f"{one['quantity']} × {one['title']}: {one['before']} → {one['after']} {one['currency']}, {one['changes_on']}",
            Money(Decimal(one["after"]), one["currency"]),
        )
        for one in notice.lines
    )
    first = min(date.fromisoformat(one["changes_on"]) for one in notice.lines if one["changes_on"])
    facts = {
        "company_name": _company(notice.account_id),
        "day": first,
        "count": len(lines),
        "price_lines": Lines(lines),
    }
    return Story(facts, "/subscriptions", f"/admin/accounts/{notice.account_id}")


def margin_story(event: Event) -> Story | None:
    """About lines that the margin guard found."""
    return Story({"count": event.data.get("new", 0)}, "/", "/admin/margin-guard")


def order_story(event: Event) -> Story | None:
    """About the order that the event happened to."""
    order = session().get(Order, event.subject_id)
    return None if order is None else of_order(order, str(event.data.get("reason") or ""))


def of_order(order: Order, reason: str = "") -> Story:
    """About an order: its lines and totals, the last decision about it, and why it ended as it did."""
    lines = session().scalars(
        select(OrderLine).where(OrderLine.order_id == order.id).order_by(OrderLine.position)
    )
    decision = _last_decision(order.approval_request_id)
    first = Money(order.total_amount, order.currency)
    listed = tuple(
        Line(f"{line.quantity} × {line.title}", Money(line.total_amount, line.currency)) for line in lines
    )
    return Story(
        {
            "order_number": order.number,
            "company_name": _company(order.account_id),
            "requester_name": order.placed_by_name,
            "decider_name": decision.person_name if decision else "",
            "reason": reason or order.reason,
            "total": Money(order.commitment_amount, order.currency),
            "first_charge": first,
            "order_lines": Lines(listed, first),
            "comment": _comment(decision),
        },
        f"/orders/{order.number}",
        f"/admin/orders/{order.number}",
    )


def request_story(event: Event) -> Story | None:
    """About the request that the event happened to; what the event's data says as `comment` is what somebody wrote."""
    request = session().get(ApprovalRequest, event.subject_id)
    if request is None:
        return None
    written = event.data.get("question") or event.data.get("answer") or event.data.get("comment")
    said = Comment(str(written), event.person_name) if written else None
    return of_request(request, said=said, asker=event.person_name, reason=str(event.data.get("reason") or ""))


def of_request(
    request: ApprovalRequest, *, said: Comment | None = None, asker: str = "", reason: str = ""
) -> Story:
    """About a request for approval: who asks for what, and until when."""
    decision = _last_decision(request.id)
    return Story(
        {
            "request_number": request.subject_number,
            "company_name": _company(request.account_id),
            "requester_name": request.requested_by_name,
            "asker_name": asker,
            "decider_name": decision.person_name if decision else "",
            "summary": request.summary,
            "total": Money(request.total_amount, request.currency),
            "deadline": request.expires_at,
            "reason": reason or request.closing_reason or (decision.comment if decision else ""),
            "comment": said or _comment(decision),
        },
        f"/approvals/{request.id}",
        f"/admin/approvals/{request.id}",
        "/decision",
    )


def mail_story(event: Event) -> Story:
    """About a mail that did not arrive."""
    return Story(
        {
            "recipient_email": str(event.data.get("to", "")),
            "subject": str(event.data.get("subject", "")),
            "reason": str(event.data.get("reason", "")),
        },
        "/",
        f"/admin/emails/{event.subject_id}",
    )


def _company(account_id: Any) -> str:
    account = session().get(Account, account_id)
    return account.name if account else ""


def _last_decision(request_id: Any) -> Decision | None:
    if request_id is None:
        return None
    return (
        session()
        .scalars(
            select(Decision)
            .where(Decision.approval_request_id == request_id)
            .order_by(Decision.step.desc(), Decision.decided_at.desc())
            .limit(1)
        )
        .first()
    )


def _comment(decision: Decision | None) -> Comment | None:
    return Comment(decision.comment, decision.person_name) if decision and decision.comment else None
