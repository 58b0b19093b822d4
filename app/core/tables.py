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
from typing import BinaryIO

Value = str | int | Decimal | date | datetime | None
"""What a cell may hold; a datetime is naive, in the zone that its heading names."""

MOST_ROWS = 1_048_575
"""Of one worksheet, its heading left out; what is beyond goes to the next one."""
MOST_CHARACTERS = 32_767
FORMULA = re.compile(r"\s*[=+\-@\t\r\n＝＋－＠]")
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def harmless(text: str) -> str:
    """`text` as no spreadsheet takes it for a formula: with an apostrophe in front where it begins like one."""
    return f"'{text}" if FORMULA.match(text) else text


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
        return harmless(UNPRINTABLE.sub("", value))
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    return value.isoformat() if isinstance(value, date) else str(value)


def write_xlsx(file: BinaryIO, title: str, headings: Sequence[str], rows: Iterable[Sequence[Value]]) -> int:
    """An Excel workbook whose first row is the headings, kept in sight; answers the number of rows."""
    from app.core import workbooks  # openpyxl comes with it, which most processes never need

    return workbooks.write(file, title, headings, rows)
