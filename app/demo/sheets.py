"""Writes believable price sheets: the true 21-column layout and true product names, invented prices.

The same arguments give the same bytes. Prices keep the relations measured on real sheets: a yearly term billed monthly
costs 5 % more than paid at once, a monthly term 20 % more, three years three times one year.
"""

import csv
import hashlib
import io
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from app.demo.products import LINES, Line
from app.domain.catalog.rules.offer_matrix import COLUMNS as MATRIX_COLUMNS
from app.domain.catalog.rules.sheet_layout import COLUMNS

DEFAULT_MARKETS = {"DE": ("EUR",), "GB": ("GBP",), "US": ("USD",)}
START = "2026-01-01T00:00:00.0000000Z"
OPEN = "9999-11-30T23:59:59.0000000Z"

_RATES = {
    "USD": 100,
    "EUR": 92,
    "GBP": 79,
    "CHF": 88,
    "SEK": 1050,
    "NOK": 1080,
    "DKK": 690,
}  # invented, per cent of USD
_SEGMENTS = (("Commercial", 100), ("Education", 38), ("Charity", 55), ("Government", 94))
_MARGINS = (20, 20, 20, 20, 20, 20, 10, 25, 30, 0)
_LOW_MARGINS = (0, 5, 10)
_CODE = "0123456789BCDFGHJKLMNPQRSTVWXZ"


@dataclass(frozen=True, slots=True)
class Variant:
    """One sku in one segment: everything but term, plan, market and currency."""

    product_code: str
    sku_code: str
    product_title: str
    sku_title: str
    description: str
    publisher: str
    segment: str
    monthly: int  # list price in US cents for a month of a yearly term
    margin: int
    is_triennial: bool
    has_trial: bool
    is_yearly: bool


def _code(name: str, prefix: str) -> str:
    digest = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")
    letters = []
    for _ in range(12 - len(prefix)):
        digest, rest = divmod(digest, len(_CODE))
        letters.append(_CODE[rest])
    return prefix + "".join(letters)


def _variants(vendor: str, seed: int) -> Iterator[Variant]:
    """The vendor's line of goods, then again and again as numbered plans, so that any size can be asked for."""
    chance = random.Random(f"{vendor}-{seed}")
    turn = 0
    while True:
        for line in LINES[vendor]:
            yield from _of_line(line, turn, chance)
        turn += 1


def _of_line(line: Line, turn: int, chance: random.Random) -> Iterator[Variant]:
    title = line.title if turn == 0 else f"{line.title} Plan {turn + 1}"
    code = line.code if turn == 0 and line.code else _code(title, line.prefix[:4])
    for number, edition in enumerate(("", *line.editions)):
        sku_title = f"{title} {edition}".strip()
        description = line.description.replace('"', '""')
        for place, (segment, percent) in enumerate(_SEGMENTS):
            if segment not in line.segments:
                continue
            monthly = max(line.monthly * (100 + 15 * number) * percent // 10_000, 1) + (turn * 7) % 40
            low = segment in ("Education", "Charity")
            yield Variant(
                product_code=code,
                sku_code=f"{number * len(_SEGMENTS) + place + 1:04X}",
                product_title=title,
                sku_title=sku_title if segment == "Commercial" else f"{sku_title} ({_audience(segment)})",
                description=description,
                publisher=line.publisher,
                segment=segment,
                monthly=monthly,
                margin=chance.choice(_LOW_MARGINS if low else _MARGINS),
                is_triennial=line.is_triennial and segment == "Commercial",
                has_trial=line.has_trial and number == 0 and segment == "Commercial",
                is_yearly=line.is_yearly,
            )


def _audience(segment: str) -> str:
    return {"Education": "Education Faculty Pricing", "Charity": "Nonprofit Staff Pricing"}.get(
        segment, "Government"
    )


def _ways(variant: Variant) -> Iterator[tuple[str, str, int, str]]:
    """Term, plan, list price in cents for the whole term, tags."""
    year = variant.monthly * 12
    if variant.is_yearly:
        yield "P1Y", "Annual", year, "License"
        yield "P1Y", "Monthly", (year * 105 + 50) // 100, "License"
    yield "P1M", "Monthly", (variant.monthly * 120 + 50) // 100, "License"
    if variant.is_triennial:
        yield "P3Y", "Annual", year * 3, "License"
        yield "P3Y", "Triennial", year * 3, "License"
        yield "P3Y", "Monthly", (year * 315 + 50) // 100, "License"
    if variant.has_trial:
        yield "P1M", "None", 0, "License;Trial"


def rows(
    *,
    offers: int,
    seed: int = 1,
    vendor: str = "microsoft",
    markets: Mapping[str, Sequence[str]] = DEFAULT_MARKETS,
    changed: float = 0.0,
    start: str = START,
) -> Iterator[str]:
    """CSV lines (without header) for at least `offers` offers over `markets` (market → currencies), whole variants only.

    `changed` is the share of rows whose price moved since the sheet with the same seed and `changed=0`. Each currency
    of a market is a row of its own. Ends with the offer that reaches the number.
    """
    moved = random.Random(f"moved-{seed}")
    count = 0
    for variant in _variants(vendor, seed):
        head = f"{_quoted(variant.product_title)},{variant.product_code},{variant.sku_code},"
        head += f'{_quoted(variant.sku_title)},{variant.publisher},"{variant.description}",,'
        for market, currencies in markets.items():
            for term, plan, list_cents, tags in _ways(variant):
                for currency in currencies:
                    price = (list_cents * _RATES[currency] + 50) // 100
                    cost = (price * (100 - variant.margin) + 50) // 100
                    change, before = "Unchanged", ""
                    if changed and moved.random() < changed:
                        change = "Change"
                        before = f"\"{{'ERP Price': '{_money(price)}', 'UnitPrice': '{_money(cost)}'}}\""
                        price, cost = price + price // 20 + 1, cost + cost // 20 + 1
                    yield (
                        f"{change},{head}{term},{plan},{market},{currency},{_money(cost)},,,{start},{OPEN},{tags},"
                        f"{_money(price)},{variant.segment},{before}\r\n"
                    )
                count += 1
                if count >= offers:
                    return


def write_sheet(out: BinaryIO, *, with_mark: bool = True, **options: object) -> int:
    """Writes a whole sheet as the vendor's portal gives it (UTF-8 with byte order mark); answers the number of rows.

    `options` are those of `rows`.
    """
    if with_mark:
        out.write(b"\xef\xbb\xbf")
    out.write((",".join(COLUMNS) + "\r\n").encode())
    count, pending = 0, []
    for line in rows(**options):  # type: ignore[arg-type]
        pending.append(line)
        count += 1
        if len(pending) == 20_000:
            out.write("".join(pending).encode())
            pending.clear()
    out.write("".join(pending).encode())
    return count


def write_offer_matrix(out: BinaryIO, *, offers: int, vendor: str = "microsoft") -> int:
    """Writes the offer matrix to the sheet of `rows(offers=…)`: a line to each sku, with the vendor's usual limits.

    Plans for small companies end at 300 seats; an edition that says so begins at 2,000. Answers the number of lines.
    """
    out.write(b"\xef\xbb\xbf" + (",".join(MATRIX_COLUMNS) + "\r\n").encode())
    seen: set[tuple[str, str]] = set()
    sheet = csv.reader(rows(vendor=vendor, offers=offers, markets={"DE": ("EUR",), "GB": ("GBP",)}))
    for row in sheet:
        title, code, sku, sku_title, description = row[1], row[2], row[3], row[4], row[6]
        if (code, sku) in seen:
            continue
        seen.add((code, sku))
        is_small = "Business" in title and "Business Central" not in title
        least, most = (2_000 if "2,000 seat minimum" in sku_title else 1), (300 if is_small else 10_000)
        text = io.StringIO()
        csv.writer(text).writerow(
            [title, code, sku, sku_title, "", "", least, most, "", "", "", "", description, "Worldwide"]
        )
        out.write(text.getvalue().encode())
    return len(seen)


def _money(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}" if cents % 100 else str(cents // 100)


def _quoted(text: str) -> str:
    return f'"{text}"' if "," in text else text
