"""The file of one decision as a document: what was asked, over which digest, why it waited, what was said, who decided."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, g
from flask_babel import gettext as _

from app.core.money import Money
from app.domain.approvals.queries import DecisionRow, RequestFile
from app.domain.approvals.rules.verdict import Reason
from app.web.kit.choices import words
from app.web.kit.documents import Attached, Document, Entry, Section, pdf_of
from app.web.kit.downloads import file_response
from app.web.kit.filters import money_text
from app.web.kit.inbox import KINDS
from app.web.kit.language import spoken
from app.web.kit.policies import who
from app.web.kit.words import state_look


@dataclass(frozen=True, slots=True)
class Inside:
    """What only people who may see cost read: cost and margin of all charges."""

    cost: Decimal
    margin: Decimal


def approval_pdf(
    file: RequestFile,
    *,
    reasons: Iterable[Reason],
    told: Callable[[Reason], str],
    customer: bool,
    inside: Inside | None = None,
) -> Response:
    """The file as a PDF to be saved. `customer`: as the customer's people read it, without the reseller's people's names for
    policies and without `inside`.
    """
    document = approval_document(file, list(reasons), told, customer, None if customer else inside)
    return file_response(pdf_of(document), f"{file.found.row.subject_number}.pdf", "application/pdf")


def approval_document(
    file: RequestFile,
    reasons: list[Reason],
    told: Callable[[Reason], str],
    customer: bool,
    inside: Inside | None,
) -> Document:
    """The document, dated by the last thing that happened to the request, so that the same file has the same bytes."""
    found, row, shop = file.found, file.found.row, g.arrival.shop
    happened = [
        row.requested_at,
        *(one.decided_at for one in found.decisions),
        *(one.at for one in found.messages),
    ]
    happened += [offer.answered_at or offer.at for offer in file.offers]
    happened += [row.closed_at] if row.closed_at else []
    sections = [
        _request(file),
        *_asked(file, inside),
        _why(reasons, told),
        *_rules(file, customer),
        Section(
            _("Who was asked"),
            facts=[
                (_("Step %(n)s", n=number), who(step, shop.name if customer else ""))
                for number, step in enumerate(found.steps, start=1)
            ],
        ),
        *_talk(file),
        _decisions(file),
        _fingerprint(file),
    ]
    return Document(
        title=_("Decision about %(number)s", number=row.subject_number),
        author=shop.name,
        lead=f"{row.account_name} · {row.summary}",
        footer=f"{row.subject_number} · {found.digest[:16]}",
        at=max(happened),
        lang=spoken().locale.replace("-", "_").split("_")[0],
        sections=sections,
        files=[
            Attached(
                f"ask-{ask.number}.json",
                ask.content,
                "application/json",
                _("What was asked, exactly as it was frozen. SHA-256: %(digest)s", digest=ask.digest),
            )
            for ask in file.asks
        ],
    )


def _at(moment: datetime) -> str:
    """A moment to the second, in UTC and in the reseller's zone."""
    zone = g.arrival.shop.time_zone
    local = moment.astimezone(ZoneInfo(zone))
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC ({local:%Y-%m-%d %H:%M:%S} {zone})"


def _request(file: RequestFile) -> Section:
    row, content = file.found.row, file.found.content
    facts = [
        (_("Number"), row.subject_number),
        (_("Kind"), str(dict(KINDS).get(row.subject_type, row.subject_type))),
        (_("Customer"), row.account_name),
        (_("Purchase order"), str(content.get("purchase_order_number") or "")),
        (_("Asked by"), row.requested_by_name),
        (_("Asked"), _at(row.requested_at)),
        (_("State"), str(state_look("approval", row.state).word)),
        (_("Closed"), _at(row.closed_at) if row.closed_at else ""),
        (_("Reason"), file.found.closing_reason),
    ]
    return Section(_("The request"), facts=[fact for fact in facts if fact[1]])


def _asked(file: RequestFile, inside: Inside | None) -> list[Section]:
    content, total = file.found.content, file.found.row.total
    lines = content.get("lines")
    totals = [(_("All charges of the whole term"), money_text(total))]
    if isinstance(lines, list):
        sections = [_lines(lines, str(content["currency"]))]
        totals.insert(
            0, (_("First charge"), money_text(_money(content["total_amount"], content["currency"])))
        )
        totals.append((_("Tax"), _("not included")))
    else:
        sections = [Section(_("What is asked"), facts=list(_plain(content)))]
    if inside is not None:
        totals.append((_("Your cost"), money_text(inside.cost, total.currency)))
        totals.append((_("Margin"), money_text(inside.margin, total.currency)))
    return [*sections, Section(_("Totals"), facts=totals)]


def _lines(lines: list[Mapping[str, Any]], currency: str) -> Section:
    return Section(
        _("What is asked"),
        "table",
        head=[_("Product"), _("Term"), _("Quantity"), _("Price"), _("First charge"), _("All charges")],
        widths=[6, 4, 2, 3, 3, 3],
        ends=[False, False, True, True, True, True],
        rows=[
            [
                f"{line['title']}\n{line['vendor']} · {line['sku']}",
                f"{words('term', line['term'])}, {words('plan', line['billing_plan'])}",
                str(line["quantity"]),
                money_text(_money(line["unit_amount"], currency), unit=True),
                money_text(_money(line["total_amount"], currency)),
                money_text(_money(line["commitment_amount"], currency)),
            ]
            for line in lines
        ],
    )


def _plain(content: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    for key, value in content.items():
        if isinstance(value, str | int) and not isinstance(value, bool) and value != "":
            yield key.replace("_", " ").capitalize(), str(value)


def _why(reasons: list[Reason], told: Callable[[Reason], str]) -> Section:
    return Section(
        _("Why it waited"),
        "texts",
        texts=[
            Entry(told(reason), _("Reached: a decision is needed.") if reason.is_met else _("Not reached."))
            for reason in reasons
        ],
    )


def _rules(file: RequestFile, customer: bool) -> list[Section]:
    facts = []
    for held in file.held_by:
        if held.layer == "customer":
            name = _("The customer's own rules")
        else:
            name = _("Policy for this customer") if held.is_own else _("Policy for all customers")
        version = _("version %(n)s, published %(at)s", n=held.number, at=_at(held.published_at))
        is_told = not customer or held.layer == "customer"
        facts.append((name, f"{version}, {held.published_by_name}" if is_told else version))
    return [Section(_("Rules in force then"), facts=facts)] if facts else []


def _talk(file: RequestFile) -> list[Section]:
    said = [
        (
            one.at,
            Entry(
                _("%(name)s asked", name=one.person_name)
                if one.kind == "question"
                else _("%(name)s answered", name=one.person_name),
                _at(one.at),
                one.content,
            ),
        )
        for one in file.found.messages
    ]
    for offer in file.offers:
        less = [f"{one['title']}: {one['before']} → {one['after']}" for one in offer.quantities]
        answer = f"{offer.answered_by_name}, {_at(offer.answered_at)}" if offer.answered_at else ""
        head = _("%(name)s offered to approve less", name=offer.person_name)
        body = "\n".join(
            filter(None, [*less, offer.comment, answer and f"{_OFFER[offer.state]()}: {answer}"])
        )
        said.append((offer.at, Entry(head, _at(offer.at), body)))
    said.sort(key=lambda pair: pair[0])
    texts = [entry for _when, entry in said]
    return [Section(_("Questions and answers"), "texts", texts=texts)] if texts else []


_OFFER: Mapping[str, Callable[[], str]] = {
    "open": lambda: _("Open"),
    "accepted": lambda: _("Accepted"),
    "declined": lambda: _("Declined"),
    "lapsed": lambda: _("Lapsed"),
}


def _decisions(file: RequestFile) -> Section:
    if not file.found.decisions:
        return Section(_("Decisions"), facts=[(_("Decisions"), _("Nobody decided it."))])
    return Section(_("Decisions"), "texts", texts=[_decision(one) for one in file.found.decisions])


def _decision(one: DecisionRow) -> Entry:
    yes = one.answer == "approved"
    head = (
        _("Approved by %(name)s", name=one.person_name)
        if yes
        else _("Refused by %(name)s", name=one.person_name)
    )
    if one.for_name:
        head += " " + _("for %(name)s, who was away", name=one.for_name)
    lines = [_at(one.decided_at), _("Step %(n)s", n=one.step + 1)]
    if one.granted is not None:
        lines.append(
            _(
                "Asked at %(asked)s, granted at %(granted)s.",
                asked=money_text(one.asked),
                granted=money_text(one.granted),
            )
        )
    lines.append(f"SHA-256 {one.granted_digest or one.digest}")
    return Entry(head, "\n".join(lines), one.comment)


def _fingerprint(file: RequestFile) -> Section:
    facts = [(f"ask-{ask.number}.json", ask.digest) for ask in file.asks]
    return Section(
        _("Fingerprint"),
        facts=[
            ("SHA-256", file.found.digest),
            *facts,
            (
                _("How to check it"),
                _(
                    "What was asked is attached to this file. The SHA-256 sum of an attachment is its fingerprint."
                ),
            ),
        ],
    )


def _money(amount: str, currency: str) -> Money:
    return Money(Decimal(amount), currency)
