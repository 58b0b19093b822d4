"""The writer of CSV and Excel files: nothing typed becomes a formula, numbers stay numbers, memory stays flat (P18)."""

import csv
import io
import tracemalloc
from datetime import date, datetime
from decimal import Decimal

import pytest
from openpyxl import load_workbook

from app.core.tables import harmless, write_csv, write_xlsx

ATTACKS = [
    "=1+1",
    '=HYPERLINK("http://evil.example","x")',
    "+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "  =1+1",
    "\uff1d1+1",
    '=1+1";=2+2',
]
MOMENT = datetime(2026, 3, 1, 9, 5, 7)  # noqa: DTZ001 - in the zone that its heading names
ROW = [
    "Käse, \u201cgut\u201d\nzwei",
    7,
    Decimal("-12.50"),
    date(2026, 3, 1),
    MOMENT,
    None,
]


def csv_rows(*rows):
    file = io.BytesIO()
    write_csv(file, ["a", "b"], rows)
    return list(csv.reader(io.StringIO(file.getvalue().decode("utf-8-sig"), newline="")))[1:]


def sheet_of(*rows, headings=("a", "b")):
    file = io.BytesIO()
    write_xlsx(file, "orders", headings, rows)
    return load_workbook(file).active


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_text_that_begins_like_a_formula_stays_a_text(attack):
    ((cell, _),) = csv_rows([attack, 1])
    assert cell == "'" + attack
    found = sheet_of([attack, 1])["A2"]
    assert found.data_type in ("s", "inlineStr")
    assert found.value.strip() == attack.strip()
    assert found.quotePrefix


def test_harmless_texts_and_negative_numbers_are_left_as_they_are():
    assert harmless("Premium - Teams") == "Premium - Teams"
    assert csv_rows(["-", Decimal("-3.10")]) == [["'-", "-3.10"]]
    assert not sheet_of(["Premium", 1])["A2"].quotePrefix


def test_csv_is_read_back_cell_by_cell():
    assert csv_rows(ROW) == [[ROW[0], "7", "-12.50", "2026-03-01", "2026-03-01 09:05:07", ""]]


def test_a_workbook_keeps_types_and_digits():
    sheet = sheet_of(ROW, headings=list("abcdef"))
    text, count, amount, day, moment, nothing = sheet[2]
    assert (text.value, count.value, amount.value) == (ROW[0], 7, -12.5)
    assert (day.value, moment.value, nothing.value) == (
        MOMENT.replace(hour=0, minute=0, second=0),
        MOMENT,
        None,
    )
    assert amount.number_format == "#,##0.00"
    assert sheet.freeze_panes == "A2"


def test_what_a_workbook_cannot_hold_is_left_out_instead_of_failing():
    assert sheet_of(["a\x00\x07b" + "x" * 40_000, 1])["A2"].value.startswith("abx")
    assert csv_rows(["a\x00b", 1]) == [["ab", "1"]]


def test_a_list_longer_than_a_worksheet_goes_on_in_the_next(monkeypatch):
    monkeypatch.setattr("app.core.workbooks.MOST_ROWS", 2)
    file = io.BytesIO()
    assert write_xlsx(file, "a/b", ["n"], ([n] for n in range(5))) == 5
    book = load_workbook(file)
    assert book.sheetnames == ["a b", "a b 2", "a b 3"]
    assert [[row[0] for row in sheet.values] for sheet in book] == [["n", 0, 1], ["n", 2, 3], ["n", 4]]


@pytest.mark.parametrize("write", ["csv", "xlsx"])
def test_memory_does_not_grow_with_the_rows(tmp_path, write):
    def peak(count):
        rows = (["Order", n, Decimal("12.50"), None] for n in range(count))
        with (tmp_path / f"{count}").open("wb") as file:
            tracemalloc.start()
            try:
                _ = (
                    write_csv(file, list("abcd"), rows)
                    if write == "csv"
                    else write_xlsx(file, "t", list("abcd"), rows)
                )
                return tracemalloc.get_traced_memory()[1]
            finally:
                tracemalloc.stop()

    peak(200)
    assert peak(4_000) < peak(400) + 400_000
