"""Files of rules and lines as they come back from a spreadsheet: CSV or Excel, read carefully into rows of texts."""

import csv
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from openpyxl import load_workbook

from app.core.errors import Invalid
from app.domain.pricing.rules.cells import read_cell

MAX_BYTES = 20_000_000
MAX_UNPACKED = 300_000_000
MAX_ROWS = 200_000
MAX_COLUMNS = 60
MAX_CELL = 500


@dataclass(frozen=True, slots=True)
class Sheet:
    """`rows`: (line, cells by heading). `has_comma`: numbers may be written with a decimal comma, as the file's columns are
    separated by semicolons.
    """

    headings: tuple[str, ...]
    rows: tuple[tuple[int, dict[str, str]], ...]
    has_comma: bool = False


def read_sheet(body: bytes, name: str = "") -> Sheet:
    """The first table in `body`. Invalid, with a sentence, for what cannot be read as one."""
    if not body.strip():
        raise Invalid({"file": "This file is empty."})
    if len(body) > MAX_BYTES:
        raise Invalid({"file": f"This file is larger than {MAX_BYTES // 1_000_000} MB."})
    if body.startswith(b"PK"):
        return _table(_workbook(body), False)
    if body.startswith(b"\xd0\xcf\x11\xe0"):
        raise Invalid({"file": "This is an old Excel file (.xls). Save it as .xlsx or CSV."})
    text = _text(body)
    first = text.lstrip().split("\n", 1)[0]
    separator = max(",;\t", key=first.count)
    if not first.count(separator):
        raise Invalid({"file": "This is neither a CSV file nor an Excel workbook of several columns."})
    return _table(_csv(text, separator), separator == ";")


def _text(body: bytes) -> str:
    marks = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
    encoding = next((name for mark, name in marks.items() if body.startswith(mark)), "utf-8")
    try:
        text = body.decode(encoding)
    except UnicodeDecodeError:
        raise Invalid(
            {"file": "The texts in this file are not UTF-8. Save it as “CSV UTF-8” or as .xlsx."}
        ) from None
    if "\0" in text:
        raise Invalid({"file": "This file holds characters that no text has."})
    return text


def _csv(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        for row in reader:
            yield reader.line_num, row
    except csv.Error:
        raise Invalid({"file": f"Line {reader.line_num + 1} is not well-formed CSV."}) from None


def _workbook(body: bytes) -> Iterator[tuple[int, list[str]]]:
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            if sum(part.file_size for part in packed.infolist()) > MAX_UNPACKED:
                raise Invalid({"file": "This workbook is too large when it is unpacked."})
        book = load_workbook(io.BytesIO(body), read_only=True, data_only=False, keep_links=False)
        sheet = book.worksheets[0]
    except Invalid:
        raise
    except Exception:
        raise Invalid({"file": "This workbook cannot be read. Save it anew as .xlsx or as CSV."}) from None
    try:
        for number, row in enumerate(sheet.iter_rows(max_col=MAX_COLUMNS + 1), start=1):
            yield number, [_cell(cell, number) for cell in row]
    except Invalid:
        raise
    except Exception:
        raise Invalid({"file": "This workbook is damaged. Save it anew as .xlsx or as CSV."}) from None
    finally:
        book.close()


def _cell(cell: Any, line: int) -> str:
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "f":
        raise Invalid({"file": f"Line {line}: a formula stands in a cell. Put its value there."})
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{Decimal(repr(value)):f}" if abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)


def _table(rows: Iterator[tuple[int, list[str]]], has_comma: bool) -> Sheet:
    headings: list[str] = []
    found: list[tuple[int, dict[str, str]]] = []
    for line, cells in rows:
        while cells and not cells[-1]:
            cells.pop()
        if not cells:
            continue
        if len(cells) > MAX_COLUMNS:
            raise Invalid({"file": f"Line {line} has more than {MAX_COLUMNS} columns."})
        if not headings:
            headings = [cell.strip().lower().replace(" ", "_") for cell in cells]
            doubled = {heading for heading in headings if heading and headings.count(heading) > 1}
            if doubled:
                raise Invalid({"file": f"The column {sorted(doubled)[0][:40]!r} is there twice."})
            continue
        if len(found) >= MAX_ROWS:
            raise Invalid({"file": f"This file has more than {MAX_ROWS:,} rows."})
        if len(cells) > len(headings):
            raise Invalid({"file": f"Line {line} has more cells than the first line has headings."})
        if any(len(cell) > MAX_CELL for cell in cells):
            raise Invalid({"file": f"Line {line}: a cell is longer than {MAX_CELL} characters."})
        found.append(
            (line, {heading: read_cell(cell) for heading, cell in zip(headings, cells, strict=False)})
        )
    if not headings:
        raise Invalid({"file": "This file is empty."})
    return Sheet(tuple(headings), tuple(found), has_comma)
