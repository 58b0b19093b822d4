"""Vendors' promotions: the list, one entered by hand, a vendor's file, and ending one."""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from flask import flash, g
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import StringField, TextAreaField
from wtforms.fields import FileField

from app.core import clock
from app.core.errors import Invalid
from app.domain.catalog import queries as catalog
from app.domain.pricing import actions
from app.domain.pricing.rules.promotions import MAX_FILE, PromotionInput, Target
from app.domain.reports.queries import promotions
from app.web.kit import choices
from app.web.kit.area import PLATFORM, Area
from app.web.kit.forms import Form, SelectField
from app.web.kit.listing import uuid_of
from app.web.kit.pages import form_page, page, see_other
from app.web.kit.promotion_list import ask_promotions, export_promotions, found_promotions
from app.web.kit.rate_desk import number
from app.web.kit.times import local_instant

area = Area("distributor_promotions", __name__, side=PLATFORM, url_prefix="/distributor/promotions")

export_promotions(area, "", can="sheet:read")


class PromotionForm(Form):
    """A promotion typed in; products by the vendor's ids, one on a line, `id:sku` for one sku of it."""

    vendor_id = SelectField(_l("Vendor"), validate_choice=False)
    code = StringField(_l("Vendor's code"))
    name = StringField(_l("Name"))
    percent = StringField(_l("Takes off"))
    starts_at = StringField(_l("From"))
    ends_at = StringField(_l("Until"))
    min_quantity = StringField(_l("From units"), default="1")
    max_quantity = StringField(_l("Up to units"))
    products = TextAreaField(_l("Products"))
    segment = SelectField(_l("Segment"))
    market = SelectField(_l("Market"))
    term = SelectField(
        _l("Term"),
        choices=[
            ("", _l("All terms")),
            ("P1M", _l("1 month")),
            ("P1Y", _l("1 year")),
            ("P3Y", _l("3 years")),
        ],
    )

    def __init__(self, *args: object, **kwargs: object):
        super().__init__(*args, **kwargs)
        self.vendor_id.choices = [(str(vendor.id), vendor.name) for vendor in catalog.vendors()]
        self.segment.choices = [("", _("All segments")), *choices.segments()]
        self.market.choices = [("", _("All markets")), *choices.countries()]


class FileForm(Form):
    """A vendor's file of promotions; market and segment are what it was asked for, where it does not say so itself."""

    vendor_id = SelectField(_l("Vendor"), validate_choice=False)
    file = FileField(_l("File"))
    market = SelectField(_l("Market"))
    segment = SelectField(_l("Segment"))

    def __init__(self, *args: object, **kwargs: object):
        super().__init__(*args, **kwargs)
        self.vendor_id.choices = [(str(vendor.id), vendor.name) for vendor in catalog.vendors()]
        self.market.choices, self.segment.choices = choices.countries(), choices.segments()


@area.get("", can="sheet:read")
def list_promotions() -> ResponseReturnValue:
    """Running, planned and over; search for a name, a code or a product."""
    ask = ask_promotions()
    return page(
        "promotions/list.html",
        ask=ask,
        found=found_promotions(ask),
        base="/distributor/promotions",
        edits=True,
    )


@area.route("/new", methods=["GET", "POST"], can="sheet:import")
def enter_promotion() -> ResponseReturnValue:
    """One promotion by hand."""
    start = clock.now().replace(hour=0, minute=0) + timedelta(days=1)
    form = PromotionForm(data={"starts_at": start.strftime("%Y-%m-%dT%H:%M"), "min_quantity": "1"})
    if form.taken():
        try:
            vendor_id = uuid_of(form.vendor_id.data or "")
            if vendor_id is None:
                raise Invalid({"vendor_id": _("Choose from the list.")})
            actions.enter_typed_promotion(vendor_id, _typed(form), by=g.arrival.actor)
            flash(_("The promotion is entered."), "good")
            return see_other(".list_promotions")
        except Invalid as invalid:
            form.blame(invalid)
    return form_page("promotions/new.html", form)


@area.route("/file", methods=["GET", "POST"], can="sheet:import", max_body=MAX_FILE + 100_000)
def import_promotions() -> ResponseReturnValue:
    """Microsoft's answer about its promotions (JSON), or a table (CSV); all of it or nothing."""
    form = FileForm(data={"segment": "commercial"})
    if form.taken():
        upload, vendor_id = form.file.data, uuid_of(form.vendor_id.data or "")
        try:
            if vendor_id is None:
                raise Invalid({"vendor_id": _("Choose from the list.")})
            if not upload or not upload.filename:
                raise Invalid({"file": _("Choose the file.")})
            report = actions.import_promotions(
                upload.stream.read(),
                vendor_id=vendor_id,
                market=form.market.data,
                segment=form.segment.data,
                by=g.arrival.actor,
            )
            flash(
                _(
                    "%(new)s new, %(moved)s moved, %(unknown)s left out: over, or about products that are not here.",
                    new=report.new,
                    moved=report.moved,
                    unknown=report.unknown,
                ),
                "good",
            )
            return see_other(".list_promotions")
        except Invalid as invalid:
            form.blame(invalid)
    return form_page("promotions/file.html", form)


@area.post("/<uuid:promotion_id>/end", can="sheet:import")
def end_promotion(promotion_id: UUID) -> ResponseReturnValue:
    """It is over now; prices are without it at once."""
    actions.end_promotion(promotions.promotion(promotion_id), by=g.arrival.actor)
    flash(_("The promotion is over."), "good")
    return see_other(".list_promotions")


def _typed(form: PromotionForm) -> PromotionInput:
    starts, ends = (local_instant(field.data or "", "UTC") for field in (form.starts_at, form.ends_at))
    if starts is None or ends is None:
        raise Invalid({"starts_at" if starts is None else "ends_at": _("Enter a date and a time.")})
    units = {}
    for name, field in (("min_quantity", form.min_quantity), ("max_quantity", form.max_quantity)):
        typed = (field.data or "").strip()
        if typed and not (typed.isascii() and typed.isdigit() and len(typed) < 8):
            raise Invalid({name: _("Enter a whole number.")})
        units[name] = int(typed) if typed else None
    targets = []
    for line in filter(None, map(str.strip, (form.products.data or "").splitlines())):
        product, _colon, sku = line.partition(":")
        targets.append(
            Target(product.strip(), sku.strip(), form.term.data, "", form.segment.data, form.market.data)
        )
    percent = number((form.percent.data or "").removesuffix("%").strip())
    return PromotionInput(
        (form.code.data or "").strip(),
        " ".join((form.name.data or "").split()),
        percent if percent > 0 else Decimal(0),
        starts,
        ends,
        units["min_quantity"] or 1,
        units["max_quantity"],
        tuple(targets),
    )
