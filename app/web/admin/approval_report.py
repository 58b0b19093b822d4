"""The report on decisions: how long they take, who decides what, and what went out of the ordinary."""

from datetime import datetime, timedelta

from flask import g, request
from flask.typing import ResponseReturnValue
from flask_babel import format_timedelta
from flask_babel import lazy_gettext as _l

from app.core import clock
from app.domain.approvals import queries as approvals
from app.web.kit.area import PLATFORM, Area
from app.web.kit.exports import amount, export_list, moment, number, state, text
from app.web.kit.inbox import KINDS
from app.web.kit.pages import page

area = Area("admin_approval_report", __name__, side=PLATFORM, url_prefix="/admin")

PERIODS = {"30": (30, _l("30 days")), "90": (90, _l("90 days")), "year": (365, _l("A year"))}


@area.get("/approvals/report", can="approval:read")
def show_report() -> ResponseReturnValue:
    """The decisions of the last 30 or 90 days, or of a year."""
    return page(
        "admin/approvals/report.html",
        report=approvals.report(_since()),
        period=_period(),
        periods=[(key, words) for key, (_days, words) in PERIODS.items()],
        kinds=dict(KINDS),
        span=lambda seconds: format_timedelta(timedelta(seconds=float(seconds))),
        house=g.arrival.shop.name,
    )


def _period() -> str:
    asked = request.args.get("period", "")
    return asked if asked in PERIODS else "30"


def _since() -> datetime:
    return clock.now() - timedelta(days=PERIODS[_period()][0])


export_list(
    area,
    "/approvals/report",
    can="approval:read",
    named="decisions",
    rows=lambda: approvals.answered(_since()),
    columns=[
        text(_l("Number"), "number"),
        text(_l("Request"), "summary"),
        text(_l("Kind"), lambda row: dict(KINDS).get(row.kind, row.kind)),
        text(_l("Customer"), "account_name"),
        state(_l("Answer"), "approval", "answer"),
        text(_l("Decided by"), "person_name"),
        text(_l("In place of"), "for_name"),
        moment(_l("Decided"), "decided_at"),
        number(_l("Seconds to decide"), lambda row: round(row.seconds)),
        text(_l("Currency"), "currency"),
        amount(_l("Asked price"), "asked", "currency"),
        amount(_l("Granted price"), "granted", "currency"),
    ],
)
