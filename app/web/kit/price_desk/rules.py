"""The rules of a book's draft: added, changed and taken out, one at a time, with everything a rule can say."""

from typing import Any
from uuid import UUID

from flask import flash, g, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, StringField

from app.core.errors import Conflict, Invalid, NotFound
from app.domain.pricing import actions
from app.domain.pricing.actions import many
from app.domain.pricing.models import PriceBookVersion, PriceRule
from app.domain.pricing.rules.checks import read_rule
from app.domain.reports.queries import catalogue, price_books
from app.web.kit.forms import Form, RadioField, SelectField
from app.web.kit.pages import see_other
from app.web.kit.price_desk.desk import desk, desk_form
from app.web.kit.price_rules import FLOORS, KINDS, ROUNDINGS, SELECTORS, words_of
from app.web.kit.times import local_instant, typed_local


class RuleForm(Form):
    """One rule. Times are typed in the reseller's time zone; `selector` and what was searched come from the address."""

    selector = HiddenField()
    target_id = RadioField(_l("For"), choices=[], validate_choice=False)
    kind = SelectField(_l("Price"), choices=KINDS, default="percent")
    value = StringField(_l("Number"))
    min_quantity = StringField(_l("From this quantity on"), default="1")
    starts_at = StringField(_l("Starts"))
    ends_at = StringField(_l("Ends"))
    floor = SelectField(_l("Floor"), choices=FLOORS, default="none")
    floor_value = StringField(_l("Floor's number"))
    is_capped = BooleanField(_l("Never above the vendor's list price"))
    rounding = SelectField(_l("Rounding"), choices=ROUNDINGS, default="none")

    def typed(self) -> dict[str, str]:
        """The texts as `read_rule` takes them; times carry the reseller's zone, unreadable ones stay as they are."""
        texts = {name: str(self[name].data or "") for name in _TEXTS}
        for name in ("starts_at", "ends_at"):
            found = local_instant(texts[name], desk().time_zone) if texts[name] else None
            texts[name] = found.isoformat() if found else texts[name]
        texts["is_capped"] = "on" if self.is_capped.data else ""
        return texts


_TEXTS = (
    "selector",
    "target_id",
    "kind",
    "value",
    "min_quantity",
    "starts_at",
    "ends_at",
    "floor",
    "floor_value",
    "rounding",
)


def start_draft(book_id: UUID) -> ResponseReturnValue:
    """The next version, with the rules of the one before."""
    draft = actions.draft_of(price_books.book(book_id).book, by=g.arrival.actor)
    return see_other(".show_book", book_id=book_id, version=draft.number)


def add_rule(book_id: UUID) -> ResponseReturnValue:
    """First what the rule is for (searched by plain links and forms), then what it says."""
    detail = price_books.book(book_id)
    selector = request.values.get("selector", "product")
    selector = selector if selector in dict(SELECTORS) else "product"
    form = RuleForm(data={"selector": selector, "min_quantity": "1", "kind": "percent"})
    found = _offer_targets(form, selector, request.args.get("q", ""))
    if form.taken():
        try:
            wanted = read_rule(form.typed())
            actions.add_rule(actions.draft_of(detail.book, by=g.arrival.actor), wanted, by=g.arrival.actor)
            flash(_("The rule is in the draft."), "good")
            return see_other(".show_book", book_id=book_id)
        except Invalid as invalid:
            form.blame(invalid)
    return desk_form(
        "rule",
        form,
        detail=detail,
        book=detail.book,
        selector=selector,
        selectors=SELECTORS,
        q=request.args.get("q", ""),
        targets=found,
        rule=None,
    )


def _offer_targets(form: RuleForm, selector: str, q: str, chosen: UUID | None = None) -> list[Any]:
    if selector == "default":
        return []
    found = catalogue.targets(selector, market=desk().market, q=q[:80], target_id=chosen)
    form.target_id.choices = [(str(row.id), row.name) for row in found]
    return found


def change_rule(book_id: UUID, rule_id: UUID) -> ResponseReturnValue:
    """Another price for the same thing."""
    detail, rule = _rule(book_id, rule_id)
    zone = desk().time_zone
    stored = {
        "selector": rule.selector,
        "target_id": str(_target_of(rule) or ""),
        "kind": rule.kind,
        "value": "" if rule.value is None else f"{rule.value.normalize():f}",
        "min_quantity": str(rule.min_quantity),
        "starts_at": typed_local(rule.starts_at, zone),
        "ends_at": typed_local(rule.ends_at, zone),
        "floor": rule.floor,
        "floor_value": "" if rule.floor_value is None else f"{rule.floor_value.normalize():f}",
        "is_capped": rule.is_capped,
        "rounding": rule.rounding,
    }
    form = RuleForm(data=stored)
    found = _offer_targets(form, rule.selector, "", _target_of(rule))
    if form.taken():
        try:
            typed = form.typed() | {"selector": rule.selector, "target_id": stored["target_id"]}
            actions.change_rule(rule, read_rule(typed), by=g.arrival.actor)
            flash(_("The rule is changed in the draft."), "good")
            return see_other(".show_book", book_id=book_id)
        except Invalid as invalid:
            form.blame(invalid)
    return desk_form(
        "rule",
        form,
        detail=detail,
        book=detail.book,
        selector=rule.selector,
        selectors=SELECTORS,
        q="",
        targets=found,
        rule=rule,
        told=words_of(rule, detail.book),
        narrower=many.narrower(rule.version_id, rule.selector, _target_of(rule))
        if rule.selector != "offer"
        else 0,
    )


def remove_rule(book_id: UUID, rule_id: UUID) -> ResponseReturnValue:
    """Takes the rule out of the draft; the wider rule counts for its offers again once the draft is published."""
    _detail, rule = _rule(book_id, rule_id)
    actions.remove_rule(rule, by=g.arrival.actor)
    flash(_("The rule is out of the draft. The next wider rule will count instead."), "good")
    return see_other(".show_book", book_id=book_id)


def _rule(book_id: UUID, rule_id: UUID) -> tuple[price_books.BookDetail, PriceRule]:
    """A rule of the book's draft; one of a published version is a 409, one of another book is not there."""
    detail = price_books.book(book_id)
    found = price_books.rule(rule_id)
    version: PriceBookVersion | None = next(
        (row.version for row in detail.versions if found is not None and row.version.id == found.version_id),
        None,
    )
    if found is None or version is None:
        raise NotFound()
    if version.published_at is not None:
        raise Conflict(_("This version is published and cannot change. Start a draft of the next one."))
    return detail, found


def _target_of(rule: PriceRule) -> UUID | None:
    return getattr(rule, f"{rule.selector}_id") if rule.selector != "default" else None
