"""Making a draft count, and taking back what has not taken effect yet."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import flash, g, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, StringField
from wtforms.validators import Length

from app.core.errors import Conflict, Invalid, NotFound
from app.domain.pricing import actions
from app.domain.pricing.models import PriceBookVersion
from app.domain.pricing.queries.settings import settings
from app.domain.pricing.queries.trying import tried
from app.domain.reports.queries import price_books, price_changes, price_lines
from app.web.kit.forms import Form, RadioField
from app.web.kit.pages import see_other
from app.web.kit.price_desk.desk import desk, desk_form
from app.web.kit.price_desk.versions import rule_diff
from app.web.kit.times import local_instant

AT_ONCE = 20_000
"""So many prices are compared while a page is being made; more only when somebody asks for it."""
MOST_CURRENCIES = 6


class PublicationForm(Form):
    """When the draft takes effect, in the reseller's time zone."""

    when = RadioField(
        _l("Takes effect"), choices=[("now", _l("At once")), ("at", _l("At a chosen time"))], default="now"
    )
    at = StringField(_l("Date and time"))
    overrides_notice = BooleanField(_l("Publish without the notice that was promised"))
    note = StringField(_l("Note"), [Length(max=300, message=_l("Use at most 300 characters."))])


def publish_draft(book_id: UUID) -> ResponseReturnValue:
    """Shows first what it will do: rules, prices, customers, what runs. Then publishes, at once or for an instant."""
    detail = price_books.book(book_id)
    if detail.draft is None:
        raise Conflict(_("There is no draft to publish. Start one from the version in force."))
    form = PublicationForm(data={"when": "now"})
    if form.taken():
        at = local_instant(form.at.data or "", desk().time_zone) if form.when.data == "at" else None
        if form.when.data == "at" and at is None:
            form.at.errors = [_("Enter a date and a time.")]
        else:
            try:
                actions.publish(
                    detail.draft,
                    at=at,
                    note=form.note.data or "",
                    overrides_notice=form.overrides_notice.data,
                    by=g.arrival.actor,
                )
                flash(_("Version %(n)s is published.", n=detail.draft.number), "good")
                return see_other(".show_book", book_id=book_id)
            except Invalid as invalid:
                form.blame(invalid)
    return desk_form("publish", form, detail=detail, book=detail.book, **_impact(detail, detail.draft))


def _impact(detail: price_books.BookDetail, draft: PriceBookVersion) -> dict[str, Any]:
    """What publishing would do: to rules, to prices in every currency that is paid in, and to what runs."""
    here, book, live = desk(), detail.book, detail.live
    lens = here.lens(book)
    who = price_changes.payers(book.id, lens)
    told: dict[str, Any] = {"payers": who, "running": [], "impact": None, "currency": lens.currency}
    if live is None:
        offers = price_books.sample(draft.id, here.market)
        asked_for = [(row.Offer.id, row.Sku.min_quantity) for row in offers]
        return told | {"offers": offers, "then": tried(asked_for, draft.id, lens)}
    paid_in = (
        dict.fromkeys([lens.currency, *(payer.currency for payer in who)])
        if here.is_resellers
        else [lens.currency]
    )
    lenses = [replace(lens, currency=currency) for currency in list(paid_in)[:MOST_CURRENCIES]]
    if request.args.get("preview") == "yes" or price_lines.count(here.market) * len(lenses) <= AT_ONCE:
        told["impact"] = [
            price_changes.price_changes(live.id, draft.id, each, here.market) for each in lenses
        ]
        if here.is_resellers:
            told["running"] = [
                price_changes.running(live.id, draft.id, book.id, each, here.market) for each in lenses
            ]
    chosen = settings()
    return (
        told
        | rule_diff(detail, live, draft, most=20)
        | {
            "terms": chosen.running(book),
            "notice_days": chosen.notice_days,
            "notice": actions.notice_of(draft) if here.is_resellers else None,
        }
    )


def discard_draft(book_id: UUID) -> ResponseReturnValue:
    """Asks first, then throws the draft away."""
    detail = price_books.book(book_id)
    if detail.draft is None:
        raise NotFound()
    form = Form()
    if form.taken():
        actions.discard_draft(detail.draft, by=g.arrival.actor)
        flash(_("The draft is gone. What was published stays as it is."), "good")
        return see_other(".list_books")
    return desk_form("discard", form, detail=detail, book=detail.book)


def withdraw_version(book_id: UUID, number: int) -> ResponseReturnValue:
    """Takes back a version that was published for later."""
    detail = price_books.book(book_id)
    version = next((row.version for row in detail.versions if row.version.number == number), None)
    if version is None:
        raise NotFound()
    actions.withdraw(version, by=g.arrival.actor)
    flash(_("Version %(n)s will not take effect.", n=number), "good")
    return see_other(".show_book", book_id=book_id)
