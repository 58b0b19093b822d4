"""Customers: the list, a new one, and one customer's page with what stands for it."""

from typing import Any
from uuid import UUID

from flask import flash, g
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, StringField
from wtforms.validators import InputRequired

from app.core import clock
from app.core.errors import Invalid
from app.core.paging import Page
from app.domain.approvals import queries as approvals
from app.domain.approvals.queries.spending import windows_of
from app.domain.people.actions import accounts as actions
from app.domain.people.queries import account as find_account
from app.domain.people.rules.accounts import SEGMENTS
from app.domain.reports.queries import accounts, orders, price_books, subscriptions
from app.web.kit import choices
from app.web.kit.area import PLATFORM, Area
from app.web.kit.exports import day, export_list, moment, number, text, yes
from app.web.kit.forms import Form, SelectField
from app.web.kit.happenings import timeline
from app.web.kit.listing import Asked, asked
from app.web.kit.pages import form_page, page, see_other
from app.web.kit.policies import sentences

area = Area("admin_accounts", __name__, side=PLATFORM, url_prefix="/admin/accounts")


class AccountForm(Form):
    """A customer's particulars."""

    name = StringField(_l("Company"), [InputRequired(_l("Enter the company's name."))])
    country = SelectField(_l("Country"))
    currency = SelectField(_l("Currency"))
    segment = SelectField(_l("Segment"))
    domain = StringField(_l("Domain"))
    version = HiddenField()

    def __init__(self, *args: object, **kwargs: object):
        super().__init__(*args, **kwargs)
        self.country.choices = choices.countries()
        self.currency.choices = choices.currencies()
        self.segment.choices = choices.segments()


@area.get("", can="account:read")
def list_accounts() -> ResponseReturnValue:
    """Search, segment, open or closed, order, page."""
    ask = _ask()
    return page("admin/accounts/list.html", ask=ask, found=_found(ask), segments=choices.segments())


def _ask() -> Asked:
    return asked(accounts.SORTS, "name", segment=SEGMENTS, shop=("open", "closed"))


def _found(ask: Asked) -> Page[Any]:
    return accounts.accounts(
        q=ask.q, segment=ask["segment"], shop=ask["shop"], sort=ask.sort, page=ask.page, size=ask.size
    )


export_list(
    area,
    "",
    can="account:read",
    named="customers",
    rows=lambda: _found(_ask().whole()),
    columns=[
        text(_l("Company"), "Account.name"),
        text(_l("Domain"), "Account.domain"),
        text(_l("Segment"), lambda row: choices.words("segment", row.Account.segment)),
        text(_l("Country"), "Account.country"),
        text(_l("Currency"), "Account.currency"),
        yes(_l("May order"), "Account.can_shop"),
        number(_l("People"), "people"),
        number(_l("Subscriptions"), "active"),
        number(_l("Orders that wait"), "waiting"),
        moment(_l("Last order"), "last"),
        day(_l("Customer since"), "Account.created_at"),
    ],
)


@area.route("/new", methods=["GET", "POST"], can="account:edit")
def open_account() -> ResponseReturnValue:
    """A new customer; then its page, where a price book and a threshold can be set."""
    shop = g.arrival.shop
    form = AccountForm(data={"country": shop.country, "currency": shop.currency, "segment": "commercial"})
    if form.taken():
        try:
            account = actions.open_account(
                name=form.name.data or "",
                country=form.country.data,
                currency=form.currency.data,
                segment=form.segment.data,
                domain=form.domain.data or "",
                by=g.arrival.actor,
            )
            flash(
                _("%(name)s is a customer now. Choose its prices and its threshold next.", name=account.name),
                "good",
            )
            return see_other(".show_account", account_id=account.id)
        except Invalid as invalid:
            form.blame(invalid)
    return form_page("admin/accounts/new.html", form)


@area.get("/<uuid:account_id>", can="account:read")
def show_account(account_id: UUID) -> ResponseReturnValue:
    """What stands for one customer: prices, threshold and budget, the latest orders and subscriptions."""
    row = accounts.account(account_id)
    policies = approvals.in_force(account_id)
    policy = policies.that_counts
    windows = windows_of(policy.rules) if policy else set()
    return page(
        "admin/accounts/detail.html",
        row=row,
        customer=row.Account,
        policies=policies,
        policy=policy,
        sentences=sentences(policy.rules) if policy else [],
        spent=approvals.spent_in(account_id, windows, clock.now()),
        book=price_books.book_of(account_id),
        orders=orders.orders(account_id=account_id, size=5),
        subscriptions=subscriptions.subscriptions(account_id=account_id, state="active", size=5),
    )


@area.get("/<uuid:account_id>/history", can="account:read")
def show_history(account_id: UUID) -> ResponseReturnValue:
    """What happened to or for one customer, newest first."""
    row = accounts.account(account_id)
    return page(
        "admin/accounts/history.html",
        row=row,
        customer=row.Account,
        events=timeline(accounts.events_of(account_id, limit=100)),
    )


@area.route("/<uuid:account_id>/edit", methods=["GET", "POST"], can="account:edit")
def edit_account(account_id: UUID) -> ResponseReturnValue:
    """The customer's particulars. The currency stays what it was when the customer began."""
    account = find_account(account_id)
    form = AccountForm(obj=account)
    form.currency.choices = [pair for pair in form.currency.choices if pair[0] == account.currency]
    if form.taken():
        try:
            actions.edit_account(
                account,
                name=form.name.data or "",
                country=form.country.data,
                segment=form.segment.data,
                domain=form.domain.data or "",
                version=int(form.version.data) if (form.version.data or "").isdecimal() else 0,
                by=g.arrival.actor,
            )
            flash(_("Saved."), "good")
            return see_other(".show_account", account_id=account_id)
        except Invalid as invalid:
            form.blame(invalid)
    return form_page("admin/accounts/edit.html", form, customer=account)


@area.route("/<uuid:account_id>/ordering", methods=["GET", "POST"], can="account:edit")
def choose_ordering(account_id: UUID) -> ResponseReturnValue:
    """Asks first, then stops the customer's people from ordering, or lets them order again."""
    account = find_account(account_id)
    form = Form()
    if form.taken():
        actions.let_shop(account, not account.can_shop, by=g.arrival.actor)
        told = _("%(name)s can order again.") if account.can_shop else _("%(name)s can look, but not order.")
        flash(told % {"name": account.name}, "good")
        return see_other(".show_account", account_id=account_id)
    return form_page("admin/accounts/ordering.html", form, customer=account)
