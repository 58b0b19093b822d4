"""What may be typed into a rule, a book or a rate, with the sentence for each field that may not. Nothing is stored here."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from app.core.errors import Invalid
from app.core.ids import parse_id
from app.core.money import CURRENCIES, MAX_AMOUNT, parse_amount
from app.domain.pricing.rules.kinds import FLOORS, KINDS, SELECTORS
from app.domain.pricing.rules.rounding import ROUNDINGS

RETIRED = {
    "ATS": "EUR", "BEF": "EUR", "BGN": "EUR", "CYP": "EUR", "DEM": "EUR", "EEK": "EUR", "ESP": "EUR", "FIM": "EUR",
    "FRF": "EUR", "GRD": "EUR", "HRK": "EUR", "IEP": "EUR", "ITL": "EUR", "LTL": "EUR", "LUF": "EUR", "LVL": "EUR",
    "MTL": "EUR", "NLG": "EUR", "PTE": "EUR", "SIT": "EUR", "SKK": "EUR", "ROL": "RON", "TRL": "TRY", "VEF": "VES",
    "ZMK": "ZMW", "BYR": "BYN", "MRO": "MRU", "STD": "STN", "GHC": "GHS", "SLL": "SLE",
}  # fmt: skip
"""Currencies that are no longer money, and what took their place (ISO 4217, list three)."""

MAX_QUANTITY = 1_000_000


@dataclass(frozen=True, slots=True)
class RuleInput:
    """A rule as somebody wants it. `target_id` is the offer, product, family, category or vendor; None for `default`."""

    kind: str
    value: Decimal | None = None
    selector: str = "default"
    target_id: UUID | None = None
    min_quantity: int = 1
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    floor: str = "none"
    floor_value: Decimal | None = None
    is_capped: bool = False
    rounding: str = "none"
    roundings: Mapping[str, str] = field(default_factory=dict)
    """By currency of the price, where it is another than `rounding`: {"CHF": "0.05"}."""

    @property
    def has_window(self) -> bool:
        """Whether it counts for a time only (a promotion)."""
        return self.starts_at is not None or self.ends_at is not None


def check_rule(rule: RuleInput) -> None:
    """Raises Invalid with a sentence for every field of `rule` that cannot be taken."""
    errors: dict[str, str] = {}
    if rule.selector not in SELECTORS:
        errors["selector"] = "Choose what the rule is for."
    elif (rule.selector == "default") != (rule.target_id is None):
        errors["target_id"] = (
            "A rule for everything names nothing in particular."
            if rule.target_id
            else f"Choose the {rule.selector} that the rule is for."
        )
    if rule.kind not in KINDS:
        errors["kind"] = "Choose a kind of rule."
    else:
        sentence = _wrong_value(rule.kind, rule.value)
        if sentence:
            errors["value"] = sentence
    if not 1 <= rule.min_quantity <= MAX_QUANTITY:
        errors["min_quantity"] = f"A quantity is a whole number from 1 to {MAX_QUANTITY:,}."
    if rule.starts_at is not None and rule.ends_at is not None and rule.ends_at <= rule.starts_at:
        errors["ends_at"] = "The end must be after the start."
    if rule.floor not in FLOORS:
        errors["floor"] = "Choose a floor."
    elif rule.floor in ("margin", "amount"):
        sentence = _wrong_value("margin" if rule.floor == "margin" else "fixed", rule.floor_value)
        if sentence:
            errors["floor_value"] = sentence
    elif rule.floor_value is not None:
        errors["floor_value"] = "This floor takes no number."
    if rule.rounding not in ROUNDINGS:
        errors["rounding"] = "Choose a rounding."
    for code, rounding in rule.roundings.items():
        if code not in CURRENCIES or rounding not in ROUNDINGS:
            errors["roundings"] = f"Write a currency and one of {', '.join(ROUNDINGS)}, such as CHF 0.05."
        elif code in RETIRED:
            errors["roundings"] = f"{code} is no longer in use; its place was taken by {RETIRED[code]}."
    if errors:
        raise Invalid(errors)


def _wrong_value(kind: str, value: Decimal | None) -> str | None:
    if kind == "inherit":
        return None if value is None else "This kind of rule takes no number."
    if value is None:
        return "Enter a number."
    if not value.is_finite() or abs(value) > MAX_AMOUNT:
        return "This number is out of range."
    if -int(value.as_tuple().exponent) > 8:
        return "At most eight digits after the point."
    if kind == "fixed" and value < 0:
        return "A price cannot be negative."
    if kind == "margin" and not 0 <= value < 100:
        return "A margin is from 0 to under 100 % of the price."
    if kind == "list_minus" and not 0 <= value < 100:
        return (
            "A reduction is from 0 to under 100 %. To ask more than the list price, use a percentage of it."
        )
    if kind == "split" and not 0 <= value <= 100:
        return "A share is from 0 to 100 %."
    if kind == "percent" and not -100 < value <= 10_000:
        return "A percentage is above -100 and at most 10,000."
    return None


def read_roundings(text: str) -> dict[str, str]:
    """ "CHF 0.05, USD .99" by currency. Invalid (`roundings`) for anything else."""
    found: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        code, _, rounding = part.partition(" ")
        code, rounding = code.upper(), rounding.strip()
        if code in found:
            raise Invalid({"roundings": f"{code} is there twice."})
        if code not in CURRENCIES or rounding not in ROUNDINGS:
            raise Invalid(
                {"roundings": f"Write a currency and one of {', '.join(ROUNDINGS)}, such as CHF 0.05."}
            )
        found[code] = rounding
    return found


def show_roundings(roundings: Mapping[str, str]) -> str:
    """As `read_roundings` reads it."""
    return ", ".join(f"{code} {rounding}" for code, rounding in sorted(roundings.items()))


def read_rule(form: Mapping[str, str]) -> RuleInput:
    """The rule in the texts of a form: the fields of RuleInput by name, instants in ISO format with their zone.

    Raises Invalid, by field, for anything that is not plainly what it should be: `1_000`, `٣`, nine decimals, `1e9`.
    """
    errors: dict[str, str] = {}

    def number(name: str) -> Decimal | None:
        typed = form.get(name, "").strip()
        if not typed:
            return None
        found = parse_amount(typed, signed=True)
        if found is None:
            errors[name] = "Enter a plain number, with a point and at most eight digits after it."
        return found

    def instant(name: str) -> datetime | None:
        typed = form.get(name, "").strip()
        if not typed:
            return None
        try:
            found = datetime.fromisoformat(typed)
        except ValueError:
            found = None
        if found is None or found.tzinfo is None:
            errors[name] = "Enter a date and a time."
            return None
        return found

    quantity = form.get("min_quantity", "").strip() or "1"
    if not (quantity.isascii() and quantity.isdigit() and len(quantity) <= 7):
        errors["min_quantity"] = f"A quantity is a whole number from 1 to {MAX_QUANTITY:,}."
        quantity = "1"
    target = form.get("target_id", "").strip()
    target_id = parse_id(target) if target else None
    if target and target_id is None:
        errors["target_id"] = "Choose from the list."
    roundings: dict[str, str] = {}
    try:
        roundings = read_roundings(form.get("roundings", ""))
    except Invalid as wrong:
        errors.update(wrong.errors)
    rule = RuleInput(
        kind=form.get("kind", ""),
        value=number("value"),
        selector=form.get("selector", "default") or "default",
        target_id=target_id,
        min_quantity=int(quantity),
        starts_at=instant("starts_at"),
        ends_at=instant("ends_at"),
        floor=form.get("floor", "none") or "none",
        floor_value=number("floor_value"),
        is_capped=form.get("is_capped", "") in ("on", "true", "1", "y"),
        rounding=form.get("rounding", "none") or "none",
        roundings=roundings,
    )
    try:
        check_rule(rule)
    except Invalid as wrong:
        errors = {**wrong.errors, **errors}
    if errors:
        raise Invalid(errors)
    return rule


def check_currency(code: str, field: str = "currency") -> None:
    """Raises Invalid on `field` unless `code` is a currency that is traded in today."""
    if code in RETIRED:
        raise Invalid({field: f"{code} is no longer in use; its place was taken by {RETIRED[code]}."})
    if code not in CURRENCIES:
        raise Invalid({field: "This is not a currency that can be used here."})


def in_the_way(wanted: RuleInput, others: Iterable[RuleInput]) -> RuleInput | None:
    """The first of `others` that could apply to the same order at the same specificity as `wanted`, if any.

    Same target, same minimum quantity, both with a window or both without, and the (half-open) windows overlap.
    """
    for other in others:
        if (
            other.selector == wanted.selector
            and other.target_id == wanted.target_id
            and other.min_quantity == wanted.min_quantity
            and other.has_window == wanted.has_window
            and (other.ends_at is None or wanted.starts_at is None or wanted.starts_at < other.ends_at)
            and (wanted.ends_at is None or other.starts_at is None or other.starts_at < wanted.ends_at)
        ):
            return other
    return None
