"""Price sheets that arrive broken, odd or hostile: each is read, or refused with a line, a column and a reason."""

import gzip
import io
import random
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.demo.products import LINES
from app.demo.sheets import write_sheet
from app.domain.catalog.rules import sheet_cells, sheet_frames, sheet_rows
from app.domain.catalog.rules.families import place_of
from app.domain.catalog.rules.sheet import SheetReader, SheetReport
from app.domain.catalog.rules.sheet_layout import COLUMN_OF, COLUMNS, FIELDS

from .sheet_maker import GOOD, HEADER, line, sheet


def read(body: bytes, **options: int) -> tuple[pl.DataFrame, SheetReport]:
    reader = SheetReader(io.BytesIO(body), **options)
    batches = list(reader)
    return (pl.concat(batches) if batches else pl.DataFrame()), reader.report


def problems(body: bytes) -> list[tuple[int, str, str]]:
    return [(issue.line, issue.column, issue.reason) for issue in read(body)[1].issues]


def test_a_good_row_is_read_with_our_words():
    rows, report = read(sheet(line()))
    assert (report.rows, report.good, report.refused, report.issues) == (1, 1, 0, [])
    assert rows.row(0, named=True) == {
        "line": 2,
        "change": "unchanged",
        "product_code": "CFQ7TTC0LH18",
        "sku_code": "0001",
        "product_title": "Microsoft 365 Business Basic",
        "sku_title": "Microsoft 365 Business Basic",
        "publisher": "Microsoft Corporation",
        "description": "Mail, calendar and Teams",
        "unit": "",
        "term": "P1Y",
        "billing_plan": "monthly",
        "market": "DE",
        "currency": "EUR",
        "segment": "commercial",
        "cost": "60.48",
        "list_price": "75.6",
        "min_quantity": 1,
        "effective_from": "2025-04-01T00:00:00Z",
        "effective_to": None,
        "tags": "License",
        "is_trial": False,
    }


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("UnitPrice", "-1", "is negative"),
        ("UnitPrice", "abc", "is not a number"),
        ("UnitPrice", "", "is empty"),
        ("UnitPrice", "NaN", "is not a number"),
        ("UnitPrice", "Infinity", "is not a number"),
        ("UnitPrice", "1e999999", "is not a number"),
        ("UnitPrice", "1_000", "is not a number"),
        ("UnitPrice", "٣", "is not a number"),
        ("UnitPrice", "１２", "is not a number"),
        ("UnitPrice", "0x10", "is not a number"),
        ("UnitPrice", "1,234.50", "not written plainly"),
        ("UnitPrice", "12,50", "not written plainly"),
        ("UnitPrice", "1.123456789", "more than eight decimals"),
        ("UnitPrice", "1234567890123", "larger than"),
        ("UnitPrice", "9" * 5000, "larger than"),
        ("UnitPrice", "=1+1", "is not a number"),
        ("UnitPrice", "$12.00", "is not a number"),
        ("ERP_Price", "-0.01", "is negative"),
        ("ERP_Price", "none", "is not a number"),
        ("Currency", "XXX", "currencies"),
        ("Currency", "", "currencies"),
        ("Currency", "EURO", "currencies"),
        ("TermDuration", "P5Y", "P1M, P1Y, P3Y"),
        ("TermDuration", "", "P1M, P1Y, P3Y"),
        ("BillingPlan", "Weekly", "Monthly, Annual"),
        ("BillingPlan", "Triennial", "does not go with the term P1Y"),
        ("Segment", "Commerical", "Commercial, Education"),
        ("Market", "ZZ", "ISO 3166"),
        ("Market", "Germany", "ISO 3166"),
        ("ChangeIndicator", "Maybe", "Unchanged, Change"),
        ("ProductId", "", "code"),
        ("ProductId", "CFQ7 TTC0", "code"),
        ("ProductTitle", "", "is empty"),
        ("ProductTitle", "x" * 301, "longer than 300"),
        ("SkuTitle", "  ", "is empty"),
        ("SkuId", "1E+05", "spreadsheet"),
        ("SkuId", "", "code"),
        ("PricingTierRangeMin", "0", "whole number"),
        ("PricingTierRangeMin", "ten", "whole number"),
        ("EffectiveStartDate", "", "is not a date"),
        ("EffectiveStartDate", "4/1/2025 12:00:00 AM", "is not a date"),
        ("EffectiveStartDate", "2025-02-30T00:00:00Z", "is not a date"),
        ("EffectiveStartDate", "2025-04-01T25:00:00Z", "is not a date"),
        ("EffectiveStartDate", "1825-04-01T00:00:00Z", "between the years"),
        ("EffectiveStartDate", "9999-11-30T23:59:59.0000000Z", "never begins"),
        ("EffectiveEndDate", "2025-04-01T00:00:00Z", "not after the start"),
        ("EffectiveEndDate", "2025-03-31", "not after the start"),
        ("EffectiveEndDate", "soon", "is not a date"),
        ("Tags", "x" * 201, "longer than 200"),
    ],
)
def test_a_bad_cell_is_named_by_line_column_and_reason(column, value, reason):
    rows, report = read(
        sheet(line(ProductId="CFQ7TTC00001"), line(**{column: value}), line(ProductId="CFQ7TTC00002"))
    )
    assert (report.rows, report.refused, rows.height) == (3, 1, 2)
    assert [(issue.line, issue.column) for issue in report.issues] == [(3, column.replace("_", " "))]
    assert reason in report.issues[0].reason
    assert value.strip()[:20] in report.issues[0].value


def test_every_problem_of_a_row_is_named():
    assert [
        column for _, column, _ in problems(sheet(line(UnitPrice="-1", Currency="XXX", TermDuration="P9Y")))
    ] == [
        "TermDuration",
        "Currency",
        "UnitPrice",
    ]


def test_a_missing_column_is_named_and_nothing_is_read():
    rows, report = read(sheet("x", header=",".join(c for c in COLUMNS if c not in ("UnitPrice", "Segment"))))
    assert report.is_unreadable
    assert rows.is_empty()
    assert {(i.line, i.column, i.reason) for i in report.issues} == {
        (0, "UnitPrice", "The column is missing."),
        (0, "Segment", "The column is missing."),
    }


def test_a_first_line_that_is_no_header_is_refused():
    _, report = read(sheet(line(), header="Hello,World"))
    assert report.is_unreadable
    assert "not a price sheet's header" in report.issues[0].reason


def test_a_doubled_column_is_refused():
    assert (0, "Market", "The column is there twice.") in problems(
        sheet(line() + ",x", header=HEADER + ",market")
    )


def test_columns_in_another_order_case_and_with_strangers_between_are_found():
    header = "Extra," + ",".join(reversed([column.upper().replace(" ", "") for column in COLUMNS]))
    cells = [GOOD[column] for column in reversed(list(COLUMNS))]
    rows, report = read(sheet("?," + ",".join(f'"{text}"' for text in cells), header=header))
    assert (report.good, report.refused) == (1, 0)
    assert rows["product_code"].to_list() == ["CFQ7TTC0LH18"]
    assert "Extra" in report.notes[0]


@pytest.mark.parametrize("separator", [";", "\t"])
def test_semicolons_and_tabs_are_understood(separator):
    body = "".join(
        separator.join(cells) + "\n" for cells in (COLUMNS, [t.replace(",", " ") for t in GOOD.values()])
    )
    assert read(body.encode())[1].good == 1


@pytest.mark.parametrize(
    "encoded",
    [
        b"\xef\xbb\xbf" + sheet(line(ProductTitle="Büro")),
        sheet(line(ProductTitle="Büro")),
        sheet(line(ProductTitle="Büro")).decode().encode("utf-16"),
        b"\xfe\xff" + sheet(line(ProductTitle="Büro")).decode().encode("utf-16-be"),
        gzip.compress(b"\xef\xbb\xbf" + sheet(line(ProductTitle="Büro"))),
    ],
    ids=["utf-8 with mark", "utf-8", "utf-16 little", "utf-16 big", "gzip"],
)
def test_encodings_are_read(encoded):
    rows, report = read(encoded)
    assert (report.good, report.issues) == (1, [])
    assert rows["product_title"].to_list() == ["Büro"]


def test_utf16_without_a_mark_is_refused_with_a_sentence():
    assert "UTF-16" in problems(sheet(line()).decode().encode("utf-16-le"))[0][2]


def test_bytes_that_are_not_utf8_are_refused_on_their_line():
    body = sheet(line(), line(ProductId="CFQ7TTC00002", ProductTitle="Büro")).replace("ü".encode(), b"\xfc")
    _, report = read(body)
    assert (report.good, report.refused) == (1, 1)
    assert (report.issues[0].line, report.issues[0].column) == (3, "ProductTitle")
    assert "not UTF-8" in report.issues[0].reason


def test_a_zero_byte_is_refused_on_its_line():
    assert problems(sheet(line(SkuDescription="a\0b"))) == [(2, "SkuDescription", "contains a zero byte")]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"  \n\n", "empty"),
        (HEADER.encode(), "no rows"),
        (sheet(), "no rows"),
        (sheet("", "  ", ""), "no rows"),
        (b"PK\x03\x04anything", "Excel"),
        (b"%PDF-1.7", "PDF"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "header"),
        (gzip.compress(sheet(line()))[:-20], "breaks off"),
        (b"\x1f\x8b" + b"garbage" * 20, "damaged"),
        (b"x" * 100_000, "first line is too long"),
    ],
    ids=[
        "nothing",
        "a mark only",
        "blank",
        "header only",
        "header and newline",
        "blank lines",
        "zip",
        "pdf",
        "png",
        "cut gzip",
        "broken gzip",
        "one long line",
    ],
)
def test_files_that_are_no_sheets_are_refused_as_a_whole(body, reason):
    rows, report = read(body)
    assert report.is_unreadable
    assert rows.is_empty()
    assert reason in report.issues[0].reason
    assert report.issues[0].line == 0


def test_a_gzip_bomb_is_given_up():
    bomb = gzip.compress(sheet(line(SkuDescription="x")) + b"\n" * 3_000_000)
    _, report = read(bomb, max_unpacked=1_000_000)
    assert report.is_unreadable
    assert "unpacks to more than" in report.issues[0].reason


def test_newlines_inside_quotation_marks_belong_to_the_cell_and_count_as_lines():
    rows, report = read(
        sheet(line(SkuDescription="a\r\nb\n\nc"), line(ProductId="CFQ7TTC00002", UnitPrice="?"))
    )
    assert rows["description"].to_list() == ["a\r\nb\n\nc"]
    assert [issue.line for issue in report.issues] == [6]


def test_a_truncated_last_line_is_refused_and_the_others_stay():
    body = sheet(line(), line(ProductId="CFQ7TTC00002"))
    for cut in range(len(sheet(line())) + 1, len(body) - len(",\r\n")):
        _, report = read(body[:cut])
        assert (report.good, report.refused) == (1, 1), body[:cut]
        assert report.issues[0].line == 3


def test_a_last_line_without_a_line_end_is_read():
    assert read(sheet(line())[:-2])[1].good == 1


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_end_is_read(end):
    _, report = read(sheet(line(), line(ProductId="CFQ7TTC00002"), end=end))
    assert (report.good, report.refused) == (2, 0)


def test_a_line_with_too_many_or_too_few_columns_is_refused():
    body = sheet(line() + ",", line(ProductId="CFQ7TTC00002"), line().rsplit(",", 4)[0])
    assert problems(body) == [
        (2, "", "The line has 22 columns instead of 21."),
        (4, "", "The line has 17 columns instead of 21."),
    ]


def test_a_stray_quotation_mark_costs_only_its_own_line():
    broken = line(ProductId="CFQ7TTC00009").replace("Microsoft 365 Business Basic", '"a"b', 1)
    inches = line(ProductId="CFQ7TTC00008").replace("Microsoft 365 Business Basic", '27" screen', 1)
    rows, report = read(sheet(line(), broken, inches, line(ProductId="CFQ7TTC00002")))
    assert report.refused == 1
    assert report.issues[0].line == 3
    assert '27" screen' in rows["product_title"].to_list()
    assert rows["product_code"].to_list() == ["CFQ7TTC0LH18", "CFQ7TTC00008", "CFQ7TTC00002"]


def test_a_quotation_mark_that_never_closes_is_named_by_the_line_where_it_opens():
    plain = {"SkuDescription": "Mail"}
    open_ended = line(ProductId="CFQ7TTC00009", **plain).replace("Microsoft 365", '"Microsoft 365', 1)
    _, report = read(
        sheet(line(), open_ended, *(line(ProductId=f"CFQ7TTC1{n:04}", **plain) for n in range(9)))
    )
    assert (report.good, report.rows, report.refused) == (1, 11, 10)
    assert report.issues[0].line == 3
    assert "never closed" in report.issues[0].reason


def test_doubled_quotation_marks_inside_a_cell_are_one():
    rows, _ = read(sheet(line(SkuDescription='a "good" one, really')))
    assert rows["description"].to_list() == ['a "good" one, really']


@pytest.mark.parametrize(
    ("mangled", "meant"), [("1", "0001"), ("A", "000A"), ("00Z", "000Z"), ("0001", "0001")]
)
def test_leading_zeros_that_a_spreadsheet_ate_are_put_back(mangled, meant):
    assert read(sheet(line(SkuId=mangled)))[0]["sku_code"].to_list() == [meant]


def test_the_same_row_twice_counts_once_and_is_noted():
    _, report = read(sheet(line(), line(ProductId="CFQ7TTC00002"), line(SkuId="1"), line()))
    assert (report.rows, report.refused, report.good) == (4, 0, 2)
    assert report.repeated.to_list() == [4, 5]
    assert "count once: line 4, 5" in report.notes[0]


def test_rows_that_contradict_each_other_are_both_refused_and_name_each_other():
    _, report = read(sheet(line(), line(ProductId="CFQ7TTC00002"), line(UnitPrice="61")))
    assert (report.refused, report.good) == (2, 1)
    assert sorted(report.contradicting.to_list()) == [2, 4]
    assert [(i.line, "line 4" in i.reason, "line 2" in i.reason) for i in report.issues] == [
        (2, True, False),
        (4, False, True),
    ]


def test_the_same_offer_from_another_date_is_another_row():
    assert read(sheet(line(), line(EffectiveStartDate="2027-01-01", UnitPrice="61")))[1].good == 2


def test_a_thousand_issues_are_kept_and_all_are_counted():
    _, report = read(sheet(*(line(UnitPrice="?", SkuId=f"{n:04}") for n in range(1500))))
    assert (len(report.issues), report.refused) == (1000, 1500)


def test_control_characters_do_not_reach_the_report():
    issue = read(sheet(line(UnitPrice="\x1b[31m9")))[1].issues[0]
    assert "\x1b" not in issue.value


def test_previous_values_are_read_as_a_literal_and_never_run():
    assert {
        k: str(v)
        for k, v in (sheet_cells.previous_values("{'ERP Price': '1440', 'UnitPrice': '12.5'}") or {}).items()
    } == {
        "ERP Price": "1440",
        "UnitPrice": "12.5",
    }
    for hostile in (
        "__import__('os').system('true')",
        "{" * 500,
        "[" * 1000,
        "1+",
        "'" + "x" * 5000,
        "{'a': 1e999}.x",
    ):
        assert sheet_cells.previous_values(hostile) is None
    _, report = read(sheet(line(PreviousValues="__import__('os')")))
    assert (report.good, report.refused) == (1, 0)
    assert "PreviousValues" in report.notes[0]


def test_rows_that_span_blocks_are_read_once_each(monkeypatch):
    monkeypatch.setattr(sheet_frames, "BLOCK", 700)
    body = sheet(*(line(SkuId=f"{n:04}", SkuDescription='quo"ted,\n' * (n % 5)) for n in range(1, 200)))
    whole, report = read(body)
    assert (report.good, report.refused) == (199, 0)
    assert whole["sku_code"].to_list() == [f"{n:04}" for n in range(1, 200)]
    lines = body.decode().split("\n")
    for row in whole.iter_rows(named=True):
        assert row["sku_code"] in lines[row["line"] - 1]


def test_the_careful_and_the_fast_way_of_reading_agree():
    chance = random.Random(7)
    for _ in range(60):
        lines = [
            line(SkuId=f"{n:04}", SkuDescription=chance.choice(["", "a,b", 'a"b', "a\nb", "ü", "\r\n"]))
            for n in range(chance.randint(1, 12))
        ]
        body = sheet(*lines).partition(b"\n")[2]
        fast, careful = (sheet_frames.RowReader(",", 21, 2) for _ in range(2))
        quick = fast._read_clean(body, 2, body.count(b"\n"))
        slow, complaints = careful._read_odd(body, 2)
        assert complaints == []
        assert quick is not None
        assert quick.equals(slow)


WORDS = "Trial;x -1 1e5 ٣ P1M None none P3Y Triennial charity de zz eur 0 1 01"
CELLS = st.one_of(
    st.sampled_from(sorted({*GOOD.values(), *WORDS.split()})),
    st.sampled_from(
        [
            "9999-12-31",
            "2025-04-01",
            "2024-02-30",
            "1999-12-31",
            "2200-01-01",
            "NaN",
            "0" * 13,
            "\0",
            "\ufffd",
        ]
    ),
    st.text(max_size=12),
)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(FIELDS), CELLS, max_size=4))
def test_fast_verdict_and_explanation_never_disagree(changes):
    row = {field: GOOD[COLUMN_OF[field]] for field in FIELDS} | changes
    frame = pl.DataFrame({**{field: [text] for field, text in row.items()}, "line": [2]})
    stripped = sheet_rows.strip_cells(frame)
    good, bad = sheet_rows.split(stripped)
    explained = sheet_cells.explain(stripped.row(0, named=True))
    assert (good.height, bad.height) == ((0, 1) if explained else (1, 0)), explained


def test_generated_sheets_are_clean_repeatable_and_as_large_as_asked_for():
    first, second = io.BytesIO(), io.BytesIO()
    assert write_sheet(first, offers=3000, seed=5) == write_sheet(second, offers=3000, seed=5) == 3000
    assert first.getvalue() == second.getvalue()
    rows, report = read(first.getvalue())
    assert (report.good, report.refused, report.notes) == (3000, 0, [])
    assert (
        rows.select("product_code", "sku_code", "term", "billing_plan", "segment", "market")
        .is_duplicated()
        .sum()
        == 0
    )


def test_generated_prices_keep_the_measured_relations():
    out = io.BytesIO()
    write_sheet(out, offers=3000)
    rows, _ = read(out.getvalue())
    rows = rows.with_columns(pl.col("list_price").cast(pl.Float64)).filter(pl.col("currency") == "USD")
    by = {}
    for row in rows.iter_rows(named=True):
        key = row["product_code"], row["sku_code"], row["segment"]
        by.setdefault(key, {})[row["term"], row["billing_plan"]] = row["list_price"]
    compared = 0
    for prices in by.values():
        annual = prices.get(("P1Y", "annual"))
        if annual is None or len(prices) < 3:
            continue
        compared += 1
        assert prices["P1Y", "monthly"] == pytest.approx(annual * 1.05, abs=0.01)
        assert prices["P1M", "monthly"] * 12 == pytest.approx(annual * 1.2, abs=0.07)
        if ("P3Y", "triennial") in prices:
            assert (
                prices["P3Y", "triennial"] == prices["P3Y", "annual"] == pytest.approx(annual * 3, abs=0.01)
            )
    assert compared > 100


def test_a_real_sheet_is_read_when_there_is_one():
    folder = Path(__file__).parents[4] / "shared" / "data"
    for path in folder.glob("ms-price-sheet*/*.csv*"):
        with path.open("rb") as file:
            reader = SheetReader(file)
            good = sum(rows.height for rows in reader)
        assert good > 0
        assert reader.report.refused == 0, reader.report.issues[:5]


def test_every_product_of_the_demo_world_has_a_family():
    homeless = [
        line.title
        for vendor, lines in LINES.items()
        for line in lines
        if place_of(vendor, line.title).family_key == "other"
    ]
    assert homeless == []
