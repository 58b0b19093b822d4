"""The drift desk: differences with the vendors, each accepted, pushed or left by a person."""

from typing import Any
from uuid import UUID

from flask import flash, g
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, TextAreaField
from wtforms.validators import Length

from app.core import events, unit
from app.core.errors import Conflict, Invalid
from app.core.paging import Page
from app.domain.reports.queries import drift as reports
from app.domain.subscriptions.actions.drifting import decide_drift
from app.web.kit.area import PLATFORM, Area
from app.web.kit.exports import amount, export_list, moment, state, text
from app.web.kit.forms import Form
from app.web.kit.happenings import timeline
from app.web.kit.listing import Asked, asked
from app.web.kit.pages import page, see_other

area = Area("admin_drift", __name__, side=PLATFORM, url_prefix="/admin/drift")

VIEWS = ("open", "left", "settled")


class DriftForm(Form):
    """What is done about a difference, and why."""

    answer = HiddenField()
    note = TextAreaField(_l("Note"), [Length(max=500, message=_l("Use at most 500 characters."))])


@area.get("", can="order:manage")
def list_drifts() -> ResponseReturnValue:
    """What is open first; then what was left and what was settled."""
    ask = _ask()
    return page(
        "admin/drift/list.html",
        ask=ask,
        view=ask["view"] or "open",
        counts=reports.counts(),
        found=_found(ask),
    )


def _ask() -> Asked:
    return asked(reports.SORTS, "-found", view=VIEWS)


def _found(ask: Asked) -> Page[Any]:
    view = ask["view"] or "open"
    return reports.drifts(state=view, q=ask.q, sort=ask.sort, page=ask.page, size=ask.size)


export_list(
    area,
    "",
    can="order:manage",
    named="drift",
    rows=lambda: _found(_ask().whole()),
    columns=[
        text(_l("Subscription"), "Subscription.number"),
        text(_l("Product"), "Subscription.title"),
        text(_l("Vendor"), "vendor_name"),
        text(_l("Customer"), "account_name"),
        text(_l("What"), "Drift.aspect"),
        text(_l("Ours"), "Drift.ours"),
        text(_l("Vendor's"), "Drift.theirs"),
        text(_l("Currency"), "Drift.currency"),
        amount(_l("Effect on each charge"), "Drift.effect_amount", "Drift.currency"),
        moment(_l("Found"), "Drift.found_at"),
        state(_l("State"), "drift", "Drift.state"),
        text(_l("Closed by"), "Drift.closed_by_name"),
    ],
)


@area.route("/<uuid:drift_id>", methods=["GET", "POST"], can="order:manage")
def decide(drift_id: UUID) -> ResponseReturnValue:
    """One difference with its effect in money; a POST settles it."""
    form, problem, status = DriftForm(), "", 200
    if form.taken():
        try:
            change = decide_drift(
                drift_id, form.answer.data or "", note=form.note.data or "", by=g.arrival.actor
            )
        except Invalid as invalid:
            unit.start_over()
            form.blame(invalid)
        except Conflict as conflict:
            unit.start_over()
            problem, status = conflict.message, 409
        else:
            _tell(form.answer.data or "", change)
            return see_other(".list_drifts")
    row = reports.drift(drift_id)
    return page(
        "admin/drift/detail.html",
        422 if form.has_errors else status,
        form=form,
        problem=problem,
        row=row,
        drift=row.Drift,
        subscription=row.Subscription,
        events=timeline(events.timeline(row.Subscription.id, limit=20)),
    )


def _tell(answer: str, change: object) -> None:
    if answer == "accepted":
        flash(_("Accepted. From now on we count as the vendor does."), "good")
    elif answer == "left":
        flash(_("Left as it is. It comes back when the vendor's number changes again."), "info")
    elif getattr(change, "state", "") == "on_hold":
        flash(_("Pushing it waits for approval, like any other change."), "info")
    else:
        flash(_("Our number is on its way to the vendor."), "good")
