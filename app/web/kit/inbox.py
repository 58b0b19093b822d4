"""The inbox of requests as both doors show it: what an address asks for, what a bulk decision says, the words of kinds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, StringField, TextAreaField
from wtforms.validators import Length

from app.core.money import parse_amount
from app.domain.approvals.actions import Chosen
from app.domain.approvals.queries import Narrow
from app.web.kit.forms import Form, RadioField, SelectMultipleField
from app.web.kit.listing import Asked, asked, uuid_of

VIEWS = ("mine", "waiting", "decided", "all")
STATE_OF_VIEW = {"mine": "pending", "waiting": "pending", "decided": "closed", "all": ""}
SORTS = ("asked", "amount", "expires", "account", "number")
KINDS = [
    ("order", _l("Orders")),
    ("seat_change", _l("Seat changes")),
    ("renewal", _l("Renewals")),
    ("cancellation", _l("Cancellations")),
    ("term_change", _l("Changes of term")),
    ("sign_up", _l("Sign-ups")),
    ("cloud_account", _l("Cloud accounts")),
    ("vendor_program", _l("Vendor programs")),
]
AGES = [("1", _l("Older than a day")), ("3", _l("Older than 3 days")), ("7", _l("Older than a week"))]
KEPT = ("view", "kind", "age", "least", "most", "account", "q", "sort")


class DecisionForm(Form):
    """The answer to one step. `digest` and `step` are what the page showed; `at_amount` which of two prices, once it moved."""

    digest = HiddenField()
    step = HiddenField()
    at_amount = RadioField(_l("Approve at"), choices=[], validate_choice=False)
    answer = HiddenField()
    comment = TextAreaField(_l("Comment"), [Length(max=2000, message=_l("Use at most 2,000 characters."))])

    @property
    def amount(self) -> Any:
        """The chosen total, or None."""
        return parse_amount(self.at_amount.data or "")

    @property
    def step_number(self) -> int:
        """The step that the page showed; -1, which no request is at, when it says nonsense."""
        text = self.step.data or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else -1


class BulkForm(Form):
    """One answer to several requests. A chosen one is `<request id>:<step>:<digest>`, as the list showed it."""

    chosen = SelectMultipleField(_l("Chosen"), choices=[], validate_choice=False)
    answer = HiddenField()
    comment = StringField(_l("Comment"), [Length(max=2000, message=_l("Use at most 2,000 characters."))])

    def requests(self) -> list[Chosen]:
        """What was chosen; what cannot be read is left out, so that nothing is decided that was not shown."""
        found = []
        for one in self.chosen.data or ():
            request_id, _colon, rest = one.partition(":")
            step, _colon, digest = rest.partition(":")
            known = uuid_of(request_id)
            if known is not None and step.isascii() and step.isdigit() and len(step) < 4:
                found.append(Chosen(known, int(step), digest))
        return found


class ViewForm(Form):
    """A name for the filters that stand in the address."""

    name = StringField(_l("Name of the view"))
    query = HiddenField()


def asked_of_inbox() -> Asked:
    """What the address asks for; what is on none of the lists is ignored."""
    return asked(SORTS, "", view=VIEWS, account=None, kind=dict(KINDS), age=dict(AGES), least=None, most=None)


def narrow_of(ask: Asked) -> Narrow:
    """The same as the inbox takes it; an amount that cannot be read narrows nothing."""
    return Narrow(
        kind=ask["kind"],
        account_id=uuid_of(ask["account"]),
        older_than=int(ask["age"] or 0),
        least=parse_amount(ask["least"]),
        most=parse_amount(ask["most"]),
        q=ask.q,
    )


def address_of(ask: Asked) -> str:
    """The query string of the filters that are on, for saving them and for coming back to them."""
    values: Mapping[str, str] = {**ask.filters, "q": ask.q, "sort": ask.sort}
    return urlencode([(name, values[name]) for name in KEPT if values.get(name)])


def filters_of(ask: Asked, account_name: str = "") -> list[tuple[str, dict[str, None]]]:
    """Each filter that is on, in words, and what taking it off leaves out of the address."""
    found = []
    if ask["kind"]:
        found.append((str(dict(KINDS)[ask["kind"]]), {"kind": None}))
    if ask["age"]:
        found.append((str(dict(AGES)[ask["age"]]), {"age": None}))
    if parse_amount(ask["least"]) is not None:
        found.append((_("From %(amount)s", amount=ask["least"]), {"least": None}))
    if parse_amount(ask["most"]) is not None:
        found.append((_("Up to %(amount)s", amount=ask["most"]), {"most": None}))
    if uuid_of(ask["account"]) is not None:
        found.append((account_name or _("One customer"), {"account": None}))
    return found


def query_of_page() -> str:
    """The query string of this address, for fetching the list alone."""
    return request.query_string.decode("ascii", "ignore")


def problems_by_number(rows: Any, problems: Mapping[Any, str]) -> list[str]:
    """Why some could not be decided, by the number that a person knows."""
    numbers = {row.id: row.subject_number for row in rows}
    return [f"{numbers.get(key, '')}: {text}" for key, text in problems.items()]
