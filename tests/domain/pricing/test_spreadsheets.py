"""Files that come back from spreadsheets: read carefully, refused clearly."""

import io
import zipfile
from decimal import Decimal

import pytest
from openpyxl import Workbook

from app.core.errors import Invalid
from app.domain.pricing import spreadsheets
from app.domain.pricing.rules.rule_rows import read_said
from app.domain.pricing.spreadsheets import read_sheet


def workbook(*rows):
    book = Workbook()
    for row in rows:
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def bomb():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/workbook.xml", b"0" * (spreadsheets.MAX_UNPACKED + 1))
    return file.getvalue()


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"", "empty"),
        (b"   \n\n", "empty"),
        (b"\xd0\xcf\x11\xe0old", "old Excel"),
        (b"PK\x03\x04rubbish", "cannot be read"),
        (b"just one column\n1\n", "neither"),
        (b"for,kind\n\xe4\xf6,percent\n", "not UTF-8"),
        (b"for,kind\nde\x00fault,percent\n", "characters that no text has"),
        (b'for,kind\n"default,percent\n', "not well-formed"),
        (b"for,for\na,b\n", "twice"),
        (b"for,kind\na,b,c\n", "more cells"),
        (b"for,kind\n" + b"x" * 501 + b",percent\n", "longer"),
        (b"for,kind" + b",c" * 70 + b"\n", "more than 60 columns"),
    ],
)
def test_what_is_no_table_is_refused_with_a_sentence(body, sentence):
    with pytest.raises(Invalid) as refused:
        read_sheet(body)
    assert sentence in refused.value.message


def test_a_bomb_a_formula_and_a_million_rows_are_refused(monkeypatch):
    monkeypatch.setattr(spreadsheets, "MAX_UNPACKED", 1_000_000)
    with pytest.raises(Invalid, match="unpacked"):
        read_sheet(bomb())
    with pytest.raises(Invalid, match="Line 2: a formula"):
        read_sheet(workbook(["for", "kind"], ["default", "=1+1"]))
    monkeypatch.setattr(spreadsheets, "MAX_ROWS", 1_000)
    with pytest.raises(Invalid, match="more than 1,000 rows"):
        read_sheet(b"for,kind\n" + b"default,percent\n" * 1_001)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_marks_tabs_and_semicolons_are_understood(encoding):
    for separator in (",", ";", "\t"):
        sheet = read_sheet(f"for{separator}kind\r\ndefault{separator}größe\r\n".encode(encoding))
        assert sheet.rows == ((2, {"for": "default", "kind": "größe"}),)
        assert sheet.has_comma == (separator == ";")


def test_numbers_of_a_workbook_come_exactly_and_texts_lose_their_apostrophe():
    sheet = read_sheet(workbook(["kind", "value", "name"], ["fixed", 0.1, "'=cmd()"], ["fixed", 12, None]))
    assert [row["value"] for _, row in sheet.rows] == ["0.1", "12"]
    assert sheet.rows[0][1]["name"] == "=cmd()"


@pytest.mark.parametrize(
    "typed", ["1e999999", "1_000", "٣", "NaN", "1.234,56", "1,5", "0.123456789", "--1", "12 345"]
)
def test_what_is_no_plain_number_is_told_by_line_and_column(typed):
    rule, troubles = read_said({"kind": "percent", "value": typed}, 7)
    assert rule is None
    assert [(t.line, t.column) for t in troubles] == [(7, "value")]


def test_a_comma_is_a_point_where_semicolons_separate_and_nowhere_else():
    rule, _ = read_said({"kind": "percent", "value": "12,5"}, 2, comma=True)
    assert rule is not None
    assert rule.value == Decimal("12.5")
    assert read_said({"kind": "percent", "value": "1.234,5"}, 2, comma=True)[0] is None


def test_every_wrong_cell_of_a_row_is_told():
    _, troubles = read_said(
        {"kind": "fixed", "value": "-1", "starts_at": "tomorrow", "capped": "maybe", "rounding": ".42"}, 3
    )
    assert {t.column for t in troubles} == {"value", "starts_at", "capped", "rounding"}
