"""Vendors' promotions as a reseller sees them, and whether a price book passes them on."""

from uuid import UUID

from flask import flash, g
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.core.errors import Conflict
from app.domain.pricing import actions
from app.domain.pricing import queries as pricing
from app.domain.reports.queries import price_books
from app.web.kit.area import PLATFORM, Area
from app.web.kit.forms import Form, RadioField
from app.web.kit.pages import form_page, page, see_other
from app.web.kit.promotion_list import ask_promotions, export_promotions, found_promotions

area = Area("admin_promotions", __name__, side=PLATFORM, url_prefix="/admin")

export_promotions(area, "/promotions", can="pricing:read")


class PassingForm(Form):
    """What a book's next version does with promotions, and what a publication does to terms that run."""

    passes = RadioField(
        _l("Vendors' promotions"),
        choices=[
            ("yes", _l("are passed on: the price comes down with the cost")),
            ("no", _l("are kept: the price stays, the margin grows")),
        ],
    )
    running_terms = RadioField(
        _l("Terms longer than a month"),
        choices=[
            ("", _l("as your settings say")),
            ("renewal", _l("keep their price until they renew")),
            ("period", _l("change with their next charge")),
        ],
    )
    monthly_terms = RadioField(
        _l("Monthly terms"),
        choices=[
            ("", _l("as your settings say")),
            ("period", _l("change with their next month")),
            ("kept", _l("keep their price as long as they run")),
        ],
    )


@area.get("/promotions", can="pricing:read")
def list_promotions() -> ResponseReturnValue:
    """What vendors take off now and soon, for what customers here can buy."""
    ask = ask_promotions()
    return page(
        "promotions/list.html",
        ask=ask,
        found=found_promotions(ask),
        base="/admin/promotions",
        edits=False,
        books=pricing.books(),
    )


@area.route("/price-books/<uuid:book_id>/promotions", methods=["GET", "POST"], can="pricing:edit")
def choose_passing(book_id: UUID) -> ResponseReturnValue:
    """Whether the draft passes promotions on (a published version cannot change), and what runs already."""
    detail = price_books.book(book_id)
    version = detail.draft or detail.live
    if version is None:
        raise Conflict(_("This book has no version yet."))
    book = detail.book
    form = PassingForm(
        data={
            "passes": "yes" if version.passes_promotions else "no",
            "running_terms": book.running_terms or "",
            "monthly_terms": book.monthly_terms or "",
        }
    )
    if form.taken():
        by, passes = g.arrival.actor, form.passes.data == "yes"
        if passes != version.passes_promotions:
            actions.pass_promotions(actions.draft_of(book, by=by), passes, by=by)
        actions.choose_running_terms(
            book, form.running_terms.data or None, form.monthly_terms.data or None, by=by
        )
        flash(_("Saved. What concerns promotions counts when the draft is published."), "good")
        return see_other("admin_price_books.show_book", book_id=book_id)
    return form_page("promotions/passing.html", form, book=book, version=version, settings=pricing.settings())
