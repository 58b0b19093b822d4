"""Price books: the list, a new one, and one book with its versions, its rules and what they make of some offers."""

from typing import Any
from uuid import UUID

from flask import flash, g, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import StringField
from wtforms.validators import InputRequired

from app.core.errors import Invalid, NotFound
from app.core.money import parse_amount
from app.core.paging import Page
from app.domain.pricing import actions
from app.domain.pricing.actions.drafts import default_rule
from app.domain.pricing.actions.returning import copy_book
from app.domain.pricing.models import PriceBookVersion
from app.domain.pricing.queries.trying import tried
from app.domain.pricing.rules.checks import RuleInput
from app.domain.reports.queries import price_books
from app.web.kit import choices
from app.web.kit.exports import moment, number, text, yes
from app.web.kit.forms import Form, RadioField, SelectField
from app.web.kit.listing import Asked, asked, uuid_of
from app.web.kit.pages import see_other
from app.web.kit.price_desk.desk import desk, desk_form, desk_page
from app.web.kit.price_rules import DEFAULT_KINDS, SELECTOR_WORDS, words_of


class BookForm(Form):
    """A new book: its name, its currency, where it starts from and the rule for everything."""

    name = StringField(_l("Name"), [InputRequired(_l("Give the book a name."))])
    currency = SelectField(_l("Currency"))
    base = RadioField(
        _l("Starts from"),
        choices=[("cost", _l("Your cost")), ("list", _l("The vendor's list price"))],
        default="cost",
    )
    kind = SelectField(_l("Rule for everything"), choices=DEFAULT_KINDS, default="percent")
    value = StringField(_l("Percent"), default="18")

    source = SelectField(_l("Begin with"), validate_choice=False)

    def __init__(self, *args: object, **kwargs: object):
        super().__init__(*args, **kwargs)
        self.currency.choices = choices.currencies()
        self.source.choices = [("", _("One rule for everything"))] + [
            (str(row.id), _("The rules of “%(name)s”", name=row.name)) for row in price_books.choices()
        ]


class NameForm(Form):
    """A book's name."""

    name = StringField(_l("Name"), [InputRequired(_l("Give the book a name."))])


def list_books() -> ResponseReturnValue:
    """Search, page."""
    ask = asked()
    return desk_page("list", ask=ask, found=books_found(ask))


def books_found(ask: Asked) -> Page[Any]:
    """The rows of the list."""
    return price_books.books(q=ask.q, page=ask.page, size=ask.size)


COLUMNS = [
    text(_l("Book"), "PriceBook.name"),
    yes(_l("Default"), "is_default"),
    text(_l("Starts from"), lambda row: _("Cost") if row.PriceBook.base == "cost" else _("List price")),
    text(_l("Currency"), "PriceBook.currency"),
    number(_l("Version in force"), "live_number"),
    moment(_l("In force since"), "live_since"),
    number(_l("Draft"), "draft_number"),
    moment(_l("Next from"), "scheduled"),
    number(_l("Customers"), "customers"),
]
"""Of the list as a file."""


def make_book() -> ResponseReturnValue:
    """A new book as a draft; nothing is priced by it before it is published and given to somebody."""
    form = BookForm(
        data={
            "currency": g.arrival.shop.currency if desk().is_resellers else "EUR",
            "base": "cost",
            "kind": "percent",
            "value": "18",
        }
    )
    if form.taken():
        try:
            by = g.arrival.actor
            if form.source.data:
                book = copy_book(_source(form.source.data), form.name.data or "", by=by)
                flash(_("“%(name)s” is a draft with those rules.", name=book.name), "good")
                return see_other(".show_book", book_id=book.id)
            book = actions.create_book(form.name.data or "", form.currency.data, base=form.base.data, by=by)
            value = None if form.kind.data == "inherit" else parse_amount(form.value.data or "", signed=True)
            draft = actions.draft_of(book, by=by)
            actions.change_rule(default_rule(draft), RuleInput(form.kind.data, value), by=by)
            flash(
                _("“%(name)s” is a draft. Add rules, look at the prices, then publish it.", name=book.name),
                "good",
            )
            return see_other(".show_book", book_id=book.id)
        except Invalid as invalid:
            form.blame(invalid)
    return desk_form("new", form)


def _source(text: str) -> PriceBookVersion:
    """The version in force of the book that is copied, else its newest published one."""
    book_id = uuid_of(text)
    if book_id is None:
        raise Invalid({"source": _("Choose from the list.")})
    detail = price_books.book(book_id)
    found = detail.live or next((row.version for row in detail.versions if row.version.published_at), None)
    if found is None:
        raise Invalid({"source": _("Choose from the list.")})
    return found


def show_book(book_id: UUID) -> ResponseReturnValue:
    """The book: the version that is asked for (the draft, else the one in force), its rules, and prices by it."""
    detail = price_books.book(book_id)
    number = request.args.get("version", "")
    version = detail.version(int(number) if number.isdecimal() and len(number) < 6 else None)
    if version is None:
        raise NotFound()
    ask = asked(offers=None)
    rules = price_books.rules_of(version.id, q=ask.q, page=ask.page)
    offers = price_books.sample(version.id, desk().market, q=ask["offers"])
    quotes = tried(
        [(row.Offer.id, row.Sku.min_quantity) for row in offers], version.id, desk().lens(detail.book)
    )
    return desk_page(
        "detail",
        ask=ask,
        detail=detail,
        book=detail.book,
        version=version,
        currency=desk().currency_for(detail.book),
        state=next(row.state for row in detail.versions if row.version is version),
        rules=rules,
        words_of=lambda rule: words_of(rule, detail.book),
        selector_words=SELECTOR_WORDS,
        offers=offers,
        quotes=quotes,
        assignments=price_books.assignments_of(book_id),
    )


def rename_book(book_id: UUID) -> ResponseReturnValue:
    """Another name; what the book prices stays the same."""
    book = price_books.book(book_id).book
    form = NameForm(obj=book)
    if form.taken():
        try:
            actions.rename_book(book, form.name.data or "", by=g.arrival.actor)
            return see_other(".show_book", book_id=book_id)
        except Invalid as invalid:
            form.blame(invalid)
    return desk_form("rename", form, book=book)


def archive_book(book_id: UUID) -> ResponseReturnValue:
    """Asks first, then puts away a book that nobody pays by."""
    detail = price_books.book(book_id)
    form = Form()
    if form.taken():
        actions.archive_book(detail.book, by=g.arrival.actor)
        flash(_("“%(name)s” is put away. Its history stays.", name=detail.book.name), "good")
        return see_other(".list_books")
    return desk_form(
        "archive",
        form,
        book=detail.book,
        assignments=price_books.assignments_of(book_id),
    )
