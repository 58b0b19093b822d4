"""Reading the European Central Bank's euro reference rates as it publishes them: `eurofxref.csv`, `eurofxref-hist.csv`, or
either in its ZIP. Pure: bytes in, rates by day out."""

import csv
import io
import zipfile
from datetime import date, datetime
from decimal import Decimal

from app.core.errors import Invalid
from app.core.money import CURRENCIES, parse_amount
from app.domain.pricing.rules.checks import RETIRED

MAX_FILE = 20_000_000
"""Bytes, unpacked. The whole history since 1999 has some two millions."""

Days = dict[date, dict[str, Decimal]]


def read_ecb(body: bytes, *, today: date) -> Days:
    """Day → currency → units per euro, of the currencies that are traded in today. `N/A` and retired ones are left out.

    Invalid (`file`) with the line of the first thing that is not as the bank writes it; then nothing is taken.
    """
    text = _text(body)
    rows = csv.reader(io.StringIO(text, newline=""))
    codes = [cell.strip() for cell in next(rows, [])]
    if not codes or codes[0] != "Date" or len(codes) < 2:
        raise _wrong(1, "it does not begin with Date and currencies, as the bank's file does")
    if len(set(filter(None, codes))) != len(list(filter(None, codes))):
        raise _wrong(1, "a currency is there twice")
    found: Days = {}
    for row in rows:
        cells = [cell.strip() for cell in row]
        if not any(cells):
            continue
        day = _day(cells[0], rows.line_num)
        if day > today:
            raise _wrong(rows.line_num, f"{day.isoformat()} has not been yet")
        if day in found:
            raise _wrong(rows.line_num, f"{day.isoformat()} is there twice")
        if len(cells) > len(codes):
            raise _wrong(rows.line_num, "it has more values than there are currencies")
        found[day] = {}
        for code, cell in zip(codes[1:], cells[1:], strict=False):
            if not code or cell in ("", "N/A"):
                continue
            rate = parse_amount(cell)
            if rate is None or not rate > 0:
                raise _wrong(rows.line_num, f"{cell[:20]!r} is no rate for {code}")
            if code in CURRENCIES and code not in RETIRED:
                found[day][code] = rate
    if not any(found.values()):
        raise Invalid({"file": "There is no rate in this file."})
    return found


def _text(body: bytes) -> str:
    if len(body) > MAX_FILE:
        raise Invalid({"file": "This file is larger than 20 MB."})
    if body[:4] == b"PK\x03\x04":
        try:
            with zipfile.ZipFile(io.BytesIO(body)) as archive:
                names = [one for one in archive.infolist() if one.filename.lower().endswith(".csv")]
                if len(names) != 1 or names[0].file_size > MAX_FILE:
                    raise Invalid(
                        {"file": "The archive does not hold exactly one CSV file of at most 20 MB."}
                    )
                with archive.open(names[0]) as file:
                    body = file.read(MAX_FILE + 1)
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, OSError):
            raise Invalid({"file": "This archive cannot be opened."}) from None
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Invalid({"file": "This is not a text file in UTF-8."}) from None


def _day(text: str, line: int) -> date:
    for form in ("%Y-%m-%d", "%d %B %Y"):
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a day, not an instant
        except ValueError:
            continue
    raise _wrong(line, f"{text[:30]!r} is no day")


def _wrong(line: int, why: str) -> Invalid:
    return Invalid({"file": f"Line {line}: {why}."})
