"""The grid: every offer with what it costs and what is asked, by one version; in a draft changed one by one or many at once."""

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from flask import flash, g, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from wtforms import BooleanField, HiddenField, StringField

from app.core.errors import Conflict, Invalid, NotFound
from app.domain.catalog.rules.codes import SEGMENT_ORDER
from app.domain.pricing.actions import many
from app.domain.pricing.models import PriceBookVersion
from app.domain.pricing.queries.trying import tried
from app.domain.pricing.rules.checks import RuleInput, read_rule
from app.domain.reports.queries import price_books, price_lines
from app.domain.reports.queries.price_lines import Narrowing
from app.web.kit import choices
from app.web.kit.choices import PLANS, TERMS
from app.web.kit.forms import Form, SelectField, SelectMultipleField
from app.web.kit.listing import Asked, asked, uuid_of
from app.web.kit.price_desk.desk import desk, desk_form
from app.web.kit.price_rules import FLOORS, KINDS, ROUNDINGS, SELECTOR_WORDS, words_of
from app.web.kit.prices import steps_of

SIZE = 50
FILTERS = ("q", "vendor", "family", "product", "term", "plan", "segment", "rule", "flag", "market")
FLAGS = [
    ("cost", _l("Under cost")),
    ("floor", _l("Held up by a floor")),
    ("none", _l("Without a price")),
]


class LineForm(Form):
    """What one line is to cost; `back` is the query of the list one came from."""

    kind = SelectField(_l("Price"), choices=KINDS, default="percent")
    value = StringField(_l("Number"))
    floor = SelectField(_l("Floor"), choices=FLOORS, default="none")
    floor_value = StringField(_l("Floor's number"))
    rounding = SelectField(_l("Rounding"), choices=ROUNDINGS, default="none")
    back = HiddenField()

    def wanted(self) -> RuleInput:
        """As a rule for nothing in particular. Invalid by field."""
        return read_rule(
            {
                name: str(self[name].data or "")
                for name in ("kind", "value", "floor", "floor_value", "rounding")
            }
        )


class ChangeForm(LineForm):
    """The same for many lines: those that are named, or all that the filter finds."""

    q = HiddenField()
    vendor = HiddenField()
    family = HiddenField()
    product = HiddenField()
    term = HiddenField()
    plan = HiddenField()
    segment = HiddenField()
    rule = HiddenField()
    flag = HiddenField()
    market = HiddenField()
    scope = HiddenField()
    offer = SelectMultipleField(validate_choice=False)
    alone = BooleanField(_l("Take narrower rules out, so that this counts for all of them"))
    clear = BooleanField(_l("Take their own rules out instead"))


def _ask() -> Asked:
    return asked(
        price_lines.SORTS,
        "product",
        SIZE,
        vendor=None,
        family=None,
        product=None,
        term=tuple(TERMS),
        plan=tuple(PLANS),
        segment=tuple(SEGMENT_ORDER),
        rule=("own",),
        flag=("cost", "floor", "none") if desk().may_see_cost else ("none",),
    )


def _narrowing(values: Any, q: str) -> Narrowing:
    """The filter in an address or a form; `values` answers "" for what is not there."""
    return Narrowing(
        market=desk().market,
        q=q,
        vendor_id=uuid_of(values["vendor"]),
        family_id=uuid_of(values["family"]),
        product_id=uuid_of(values["product"]),
        term=values["term"],
        plan=values["plan"],
        segment=values["segment"],
        rule=values["rule"],
        flag=values["flag"],
    )


def narrowing_asked() -> Narrowing:
    """The filter in the address."""
    ask = _ask()
    return _narrowing(ask, ask.q)


def _version(detail: price_books.BookDetail) -> PriceBookVersion:
    number = request.args.get("version", "")
    version = detail.version(int(number) if number.isdecimal() and len(number) < 6 else None)
    if version is None:
        raise NotFound()
    return version


def show_lines(book_id: UUID) -> ResponseReturnValue:
    """A page of lines, by the draft or by any version."""
    detail = price_books.book(book_id)
    return _grid(detail, _version(detail), uuid_of(request.args.get("open", "")), LineForm(formdata=None))


def _grid(
    detail: price_books.BookDetail, version: PriceBookVersion, opened: UUID | None, form: LineForm
) -> ResponseReturnValue:
    ask, here = _ask(), desk()
    lens = here.lens(detail.book)
    sort = (
        ask.sort
        if here.may_see_cost or ask.sort.removeprefix("-") in ("product", "list", "price")
        else "product"
    )
    narrowing = _narrowing(ask, ask.q)
    found = price_lines.lines(narrowing, version.id, lens, sort=sort, page=ask.page, size=SIZE)
    quotes = tried([(row.offer_id, row.quantity) for row in found.rows], version.id, lens)
    rules = price_lines.rules_by_id([quote.rule_id for quote in quotes.values() if quote.rule_id])
    is_draft = version.published_at is None and here.may_edit
    if opened is not None and not form.is_submitted():
        _fill(form, rules.get(quotes[opened].rule_id) if opened in quotes else None)
    facets = price_lines.facets(here.market)
    return desk_form(
        "lines",
        form,
        ask=ask,
        sort=sort,
        detail=detail,
        book=detail.book,
        version=version,
        state=next(row.state for row in detail.versions if row.version is version),
        found=found,
        quotes=quotes,
        rules=rules,
        rule_of=lambda quote: rules.get(quote.rule_id),
        words_of=lambda rule: words_of(rule, detail.book),
        selector_words=SELECTOR_WORDS,
        vendor_cost_of=_vendor_cost,
        steps_of=lambda quote: steps_of(quote, with_cost=here.may_see_cost),
        facets=facets,
        families=[f[:2] for f in facets.families if not ask["vendor"] or str(f[2]) == ask["vendor"]],
        flags=FLAGS if here.may_see_cost else FLAGS[-1:],
        kinds=KINDS,
        terms=TERMS.items(),
        segments=choices.segments(),
        markets=[(code, choices.country_name(code)) for code in here.markets],
        plans=[(key, word) for key, word in PLANS.items() if key != "none"],
        opened=opened,
        is_draft=is_draft,
        query=request.query_string.decode("ascii", "replace"),
        selector=narrowing.selector,
    )


def _fill(form: LineForm, rule: Any) -> None:
    form.back.data = urlencode([(k, v) for k, v in request.args.items(multi=True) if k != "open"])
    if rule is None:
        return
    form.kind.data, form.floor.data, form.rounding.data = rule.kind, rule.floor, rule.rounding
    form.value.data = "" if rule.value is None else f"{rule.value.normalize():f}"
    form.floor_value.data = "" if rule.floor_value is None else f"{rule.floor_value.normalize():f}"


def _vendor_cost(quote: Any) -> Any:
    """The step that tells what the vendor asks, per charge and in its currency."""
    return next((step for step in quote.steps if step.what == "vendor_price"), None)


def draft_of_detail(detail: price_books.BookDetail) -> PriceBookVersion:
    """The book's draft; Conflict when there is none."""
    if detail.draft is None:
        raise Conflict(_("This version is published and cannot change. Start a draft of the next one."))
    return detail.draft


def _one(detail: price_books.BookDetail, offer_id: UUID) -> Narrowing:
    narrowing = replace(Narrowing(desk().market), offers=(offer_id,))
    if not price_lines.offers_of(narrowing, draft_of_detail(detail).id, desk().lens(detail.book)):
        raise NotFound()
    return narrowing


def _back(book_id: UUID, query: str, offer_id: UUID | None = None) -> ResponseReturnValue:
    """To the list one came from: only what an address of ours may hold."""
    kept = [(k, v) for k, v in _pairs(query) if k in (*FILTERS, "sort", "page", "version")]
    tail = f"?{urlencode(kept)}" if kept else ""
    return redirect(f"{desk().home}/{book_id}/lines{tail}" + (f"#line-{offer_id}" if offer_id else ""), 303)


def _pairs(query: str) -> list[tuple[str, str]]:
    return parse_qsl(query[:4000]) if query.count("&") < 40 else []


def change_line(book_id: UUID, offer_id: UUID) -> ResponseReturnValue:
    """A rule for this offer alone, in the draft."""
    detail = price_books.book(book_id)
    _one(detail, offer_id)
    form = LineForm()
    if form.taken():
        try:
            many.rule_offers(draft_of_detail(detail), [offer_id], form.wanted(), by=g.arrival.actor)
            flash(_("The line is changed in the draft."), "good")
            return _back(book_id, form.back.data or "", offer_id)
        except Invalid as invalid:
            form.blame(invalid)
    return _grid(detail, draft_of_detail(detail), offer_id, form)


def clear_line(book_id: UUID, offer_id: UUID) -> ResponseReturnValue:
    """Takes the line's own rule out; the next wider one counts."""
    detail = price_books.book(book_id)
    _one(detail, offer_id)
    many.clear_offers(draft_of_detail(detail), [offer_id], by=g.arrival.actor)
    flash(_("The line follows the next wider rule again."), "good")
    return _back(book_id, request.form.get("back", ""), offer_id)


def change_lines(book_id: UUID) -> ResponseReturnValue:
    """Says first how many lines are meant and as which rules it will be written; then writes them."""
    detail = price_books.book(book_id)
    version, lens = draft_of_detail(detail), desk().lens(detail.book)
    given = request.form if request.method == "POST" else request.args
    chosen = tuple(found for text in given.getlist("offer")[:500] if (found := uuid_of(text)))
    is_all = given.get("scope") == "all"
    values = {name: given.get(name, "")[:80] for name in FILTERS}
    narrowing = (
        _narrowing(values, " ".join(values["q"].split()))
        if is_all
        else Narrowing(desk().market, offers=chosen)
    )
    if not is_all and not chosen:
        flash(_("Choose some lines first."), "warn")
        return _back(book_id, urlencode(values))
    offers = price_lines.offers_of(narrowing, version.id, lens)
    selector = narrowing.selector if is_all else None
    form = ChangeForm(
        data=values
        | {
            "scope": "all" if is_all else "chosen",
            "offer": [str(one) for one in chosen],
            "kind": given.get("kind") if given.get("kind") in dict(KINDS) else "percent",
            "value": given.get("value", "")[:30],
            "back": given.get("back", "") or urlencode({k: v for k, v in values.items() if v}),
        }
    )
    form.offer.choices = [(str(one), "") for one in chosen]
    if form.taken():
        try:
            flash(_write(form, version, offers, selector, values), "good")
            return _back(book_id, form.back.data or "")
        except Invalid as invalid:
            form.blame(invalid)
    return desk_form(
        "change_lines",
        form,
        detail=detail,
        book=detail.book,
        version=version,
        offers=offers,
        chosen=chosen,
        selector=selector,
        target=price_lines.name_of(*selector) if selector else "",
        narrower=many.narrower(version.id, *selector) if selector else 0,
        filters=[(name, values[name]) for name in FILTERS],
        back=f"{desk().home}/{book_id}/lines?{form.back.data or ''}",
    )


def _write(
    form: ChangeForm,
    version: PriceBookVersion,
    offers: list[UUID],
    selector: tuple[str, UUID | None] | None,
    values: Any,
) -> str:
    by = g.arrival.actor
    told = {"filter": {name: value for name, value in values.items() if value}}
    if form.clear.data:
        gone = many.clear_offers(version, offers, by=by, told=told)
        return ngettext(
            "%(num)d line follows the wider rules again.", "%(num)d lines follow the wider rules again.", gone
        )
    wanted = form.wanted()
    if selector is not None:
        many.rule_selector(
            version,
            replace(wanted, selector=selector[0], target_id=selector[1]),
            alone=form.alone.data,
            by=by,
        )
        return _("The rule is in the draft.")
    added, changed = many.rule_offers(version, offers, wanted, by=by, told=told)
    return ngettext(
        "%(num)d line is changed in the draft.", "%(num)d lines are changed in the draft.", added + changed
    )
