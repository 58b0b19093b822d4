"""Reads a vendor's offer matrix: how many of a sku one subscription may have at least and at most.

Microsoft's file has one line to a sku, fourteen columns. The reading is that of price sheets (`sheet_frames`): line by line,
each problem named by line, column and reason. What a sku presupposes or can be turned into is checked for its shape only;
nothing asks for it yet.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import BinaryIO

from app.domain.catalog.rules.sheet import LONGEST_HEADER, SheetReport
from app.domain.catalog.rules.sheet_cells import PRODUCT_CODE, QUANTITY, SHORT_SKU, SPREADSHEET_SKU
from app.domain.catalog.rules.sheet_frames import RowReader, Unreadable, open_text, whole_rows

COLUMNS = {
    "ProductTitle": "product_title",
    "ProductId": "product_code",
    "SkuId": "sku_code",
    "SkuTitle": "sku_title",
    "ProvisioningId": "provisioning_code",
    "ProvisioningString": "provisioning_name",
    "MinLicenses": "min_quantity",
    "MaxLicenses": "max_quantity",
    "AssetOwnershipLimit": "ownership_limit",
    "AssetOwnershipLimitType": "ownership_limit_type",
    "ProductSkuPreRequisites": "prerequisites",
    "ProductSkuConversion": "conversions",
    "Description": "description",
    "AllowedCountries": "countries",
}
"""Microsoft's column names in Microsoft's order, and what we call each."""

NEEDED = ("ProductId", "SkuId", "MinLicenses", "MaxLicenses")
TELLING = ("MinLicenses", "MaxLicenses", "AssetOwnershipLimit")
"""Columns that no price sheet has: a file with two of them is an offer matrix."""
MOST_LINES = 200_000
"""A real one has some thousand; all its limits are held in memory."""


@dataclass(frozen=True, slots=True)
class Limit:
    """How many of one sku a subscription may have; `most` None: the vendor names no maximum."""

    line: int
    product_code: str
    sku_code: str
    least: int
    most: int | None


def _squeezed(name: str) -> str:
    return "".join(name.split()).casefold()


_BY_NAME = {_squeezed(column): column for column in COLUMNS}


def is_offer_matrix(start: bytes) -> bool:
    """Whether a file that begins so is one: its first line has columns that only an offer matrix has."""
    _, cells = _header(start.partition(b"\n")[0])
    return len({_BY_NAME.get(_squeezed(cell)) for cell in cells} & set(TELLING)) >= 2


def _header(line: bytes) -> tuple[str, list[str]]:
    """The separator and the cells of the first line, by the separator that finds most columns."""
    text = line[:LONGEST_HEADER].decode("utf-8", "replace").rstrip("\r")
    found: list[tuple[int, str, list[str]]] = []
    for separator in (",", ";", "\t"):
        try:
            cells = next(csv.reader(io.StringIO(text), delimiter=separator), [])
        except csv.Error:
            continue
        found.append((sum(_squeezed(cell) in _BY_NAME for cell in cells), separator, cells))
    _, separator, cells = max(found, key=lambda one: one[0], default=(0, ",", []))
    return separator, cells


def start_of(stream: BinaryIO) -> bytes:
    """The file's first bytes as text in UTF-8; nothing when it cannot be read at all."""
    try:
        return next(open_text(stream), b"")
    except Unreadable:
        return b""


def read(stream: BinaryIO, report: SheetReport) -> list[Limit]:
    """The limits in the file; what is wrong with it goes into `report`. Of two equal lines the second is `repeated`."""
    limits: dict[tuple[str, str], Limit] = {}
    contradicting: set[tuple[str, str]] = set()
    repeated = 0
    try:
        for line, row in _rows(stream, report):
            limit = _limit(line, row, report)
            if limit is None:
                report.refused += 1
                continue
            key = limit.product_code, limit.sku_code
            before = limits.setdefault(key, limit)
            if before is limit:
                continue
            if (before.least, before.most) == (limit.least, limit.most):
                repeated += 1
                continue
            report.refused += 1 if key in contradicting else 2
            contradicting.add(key)
            reason = f"contradicts line {before.line}: the same sku, but other quantities"
            report.add(limit.line, "SkuId", reason, limit.sku_code)
    except Unreadable as error:
        report.is_unreadable = True
        report.add(0, "", str(error))
    if not report.is_unreadable and report.rows == 0:
        report.is_unreadable = True
        report.add(0, "", "The file has a header, but no rows.")
    if repeated:
        report.notes.append(f"{repeated:,} rows stand in the file twice and count once.")
    return [limit for key, limit in limits.items() if key not in contradicting]


def _rows(stream: BinaryIO, report: SheetReport) -> Iterator[tuple[int, Mapping[str, str]]]:
    pieces = open_text(stream)
    first, _, rest = next(pieces, b"").partition(b"\n")
    separator, cells = _header(first)
    places = {_BY_NAME[_squeezed(cell)]: n for n, cell in enumerate(cells) if _squeezed(cell) in _BY_NAME}
    for column in NEEDED:
        if column not in places:
            report.is_unreadable = True
            report.add(0, column, "The column is missing.")
    if report.is_unreadable:
        return
    reader = RowReader(separator, len(cells), line=2)
    for block in whole_rows(chain([rest] if rest else [], pieces)):
        frame, complaints = reader.read(block)
        for line, reason, lost in complaints:
            report.add(line, "", reason)
            report.refused += lost
            report.rows += lost
        report.rows += frame.height
        if report.rows > MOST_LINES:
            raise Unreadable(f"The file has more than {MOST_LINES:,} rows: this is no offer matrix.")
        names = [f"c{place}" for place in places.values()]
        for row in frame.select("line", *names).iter_rows():
            yield row[0], dict(zip(places, (cell.strip() if cell else "" for cell in row[1:]), strict=True))


def _limit(line: int, row: Mapping[str, str], report: SheetReport) -> Limit | None:
    problems = list(_problems(row))
    for column, reason in problems:
        report.add(line, column, reason, row[column])
    if problems:
        return None
    sku = row["SkuId"]
    return Limit(
        line,
        row["ProductId"],
        sku.zfill(4) if re.fullmatch(SHORT_SKU, sku) else sku,  # a spreadsheet writes `1` for `0001`
        int(row["MinLicenses"] or 1),
        int(row["MaxLicenses"]) if row["MaxLicenses"] else None,
    )


def _problems(row: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    if not re.fullmatch(PRODUCT_CODE, row["ProductId"]):
        yield "ProductId", "is not a code of letters and digits"
    if re.match(SPREADSHEET_SKU, row["SkuId"]):
        yield "SkuId", "was turned into a number by a spreadsheet; take the file as it was downloaded"
    elif not re.fullmatch(PRODUCT_CODE, row["SkuId"]):
        yield "SkuId", "is not a code of letters and digits"
    numbers = "MinLicenses", "MaxLicenses"
    wrong = [column for column in numbers if row[column] and not re.fullmatch(QUANTITY, row[column])]
    for column in wrong:
        yield column, "is not a whole number from 1 upwards"
    if not wrong and row["MaxLicenses"] and int(row["MaxLicenses"]) < int(row["MinLicenses"] or 1):
        yield "MaxLicenses", "is less than MinLicenses"
    limit = row.get("AssetOwnershipLimit", "")
    if limit and not re.fullmatch(r"[0-9]{1,9}", limit):
        yield "AssetOwnershipLimit", "is not a whole number"
    for column in ("ProductSkuPreRequisites", "ProductSkuConversion"):
        if not _are_skus(row.get(column, "").split(",")):
            yield column, "is not a list of skus: write CFQ7TTC0LDPB/0001, with commas between"


def _are_skus(names: Sequence[str]) -> bool:
    named = [name.strip() for name in names if name.strip()]
    return all(re.fullmatch(r"[0-9A-Za-z._-]{1,64}/[0-9A-Za-z._-]{1,64}", name) for name in named)
