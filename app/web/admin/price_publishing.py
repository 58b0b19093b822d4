"""Who pays by which book: given from the book's page, and chosen on a customer's."""

from uuid import UUID

from flask import flash, g
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.core.errors import Invalid
from app.domain.people.queries import account as find_account
from app.domain.pricing import actions
from app.domain.reports.queries import accounts, price_books
from app.web.kit.area import PLATFORM, Area
from app.web.kit.forms import Form, SelectField
from app.web.kit.listing import uuid_of
from app.web.kit.pages import form_page, see_other

area = Area("admin_price_publishing", __name__, side=PLATFORM, url_prefix="/admin")


class AssignmentForm(Form):
    """Who pays by the book; empty means everybody without a book of their own."""

    account_id = SelectField(_l("Who pays by this book"), validate_choice=False)


@area.route("/price-books/<uuid:book_id>/assignments", methods=["GET", "POST"], can="pricing:edit")
def assign_book(book_id: UUID) -> ResponseReturnValue:
    """Gives the book to a customer, or makes it the default, at once."""
    detail = price_books.book(book_id)
    form = AssignmentForm()
    everyone = accounts.accounts(size=500)
    form.account_id.choices = [("", _("Everybody without a book of their own"))] + [
        (str(row.Account.id), row.Account.name) for row in everyone.rows
    ]
    if form.taken():
        account_id = uuid_of(form.account_id.data or "")
        if form.account_id.data and account_id is None:
            form.account_id.errors = [_("Choose from the list.")]
        else:
            try:
                actions.assign(detail.book, account_id=account_id, by=g.arrival.actor)
                flash(_("From now on these prices hold."), "good")
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


class CustomerBookForm(Form):
    """Which book one customer pays by; empty follows the default."""

    book_id = SelectField(_l("Price book"), validate_choice=False)


@area.route("/accounts/<uuid:account_id>/prices", methods=["GET", "POST"], can="pricing:edit")
def choose_book(account_id: UUID) -> ResponseReturnValue:
    """One customer's book. Subscriptions and orders of before keep the price they were ordered at."""
    customer = find_account(account_id)
    current = price_books.book_of(account_id)
    own_id = str(current.id) if current and current.is_own else ""
    form = CustomerBookForm(data={"book_id": own_id})
    books = price_books.choices()
    form.book_id.choices = [("", _("Follow the default"))] + [
        (str(row.id), f"{row.name} ({row.currency})") for row in books
    ]
    if form.taken():
        try:
            _change_book(form.book_id.data or "", own_id, current, account_id)
            flash(_("From now on these prices hold for %(name)s.", name=customer.name), "good")
            return see_other("admin_accounts.show_account", account_id=account_id)
        except Invalid as invalid:
            form.blame(invalid)
    return form_page("admin/accounts/prices.html", form, customer=customer, current=current, books=books)


def _change_book(
    wanted: str, own_id: str, current: price_books.BookOfAccount | None, account_id: UUID
) -> None:
    by = g.arrival.actor
    if wanted == own_id:
        return
    if wanted:
        book_id = uuid_of(wanted)
        if book_id is None:
            raise Invalid({"book_id": _("Choose from the list.")})
        actions.assign(price_books.book(book_id).book, account_id=account_id, by=by)
    elif current is not None:
        actions.unassign(price_books.assignment(current.id, current.assignment_id), by=by)
