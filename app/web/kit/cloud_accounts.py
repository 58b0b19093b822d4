"""Asking for an account at a vendor, as shop and console do it: one form, one way to take it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import flash, g, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, StringField, TextAreaField

from app.core import unit
from app.core.errors import Conflict, Invalid
from app.core.ids import new_id
from app.domain.cloud_accounts import actions
from app.domain.cloud_accounts.models import CloudAccount, CloudAccountRequest
from app.domain.cloud_accounts.queries import vendor_choices
from app.domain.orders.rules.terms import terms_in_force
from app.web.kit.forms import Form, SelectField
from app.web.kit.listing import uuid_of

KINDS = {"new": "provision", "link": "link", "deletion": "deletion"}
"""The last word of an address, and the kind of request it is."""


class AccountForm(Form):
    """What is asked. Each kind uses the fields it needs."""

    intent = HiddenField()
    vendor_id = SelectField(_l("Vendor"), choices=[], validate_choice=False)
    vendor_account_id = StringField(_l("Account number at the vendor"))
    domain = StringField(_l("Domain"))
    email = StringField(_l("E-mail of whoever looks after it"))
    note = TextAreaField(_l("Note"))
    accepted_terms = BooleanField(_l("The terms are accepted."))


def ask_for_account(
    account_id: UUID,
    word: str,
    *,
    render: Callable[[dict[str, Any], int], ResponseReturnValue],
    done: Callable[[CloudAccountRequest], ResponseReturnValue],
    cloud_account: CloudAccount | None = None,
) -> ResponseReturnValue:
    """GET shows the form; POST asks. 422 beside the field, 409 when one like it is open already."""
    form, problem, status = AccountForm(), "", 200
    terms = terms_in_force(g.arrival.shop.profile)
    form.vendor_id.choices = vendor_choices()  # type: ignore[assignment]
    if form.taken():
        try:
            asked = actions.request_account(
                account_id,
                KINDS[word],
                vendor_id=uuid_of(form.vendor_id.data or ""),
                cloud_account_id=cloud_account.id if cloud_account else None,
                domain=form.domain.data or "",
                vendor_account_id=form.vendor_account_id.data or "",
                email=form.email.data or "",
                note=form.note.data or "",
                accepted_terms=terms if form.accepted_terms.data else "",
                intent_id=uuid_of(form.intent.data or "") or new_id(),
                by=g.arrival.actor,
            )
        except Invalid as invalid:
            unit.start_over()
            form.blame(invalid)
        except Conflict as conflict:
            unit.start_over()
            problem, status = conflict.message, 409
        else:
            flash(_("Request %(number)s waits for a decision.", number=asked.number), "info")
            return done(asked)
    if request.method == "GET" and not form.email.data:
        form.email.data = g.arrival.actor.email
    shown = {"form": form, "word": word, "kind": KINDS[word], "problem": problem, "intent": new_id()}
    return render(shown | {"cloud_account": cloud_account}, 422 if form.has_errors else status)
