"""Writes Excel workbooks: the half of `tables.py` that needs openpyxl, so that only who writes a workbook loads it."""

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, BinaryIO, cast

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from app.core.tables import FORMULA, MOST_CHARACTERS, MOST_ROWS, UNPRINTABLE, Value


def write(file: BinaryIO, title: str, headings: Sequence[str], rows: Iterable[Sequence[Value]]) -> int:
    """An Excel workbook whose first row is the headings, kept in sight; answers the number of rows."""
    book = Workbook(write_only=True)
    title = re.sub(r"[\[\]:*?/\\']", " ", title).strip()[:25] or "Sheet"
    count = 0
    sheet = _sheet(book, title, headings)
    for row in rows:
        if count and count % MOST_ROWS == 0:
            sheet = _sheet(book, f"{title} {count // MOST_ROWS + 1}", headings)
        sheet.append([_cell(sheet, value) for value in row])
        count += 1
    book.save(file)
    return count


def _sheet(book: Workbook, title: str, headings: Sequence[str]):  # type: ignore[no-untyped-def]
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    cells = []
    for number, heading in enumerate(headings):
        sheet.column_dimensions[_letters(number)].width = max(12, min(40, len(heading) + 4))
        cell = _cell(sheet, heading)
        cell.font = Font(bold=True)  # type: ignore[union-attr]
        cells.append(cell)
    sheet.append(cells)
    return sheet


def _letters(number: int) -> str:
    """The name of the column with this number, counted from 0: A, B, … Z, AA."""
    head, tail = divmod(number, 26)
    return (_letters(head - 1) if head else "") + chr(ord("A") + tail)


def _cell(sheet, value: Value):  # type: ignore[no-untyped-def]
    if value is None or type(value) is int:
        return value
    if isinstance(value, str):
        value = UNPRINTABLE.sub("", value)[:MOST_CHARACTERS]
        cell = WriteOnlyCell(sheet, value)
        cell.data_type = "s"  # "=1+1" too, which would be taken for a formula
        if FORMULA.match(value):
            cell.quotePrefix = True  # stays a text when somebody edits it, or saves it as CSV and opens that
        return cell
    cell = WriteOnlyCell(sheet, cast(Any, value))
    if isinstance(value, Decimal):
        places = max(0, -int(value.as_tuple().exponent))
        cell.number_format = "#,##0" + ("." + "0" * places if places else "")
    elif isinstance(value, datetime):
        cell.number_format = "yyyy-mm-dd hh:mm:ss"
    elif isinstance(value, date):
        cell.number_format = "yyyy-mm-dd"
    return cell
