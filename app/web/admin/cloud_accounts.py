"""Customers' accounts at vendors: all of them, asking on behalf, and what the reseller adds before deciding."""

from uuid import UUID

from flask import flash, g
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import StringField

from app.core import unit
from app.core.errors import Conflict, Invalid
from app.domain.cloud_accounts import actions, queries
from app.domain.people.queries import account as find_account
from app.web.kit.area import PLATFORM, Area
from app.web.kit.cloud_accounts import ask_for_account
from app.web.kit.exports import day, export_list, state, text
from app.web.kit.forms import Form
from app.web.kit.pages import page, see_other

area = Area("admin_cloud_accounts", __name__, side=PLATFORM, url_prefix="/admin")


class DetailsForm(Form):
    """What the reseller adds, for its own books."""

    payer_account = StringField(_l("Payer's account"))
    contract_number = StringField(_l("Contract number"))
    cost_centre = StringField(_l("Cost centre"))


@area.get("/cloud-accounts", can="cloud_account:read")
def list_cloud_accounts() -> ResponseReturnValue:
    """All customers' accounts, and the newest requests."""
    return page(
        "admin/cloud_accounts/list.html",
        accounts=queries.cloud_accounts(),
        requests=queries.cloud_requests(),
    )


export_list(
    area,
    "/cloud-accounts",
    can="cloud_account:read",
    named="cloud-accounts",
    rows=lambda: queries.cloud_accounts(limit=100_000),
    columns=[
        text(_l("Account"), "account.domain"),
        text(_l("Number"), "account.number"),
        text(_l("Vendor"), "vendor_name"),
        text(_l("Customer"), "company"),
        state(_l("State"), "cloud_account", "account.state"),
        text(_l("Number at the vendor"), "account.vendor_account_id"),
        day(_l("Since"), "account.opened_at"),
    ],
)


@area.route(
    "/accounts/<uuid:account_id>/cloud-accounts/new", methods=["GET", "POST"], can="cloud_account:request"
)
def ask_for_new(account_id: UUID) -> ResponseReturnValue:
    """Asks for an account on behalf of a customer; somebody else decides."""
    return _ask(account_id, "new")


@area.route(
    "/accounts/<uuid:account_id>/cloud-accounts/link", methods=["GET", "POST"], can="cloud_account:request"
)
def ask_for_link(account_id: UUID) -> ResponseReturnValue:
    """Asks to link an account that the customer has already."""
    return _ask(account_id, "link")


def _ask(account_id: UUID, word: str) -> ResponseReturnValue:
    account = find_account(account_id)
    return ask_for_account(
        account.id,
        word,
        render=lambda shown, status: page(
            "admin/cloud_accounts/request.html", status, company=account.name, **shown
        ),
        done=lambda _asked: see_other(".list_cloud_accounts"),
    )


@area.route("/cloud-accounts/<number>/deletion", methods=["GET", "POST"], can="cloud_account:request")
def give_up(number: str) -> ResponseReturnValue:
    """Asks on behalf of a customer to give an account up."""
    found = queries.account_by_number(number)
    return ask_for_account(
        found.account_id,
        "deletion",
        cloud_account=found,
        render=lambda shown, status: page("admin/cloud_accounts/request.html", status, company="", **shown),
        done=lambda _asked: see_other(".list_cloud_accounts"),
    )


@area.route("/cloud-accounts/requests/<number>", methods=["GET", "POST"], can="cloud_account:request")
def show_request(number: str) -> ResponseReturnValue:
    """One request; until it is decided, the reseller's own particulars are added here."""
    row = queries.request_by_number(number)
    form, problem, status = DetailsForm(data=row.request.details), "", 200
    if form.taken():
        try:
            details = {
                name: form[name].data or "" for name in ("payer_account", "contract_number", "cost_centre")
            }
            actions.add_details(row.request.id, details, by=g.arrival.actor)
        except Invalid as invalid:
            unit.start_over()
            form.blame(invalid)
        except Conflict as conflict:
            unit.start_over()
            problem, status = conflict.message, 409
        else:
            flash(_("Kept."), "good")
            return see_other(".show_request", number=number)
    return page(
        "admin/cloud_accounts/detail.html",
        422 if form.has_errors else status,
        row=row,
        asked=row.request,
        form=form,
        problem=problem,
    )
