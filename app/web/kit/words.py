"""How states read on a page: a word in plain English, an icon and a tone, one line each. Shared by shops and console."""

from __future__ import annotations

from typing import NamedTuple

from flask_babel import lazy_gettext as _l


class Look(NamedTuple):
    """How one state is shown. ``tone`` is a class of the stylesheet; ``is_busy`` turns the icon."""

    word: str
    tone: str
    icon: str
    is_busy: bool = False


LOOKS: dict[str, dict[str, Look]] = {
    "order": {
        "new": Look(_l("New"), "info", "circle-dashed"),
        "on_hold": Look(_l("Waiting for approval"), "warn", "hourglass"),
        "confirmed": Look(_l("Confirmed"), "info", "circle-check"),
        "in_progress": Look(_l("Being delivered"), "info", "loader-circle", True),
        "completed": Look(_l("Completed"), "good", "circle-check"),
        "error": Look(_l("Needs attention"), "bad", "triangle-alert"),
        "canceled": Look(_l("Cancelled"), "", "ban"),
        "refused": Look(_l("Refused"), "bad", "circle-x"),
    },
    "item": {
        "pending": Look(_l("Not started"), "", "circle-dashed"),
        "provisioning": Look(_l("Being delivered"), "info", "loader-circle", True),
        "active": Look(_l("Delivered"), "good", "circle-check"),
        "failed": Look(_l("Failed"), "bad", "circle-x"),
        "canceled": Look(_l("Cancelled"), "", "ban"),
        "unknown": Look(_l("Being checked"), "warn", "search-check"),
    },
    "subscription": {
        "pending": Look(_l("Starting"), "info", "loader-circle", True),
        "active": Look(_l("Active"), "good", "circle-check"),
        "suspended": Look(_l("Suspended"), "warn", "circle-pause"),
        "cancelled": Look(_l("Cancelled"), "", "ban"),
        "expired": Look(_l("Expired"), "", "calendar-x"),
    },
    "change": {
        "new": Look(_l("New"), "info", "circle-dashed"),
        "on_hold": Look(_l("Waiting for approval"), "warn", "hourglass"),
        "confirmed": Look(_l("Confirmed"), "info", "circle-check"),
        "in_progress": Look(_l("At the vendor"), "info", "loader-circle", True),
        "unknown": Look(_l("Being checked"), "warn", "search-check"),
        "completed": Look(_l("Done"), "good", "circle-check"),
        "failed": Look(_l("Not possible"), "bad", "circle-x"),
        "conflict": Look(_l("Stopped: it had changed"), "bad", "git-compare"),
        "canceled": Look(_l("Not made"), "", "ban"),
    },
    "cloud_account": {
        "active": Look(_l("Active"), "good", "circle-check"),
        "closed": Look(_l("Given up"), "", "ban"),
    },
    "drift": {
        "open": Look(_l("Open"), "warn", "git-compare"),
        "accepted": Look(_l("Accepted"), "good", "circle-check"),
        "pushed": Look(_l("Pushed"), "good", "upload"),
        "left": Look(_l("Left"), "", "archive"),
        "gone": Look(_l("Gone by itself"), "", "circle-check"),
    },
    "approval": {
        "pending": Look(_l("Waiting for a decision"), "warn", "hourglass"),
        "waiting": Look(_l("Waiting for a decision"), "warn", "hourglass"),
        "approved": Look(_l("Approved"), "good", "circle-check"),
        "granted": Look(_l("Approved"), "good", "circle-check"),
        "refused": Look(_l("Refused"), "bad", "circle-x"),
        "withdrawn": Look(_l("Withdrawn"), "", "undo-2"),
        "expired": Look(_l("Expired"), "", "calendar-x"),
        "superseded": Look(_l("Replaced by a newer one"), "", "replace"),
    },
    "version": {
        "draft": Look(_l("Draft"), "", "pencil"),
        "scheduled": Look(_l("Scheduled"), "info", "calendar-clock"),
        "live": Look(_l("In force"), "good", "circle-check"),
        "superseded": Look(_l("Replaced"), "", "archive"),
        "withdrawn": Look(_l("Taken back"), "", "undo-2"),
    },
    "finding": {
        "open": Look(_l("Open"), "bad", "triangle-alert"),
        "accepted": Look(_l("Accepted"), "warn", "circle-check"),
        "closed": Look(_l("Closed"), "", "ban"),
        "resolved": Look(_l("Resolved"), "good", "circle-check"),
    },
    "sheet": {
        "uploaded": Look(_l("Waiting"), "", "hourglass"),
        "reading": Look(_l("Being read"), "info", "loader-circle", True),
        "undecided": Look(_l("Waits for your decision"), "warn", "list-checks"),
        "storing": Look(_l("Being stored"), "info", "loader-circle", True),
        "taken": Look(_l("Taken"), "good", "circle-check"),
        "refused": Look(_l("Refused"), "bad", "circle-x"),
        "failed": Look(_l("Failed"), "bad", "triangle-alert"),
        "canceled": Look(_l("Cancelled"), "", "ban"),
    },
    "account": {
        "active": Look(_l("Active"), "good", "circle-check"),
        "closed": Look(_l("Closed"), "", "ban"),
    },
    "mail": {
        "queued": Look(_l("On its way"), "info", "send"),
        "sent": Look(_l("Sent"), "good", "mail-check"),
        "failed": Look(_l("Not delivered"), "bad", "mail-x"),
        "bounced": Look(_l("Came back"), "bad", "undo-2"),
        "suppressed": Look(_l("Not tried"), "warn", "ban"),
    },
    "person": {
        "invited": Look(_l("Invited"), "info", "mail"),
        "active": Look(_l("Active"), "good", "circle-check"),
        "disabled": Look(_l("Disabled"), "", "ban"),
    },
}


def state_look(kind: str, value: str) -> Look:
    """How the state ``value`` of a ``kind`` of thing is shown; a state without a line here shows its own name."""
    known = LOOKS.get(kind, {}).get(value)
    return known or Look(str(value).replace("_", " ").capitalize(), "", "circle")


ROLES = {
    "buyer": _l("Buy"),
    "approver": _l("Approve"),
    "billing": _l("See invoices"),
    "sales": _l("Sales"),
    "operations": _l("Operations"),
    "finance": _l("Finance"),
    "owner": _l("Owner"),
    "staff": _l("Staff"),
}


def role_word(role: str) -> str:
    """What a role is called on a page."""
    return str(ROLES.get(role, role))
