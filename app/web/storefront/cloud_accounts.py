"""A customer's accounts at vendors: what there is, asking for another one, linking one, giving one up."""

from flask import flash, g
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.domain.cloud_accounts import actions, queries
from app.web.kit.area import SHOP, Area
from app.web.kit.cloud_accounts import ask_for_account
from app.web.kit.exports import day, export_list, state, text
from app.web.kit.pages import see_other
from app.web.storefront.frame import account_id, shop_page

area = Area("cloud_accounts", __name__, side=SHOP, url_prefix="/cloud-accounts")


@area.get("", can="cloud_account:read")
def list_cloud_accounts() -> ResponseReturnValue:
    """Accounts, and what was asked for."""
    return shop_page(
        "shop/cloud_accounts.html",
        accounts=queries.cloud_accounts(),
        requests=queries.cloud_requests(),
    )


export_list(
    area,
    "",
    can="cloud_account:read",
    named="cloud-accounts",
    rows=lambda: queries.cloud_accounts(limit=100_000),
    columns=[
        text(_l("Account"), "account.domain"),
        text(_l("Number"), "account.number"),
        text(_l("Vendor"), "vendor_name"),
        state(_l("State"), "cloud_account", "account.state"),
        text(_l("Number at the vendor"), "account.vendor_account_id"),
        day(_l("Since"), "account.opened_at"),
    ],
)


@area.route("/new", methods=["GET", "POST"], can="cloud_account:request")
def ask_for_new() -> ResponseReturnValue:
    """Another account."""
    return _ask("new")


@area.route("/link", methods=["GET", "POST"], can="cloud_account:request")
def ask_for_link() -> ResponseReturnValue:
    """One that the company has already."""
    return _ask("link")


def _ask(word: str) -> ResponseReturnValue:
    return ask_for_account(
        account_id(),
        word,
        render=lambda shown, status: shop_page("shop/cloud_account_request.html", status, **shown),
        done=lambda _asked: see_other(".list_cloud_accounts"),
    )


@area.route("/<number>/deletion", methods=["GET", "POST"], can="cloud_account:request")
def give_up(number: str) -> ResponseReturnValue:
    """Says what giving it up means, and asks for it."""
    return ask_for_account(
        account_id(),
        "deletion",
        cloud_account=queries.account_by_number(number),
        render=lambda shown, status: shop_page("shop/cloud_account_request.html", status, **shown),
        done=lambda _asked: see_other(".list_cloud_accounts"),
    )


@area.post("/requests/<number>/withdrawal", can="cloud_account:request")
def withdraw(number: str) -> ResponseReturnValue:
    """Takes a request back while it waits."""
    actions.withdraw_request(queries.request_by_number(number).request.id, by=g.arrival.actor)
    flash(_("Request %(number)s is taken back.", number=number), "good")
    return see_other(".list_cloud_accounts")
