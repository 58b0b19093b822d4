"""The margin guard: lines that earn less than they must, deciding about one, and the settings of pricing."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import flash, g
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, StringField, TextAreaField

from app.core.errors import Invalid
from app.core.events import timeline as events_of
from app.core.money import parse_amount
from app.core.paging import Page
from app.domain.pricing import actions
from app.domain.pricing import queries as pricing
from app.domain.pricing.models import FINDING
from app.domain.pricing.rules.guard import REASONS
from app.domain.reports.queries import margins
from app.web.kit.area import PLATFORM, Area
from app.web.kit.choices import words
from app.web.kit.exports import amount, export_list, moment, number, text
from app.web.kit.forms import Form, RadioField
from app.web.kit.happenings import timeline
from app.web.kit.listing import Asked, asked
from app.web.kit.margins import CAUSE_WORDS, REASON_WORDS
from app.web.kit.pages import form_page, page, see_other
from app.web.kit.times import local_instant

area = Area("admin_margin_guard", __name__, side=PLATFORM, url_prefix="/admin")


class DecisionForm(Form):
    """What becomes of one line."""

    decision = RadioField(
        _l("What becomes of it"),
        choices=[
            ("accepted", _l("Sell it at this price all the same")),
            ("closed", _l("Do not sell it at this price")),
            ("open", _l("Nothing is decided")),
        ],
    )
    until = StringField(_l("Until"))
    comment = TextAreaField(_l("Why"))
    version = HiddenField()


class SettingsForm(Form):
    """What happens to prices that run already, and to sales under the margin."""

    notice_days = StringField(_l("Days of notice before a rise"))
    running_terms = RadioField(
        _l("Terms longer than a month"),
        choices=[
            ("renewal", _l("keep their price until they renew (the vendors' price protection)")),
            ("period", _l("change with their next charge")),
        ],
    )
    monthly_terms = RadioField(
        _l("Monthly terms"),
        choices=[
            ("period", _l("change with their next month")),
            ("kept", _l("keep their price as long as they run")),
        ],
    )
    guard = RadioField(
        _l("A sale under the margin"),
        choices=[
            ("list", _l("goes through; the line is shown in the margin guard")),
            ("approval", _l("waits for your approval")),
            ("closed", _l("cannot be ordered until somebody decides")),
        ],
    )
    least_margin_percent = StringField(_l("Least margin"))
    version = HiddenField()


@area.get("/margin-guard", can="cost:read")
def list_findings() -> ResponseReturnValue:
    """By state and reason, search, order by what is at stake."""
    ask = _ask()
    state = ask["state"] or "open"
    return page(
        "admin/margin_guard/list.html",
        ask=ask,
        state=state,
        found=_found(ask),
        counts=margins.counts(),
        stakes=margins.stakes(state),
        states=FINDING.states,
        reasons=REASON_WORDS,
        settings=pricing.settings(),
    )


def _ask() -> Asked:
    return asked(margins.SORTS, "-stake", state=FINDING.states, reason=REASONS)


def _found(ask: Asked) -> Page[Any]:
    state = ask["state"] or "open"
    return margins.findings(
        state=state, reason=ask["reason"], q=ask.q, sort=ask.sort, page=ask.page, size=ask.size
    )


export_list(
    area,
    "/margin-guard",
    can="cost:read",
    named="margins",
    rows=lambda: _found(_ask().whole()),
    columns=[
        text(_l("Offer"), "title"),
        text(_l("Vendor"), "vendor_name"),
        text(_l("Term"), lambda row: words("term", row.term)),
        text(_l("Billing"), lambda row: words("plan", row.billing_plan)),
        text(_l("Segment"), lambda row: words("segment", row.segment)),
        text(_l("Price book"), lambda row: row.book_name or _("List price")),
        text(_l("Reason"), lambda row: REASON_WORDS[row.reason]),
        text(_l("Currency"), "currency"),
        amount(_l("Cost"), "unit_cost", "currency"),
        amount(_l("Price"), "unit_price", "currency"),
        number(_l("Margin (%)"), "margin_percent"),
        number(_l("Running"), "running_units"),
        amount(_l("At stake a year"), "stake", "currency"),
        amount(_l("Sold, 90 days"), "sold_amount", "currency"),
        moment(_l("Found"), "created_at"),
    ],
)


@area.get("/margin-guard/<uuid:finding_id>", can="cost:read")
def show_finding(finding_id: UUID) -> ResponseReturnValue:
    """One line: what it earns, what runs on it, and what was decided."""
    row = margins.finding(finding_id)
    decision = "open" if row.state == "resolved" else row.state
    return _finding_page(row, DecisionForm(data={"decision": decision, "version": str(row.version)}))


@area.post("/margin-guard/<uuid:finding_id>/decision", can="pricing:edit")
def decide_finding(finding_id: UUID) -> ResponseReturnValue:
    """Sold all the same, closed, or open again."""
    row = margins.finding(finding_id)
    form = DecisionForm()
    if form.taken():
        try:
            _decide(finding_id, form)
            flash(_("Decided."), "good")
            return see_other(".list_findings")
        except Invalid as invalid:
            form.blame(invalid)
    return _finding_page(row, form)


def _finding_page(row: Any, form: DecisionForm) -> ResponseReturnValue:
    return form_page(
        "admin/margin_guard/detail.html",
        form,
        row=row,
        reasons=REASON_WORDS,
        causes=CAUSE_WORDS,
        events=timeline(events_of(row.id)),
    )


def _decide(finding_id: UUID, form: DecisionForm) -> None:
    found, by = pricing.finding(finding_id), g.arrival.actor
    version = int(form.version.data) if (form.version.data or "").isdecimal() else 0
    comment = form.comment.data or ""
    if form.decision.data == "accepted":
        until = None
        if form.until.data:
            until = local_instant(form.until.data, g.arrival.shop.time_zone)
            if until is None:
                raise Invalid({"until": _("Enter a date.")})
        actions.accept_finding(found, until=until, comment=comment, version=version, by=by)
    elif form.decision.data == "closed":
        actions.close_finding(found, comment=comment, version=version, by=by)
    else:
        actions.reopen_finding(found, version=version, by=by)


@area.route("/pricing-settings", methods=["GET", "POST"], can="pricing:edit")
def choose_settings() -> ResponseReturnValue:
    """Notice, running terms and the guard; a price book can have running terms of its own."""
    now = pricing.settings()
    least = now.least_margin_percent
    form = SettingsForm(
        data={
            "notice_days": str(now.notice_days),
            "running_terms": now.running_terms,
            "monthly_terms": now.monthly_terms,
            "guard": now.guard,
            "least_margin_percent": "" if least is None else f"{least.normalize():f}",
            "version": str(now.version),
        }
    )
    if form.taken():
        try:
            actions.choose_settings(_wanted(form, now), by=g.arrival.actor)
            flash(_("Saved. It holds from now on."), "good")
            return see_other(".choose_settings")
        except Invalid as invalid:
            form.blame(invalid)
    return form_page("admin/margin_guard/settings.html", form)


def _wanted(form: SettingsForm, now: pricing.Settings) -> pricing.Settings:
    days = (form.notice_days.data or "0").strip()
    typed = (form.least_margin_percent.data or "").strip()
    least = parse_amount(typed) if typed else None
    if typed and least is None:
        raise Invalid({"least_margin_percent": _("Enter a plain number, such as 5.")})
    if not (days.isascii() and days.isdigit() and len(days) < 4):
        raise Invalid({"notice_days": _("Enter a number of days from 0 to 365.")})
    return replace(
        now,
        notice_days=int(days),
        running_terms=form.running_terms.data,
        monthly_terms=form.monthly_terms.data,
        guard=form.guard.data,
        least_margin_percent=least,
        version=int(form.version.data) if (form.version.data or "").isdecimal() else 0,
    )
