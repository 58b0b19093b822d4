"""Who pays by which book: chosen on a customer's page, a subscription's, or the book's own."""

from uuid import UUID

from flask import flash, g
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.core.errors import Invalid
from app.domain.people.queries import account as find_account
from app.domain.pricing import actions
from app.domain.pricing import queries as pricing
from app.domain.reports.queries import accounts, price_assignments, price_books, subscriptions
from app.web.kit.area import PLATFORM, Area
from app.web.kit.assigning import BookForm, give
from app.web.kit.forms import SelectField
from app.web.kit.listing import uuid_of
from app.web.kit.pages import form_page, see_other

area = Area("admin_price_assignments", __name__, side=PLATFORM, url_prefix="/admin")


class ReceiverForm(BookForm):
    """Who pays by the book at hand; empty means everybody without a book of their own."""

    account_id = SelectField(_l("Who pays by this book"), validate_choice=False)


@area.route("/price-books/<uuid:book_id>/assignments", methods=["GET", "POST"], can="pricing:edit")
def assign_book(book_id: UUID) -> ResponseReturnValue:
    """Gives the book to a customer, or makes it the default; for one vendor's products or all; at once or later."""
    detail = price_books.book(book_id)
    form = ReceiverForm(data={"book_id": str(book_id)})
    everyone = accounts.accounts(size=500)
    form.account_id.choices = [("", _("Everybody without a book of their own"))] + [
        (str(row.Account.id), row.Account.name) for row in everyone.rows
    ]
    if form.taken():
        account_id = uuid_of(form.account_id.data or "")
        form.book_id.data = str(book_id)
        if form.account_id.data and account_id is None:
            form.account_id.errors = [_("Choose from the list.")]
        else:
            try:
                target = {"account_id": account_id} if account_id else {}
                give(form, time_zone=g.arrival.shop.time_zone, **target)
                flash(_("These prices hold for them."), "good")
                return see_other("admin_price_books.show_book", book_id=book_id)
            except Invalid as invalid:
                form.blame(invalid)
    return form_page(
        "admin/price_books/assign.html",
        form,
        detail=detail,
        book=detail.book,
        assignments=price_books.assignments_of(book_id),
    )


@area.post("/price-books/<uuid:book_id>/assignments/<uuid:assignment_id>/end", can="pricing:edit")
def end_assignment(book_id: UUID, assignment_id: UUID) -> ResponseReturnValue:
    """From now on the next wider book counts."""
    actions.unassign(price_books.assignment(book_id, assignment_id), by=g.arrival.actor)
    flash(_("Ended. The default book counts now, or list prices without one."), "good")
    return see_other("admin_price_books.show_book", book_id=book_id)


@area.route("/accounts/<uuid:account_id>/prices", methods=["GET", "POST"], can="pricing:edit")
def choose_book(account_id: UUID) -> ResponseReturnValue:
    """One customer's books. Subscriptions and orders of before keep the price they were ordered at."""
    customer = find_account(account_id)
    form = BookForm()
    if form.taken():
        try:
            give(form, time_zone=g.arrival.shop.time_zone, account_id=account_id)
            flash(_("These prices hold for %(name)s.", name=customer.name), "good")
            return see_other(".choose_book", account_id=account_id)
        except Invalid as invalid:
            form.blame(invalid)
    return form_page(
        "admin/accounts/prices.html",
        form,
        customer=customer,
        rows=price_assignments.of_account(account_id),
        settings=pricing.settings(),
    )


@area.post("/accounts/<uuid:account_id>/prices/<uuid:assignment_id>/end", can="pricing:edit")
def end_book(account_id: UUID, assignment_id: UUID) -> ResponseReturnValue:
    """The customer follows the next wider book again."""
    customer = find_account(account_id)
    found = price_assignments.assignment(assignment_id)
    if found.account_id != customer.id:
        raise Invalid(_("This is your default, not the customer's own book."))
    actions.unassign(found, by=g.arrival.actor)
    flash(_("Ended. The next wider book counts now, or list prices without one."), "good")
    return see_other(".choose_book", account_id=account_id)


@area.route("/subscriptions/<number>/price-book", methods=["GET", "POST"], can="pricing:edit")
def choose_subscription_book(number: str) -> ResponseReturnValue:
    """A book for one subscription alone; it goes before every other from the next change of price on."""
    row = subscriptions.subscription(number)
    form = BookForm(with_vendor=False)
    if form.taken():
        try:
            give(form, time_zone=g.arrival.shop.time_zone, subscription_id=row.Subscription.id)
            flash(_("This subscription has a price book of its own."), "good")
            return see_other("admin_subscriptions.show_subscription", number=number)
        except Invalid as invalid:
            form.blame(invalid)
    return form_page(
        "admin/subscriptions/price_book.html",
        form,
        subscription=row.Subscription,
        account_name=row.account_name,
        rows=price_assignments.of_subscription(row.Subscription.id),
        customers=price_assignments.of_account(row.Subscription.account_id),
    )


@area.post("/subscriptions/<number>/price-book/<uuid:assignment_id>/end", can="pricing:edit")
def end_subscription_book(number: str, assignment_id: UUID) -> ResponseReturnValue:
    """The subscription follows its customer's book again."""
    row = subscriptions.subscription(number)
    found = price_assignments.assignment(assignment_id)
    if found.subscription_id != row.Subscription.id:
        raise Invalid(_("This is not the subscription's own book."))
    actions.unassign(found, by=g.arrival.actor)
    flash(_("Ended. It follows its customer's price book again."), "good")
    return see_other(".choose_subscription_book", number=number)
