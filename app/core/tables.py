"""Tables for other programs: the one writer of CSV and Excel files. Texts never become formulas, numbers stay numbers.

A spreadsheet runs what begins with `=`, `+`, `-` or `@`, and what people type may begin so. In CSV such a text gets an
apostrophe in front (the OWASP rule); in a workbook it is stored as a text, which is never run. Rows are written as they
come: memory does not grow with them.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, BinaryIO, cast

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

Value = str | int | Decimal | date | datetime | None
"""What a cell may hold; a datetime is naive, in the zone that its heading names."""

MOST_ROWS = 1_048_575
"""Of one worksheet, its heading left out; what is beyond goes to the next one."""
MOST_CHARACTERS = 32_767
_FORMULA = re.compile(r"\s*[=+\-@\t\r\n＝＋－＠]")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def harmless(text: str) -> str:
    """`text` as no spreadsheet takes it for a formula: with an apostrophe in front where it begins like one."""
    return f"'{text}" if _FORMULA.match(text) else text


def write_csv(file: BinaryIO, headings: Sequence[str], rows: Iterable[Sequence[Value]]) -> int:
    """RFC 4180 with a comma, UTF-8 with the mark that Excel needs to read umlauts; answers the number of rows.

    Numbers have a point and no separators, dates are ISO 8601.
    """
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="", write_through=False)
    writer = csv.writer(text)
    writer.writerow([harmless(heading) for heading in headings])
    count = 0
    for row in rows:
        writer.writerow([_plain(value) for value in row])
        count += 1
    text.flush()
    text.detach()
    return count


def _plain(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return harmless(_UNPRINTABLE.sub("", value))
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    return value.isoformat() if isinstance(value, date) else str(value)


def write_xlsx(file: BinaryIO, title: str, headings: Sequence[str], rows: Iterable[Sequence[Value]]) -> int:
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
        value = _UNPRINTABLE.sub("", value)[:MOST_CHARACTERS]
        cell = WriteOnlyCell(sheet, value)
        cell.data_type = "s"  # "=1+1" too, which would be taken for a formula
        if _FORMULA.match(value):
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
