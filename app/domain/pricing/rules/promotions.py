"""Reading vendors' promotions from a file: Microsoft's `productpromotions` answer (JSON), or a plain table (CSV).

Pure: what comes out names products by the vendor's codes; which offers those are is looked up by the action.
"""

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from app.core.errors import Invalid
from app.core.money import parse_amount

MAX_FILE = 5_000_000
MAX_ROWS = 20_000
COLUMNS = (
    "Code", "Name", "ProductId", "SkuId", "TermDuration", "BillingPlan", "Segment", "Market", "Percent", "StartDate",
    "EndDate", "MinQuantity", "MaxQuantity",
)  # fmt: skip
SEGMENTS = {"charity": "nonprofit"}
PLANS = {"yearly": "annual", "one_time": "none", "onetime": "none"}


@dataclass(frozen=True, slots=True)
class Target:
    """Offers by the vendor's codes. `sku_id`, `term` and `billing_plan` empty: all of the product's."""

    product_id: str
    sku_id: str
    term: str
    billing_plan: str
    segment: str
    market: str


@dataclass(frozen=True, slots=True)
class PromotionInput:
    """A promotion as it was read or typed. `[starts_at, ends_at)`, aware; `percent` off what the vendor asks."""

    code: str
    name: str
    percent: Decimal
    starts_at: datetime
    ends_at: datetime
    min_quantity: int = 1
    max_quantity: int | None = None
    targets: tuple[Target, ...] = ()


def check_promotion(wanted: PromotionInput) -> None:
    """Raises Invalid with a sentence for every field that cannot be taken."""
    errors: dict[str, str] = {}
    if not wanted.code or len(wanted.code) > 80 or not wanted.code.isprintable():
        errors["code"] = "Enter the vendor's code of the promotion, of at most 80 characters."
    if not wanted.name or len(wanted.name) > 200 or not wanted.name.isprintable():
        errors["name"] = "Enter a name of at most 200 characters."
    if not wanted.percent.is_finite() or not 0 < wanted.percent < 100:
        errors["percent"] = "A promotion takes off more than 0 and less than 100 %."
    elif -int(wanted.percent.normalize().as_tuple().exponent) > 4:
        errors["percent"] = "At most four digits after the point."
    if wanted.ends_at <= wanted.starts_at:
        errors["ends_at"] = "The end must be after the start."
    if not 1 <= wanted.min_quantity <= 1_000_000:
        errors["min_quantity"] = "A quantity is a whole number from 1 to 1,000,000."
    if wanted.max_quantity is not None and not wanted.min_quantity <= wanted.max_quantity <= 1_000_000:
        errors["max_quantity"] = "The greatest quantity is not under the least, and at most 1,000,000."
    if errors:
        raise Invalid(errors)


def read_promotions(body: bytes, *, market: str, segment: str) -> list[PromotionInput]:
    """All promotions in a file. `market` and `segment` are what the JSON was asked for, since it does not repeat them.

    Invalid (`file`) with the line, or the number of the item, of the first thing that is not as it should be; then
    nothing of the file is taken.
    """
    if len(body) > MAX_FILE:
        raise Invalid({"file": "This file is larger than 5 MB."})
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Invalid({"file": "This is not a text file in UTF-8."}) from None
    if text.lstrip()[:1] in ("{", "["):
        return list(_from_json(text, market, segment))
    return _from_table(text)


def _from_json(text: str, market: str, segment: str) -> Iterator[PromotionInput]:
    try:
        told = json.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError):
        raise Invalid({"file": "This begins like JSON and is not."}) from None
    items = told.get("items") if isinstance(told, dict) else told
    if items is None and isinstance(told, dict):
        items = [told]
    if not isinstance(items, list) or len(items) > MAX_ROWS:
        raise Invalid({"file": "There is no list of promotions in this file."})
    for number, item in enumerate(items, 1):
        yield from _blamed(f"Promotion {number}", _item, item, market, segment)


def _item(item: Any, market: str, segment: str) -> list[PromotionInput]:
    """One promotion of Microsoft's; products with different reductions become one promotion each."""
    by_percent: dict[Decimal, list[Target]] = {}
    for product in item["requiredProducts"]:
        discounts = [one for one in product["pricingPolicies"] if one["policyType"] == "PercentDiscount"]
        if len(discounts) != 1:
            raise ValueError("there is not one PercentDiscount")
        percent = (Decimal(str(discounts[0]["value"])) * 100).normalize()
        term = product.get("term") or {}
        target = Target(
            str(product["productId"]),
            str(product.get("skuId") or ""),
            str(term.get("duration") or ""),
            _plan(str(term.get("billingCycle") or "")),
            segment,
            market,
        )
        by_percent.setdefault(percent, []).append(target)
    made = []
    for number, (percent, targets) in enumerate(sorted(by_percent.items())):
        code = str(item["id"]) if not number else f"{item['id']}#{number + 1}"
        made.append(
            PromotionInput(
                code,
                str(item["name"]).strip(),
                percent,
                _instant(item["startDate"]),
                _instant(item["endDate"]),
                targets=tuple(targets),
            )
        )
    return made


def _from_table(text: str) -> list[PromotionInput]:
    reader = csv.DictReader(io.StringIO(text, newline=""))
    missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
    if missing:
        raise Invalid({"file": f"Line 1: there is no column {missing[0]}."})
    found: dict[tuple[str, datetime], PromotionInput] = {}
    for row in reader:
        if reader.line_num > MAX_ROWS:
            raise Invalid({"file": f"More than {MAX_ROWS:,} lines."})
        for one in _blamed(f"Line {reader.line_num}", _row, row):
            key = one.code, one.starts_at
            before = found.setdefault(key, one)
            if before is not one:
                same = (before.name, before.percent, before.ends_at, before.min_quantity, before.max_quantity)
                if same != (one.name, one.percent, one.ends_at, one.min_quantity, one.max_quantity):
                    raise Invalid(
                        {"file": f"Line {reader.line_num}: {one.code} was told otherwise further up."}
                    )
                found[key] = _with_targets(before, (*before.targets, *one.targets))
    return list(found.values())


def _with_targets(one: PromotionInput, targets: tuple[Target, ...]) -> PromotionInput:
    return PromotionInput(
        one.code,
        one.name,
        one.percent,
        one.starts_at,
        one.ends_at,
        one.min_quantity,
        one.max_quantity,
        targets,
    )


def _row(row: Mapping[str, str | None]) -> list[PromotionInput]:
    cell = {name: (row[name] or "").strip() for name in COLUMNS}
    percent = parse_amount(cell["Percent"].removesuffix("%").strip())
    if percent is None:
        raise ValueError("Percent is not a plain number")
    segment = cell["Segment"].lower()
    target = Target(
        cell["ProductId"],
        cell["SkuId"],
        cell["TermDuration"],
        _plan(cell["BillingPlan"]),
        SEGMENTS.get(segment, segment),
        cell["Market"].upper(),
    )
    return [
        PromotionInput(
            cell["Code"],
            cell["Name"],
            percent,
            _instant(cell["StartDate"]),
            _instant(cell["EndDate"]),
            _whole(cell["MinQuantity"], "MinQuantity") or 1,
            _whole(cell["MaxQuantity"], "MaxQuantity"),
            (target,),
        )
    ]


def _blamed(where: str, read: Callable[..., list[PromotionInput]], *args: Any) -> list[PromotionInput]:
    """What `read` makes of it; whatever is wrong is said with the place where."""
    try:
        made = read(*args)
        for one in made:
            check_promotion(one)
    except Invalid as wrong:
        raise Invalid({"file": f"{where}: {next(iter(wrong.errors.values()))}"}) from None
    except KeyError as missing:
        raise Invalid({"file": f"{where}: there is no {missing.args[0]}."}) from None
    except (TypeError, ValueError, ArithmeticError, AttributeError) as wrong:
        raise Invalid({"file": f"{where}: {str(wrong) or 'this cannot be read'}."}) from None
    return made


def _plan(text: str) -> str:
    plan = text.lower()
    return PLANS.get(plan, plan)


def _whole(text: str, name: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 7):
        raise ValueError(f"{name} is not a whole number")
    return int(text)


def _instant(text: Any) -> datetime:
    """An ISO instant, however many digits its seconds have; without a zone it is UTC."""
    typed = str(text).strip()
    head, dot, rest = typed.partition(".")
    if dot:
        digits = rest.rstrip("Z")
        typed = f"{head}.{digits[:6]}{'Z' if rest.endswith('Z') else ''}"
    try:
        found = datetime.fromisoformat(typed)
    except ValueError:
        raise ValueError(f"{typed[:40]!r} is not a date") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
