"""Choosing a price book for somebody, on either side of the house: the form, and what it does when it is taken."""

from typing import Any
from uuid import UUID

from flask import g
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import StringField

from app.core.errors import Invalid
from app.domain.catalog import queries as catalog
from app.domain.pricing import actions
from app.domain.pricing.queries import book as find_book
from app.domain.reports.queries import price_books
from app.web.kit.forms import Form, SelectField
from app.web.kit.listing import uuid_of
from app.web.kit.times import local_instant


class BookForm(Form):
    """Which book, for which vendor's products, from when."""

    book_id = SelectField(_l("Price book"), validate_choice=False)
    vendor_id = SelectField(_l("For"), validate_choice=False)
    at = StringField(_l("From"))

    def __init__(self, *args: object, with_vendor: bool = True, **kwargs: object):
        super().__init__(*args, **kwargs)
        self.books = price_books.choices()
        self.book_id.choices = [(str(row.id), f"{row.name} ({row.currency})") for row in self.books]
        if with_vendor:
            vendors = [(str(one.id), one.name) for one in catalog.vendors()]
            self.vendor_id.choices = [("", _("All vendors' products")), *vendors]
        else:
            del self.vendor_id


def give(form: BookForm, *, time_zone: str, **target: UUID) -> Any:
    """From the chosen instant the target pays by the chosen book. Invalid by field."""
    book_id = uuid_of(form.book_id.data or "")
    vendor = form.vendor_id.data if form.vendor_id else ""
    vendor_id = uuid_of(vendor or "")
    if book_id is None:
        raise Invalid({"book_id": _("Choose from the list.")})
    if vendor and vendor_id is None:
        raise Invalid({"vendor_id": _("Choose from the list.")})
    at = local_instant(form.at.data, time_zone) if form.at.data else None
    if form.at.data and at is None:
        raise Invalid({"at": _("Enter a date and a time.")})
    return actions.assign(find_book(book_id), vendor_id=vendor_id, at=at, by=g.arrival.actor, **target)
