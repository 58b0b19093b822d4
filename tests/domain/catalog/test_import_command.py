"""`flask catalog import-prices`: the same import, for whoever runs Awning."""

import gzip

import pytest

from app.domain.catalog import actions

from .sheet_maker import line, sheet


@pytest.fixture
def command(app, in_scope, tmp_path):
    """`command(body, *options)` runs it over a file; answers exit code and output."""
    with in_scope():
        actions.add_vendor("microsoft", "Microsoft")

    def run(body: bytes, *options: str) -> tuple[int, str]:
        file = tmp_path / "prices.csv"
        file.write_bytes(body)
        result = app.test_cli_runner().invoke(args=["catalog", "import-prices", str(file), *options])
        return result.exit_code, result.output

    return run


def test_a_good_sheet_is_taken_and_counted(command):
    code, output = command(sheet(line(), line(BillingPlan="Annual")))
    assert code == 0
    assert "2 rows: 2 new, 0 changed, 0 unchanged, 0 refused" in output
    assert (
        "0 new, 0 changed, 2 unchanged"
        in command(gzip.compress(sheet(line(), line(BillingPlan="Annual"))))[1]
    )


def test_refused_rows_are_named_and_nothing_is_taken_unless_asked_for(command):
    body = sheet(line(), line(ProductId="CFQ7TTC00002", UnitPrice="-1"))
    code, output = command(body)
    assert code == 1
    assert "line 3: UnitPrice is negative '-1'" in output
    assert "Nothing was taken. Run again with --take-good-rows" in output
    code, output = command(body, "--take-good-rows")
    assert code == 0
    assert "1 new" in output


def test_what_is_no_sheet_is_refused_with_its_reason(command):
    code, output = command(b"hello")
    assert code == 1
    assert "file:" in output
    assert "Nothing was taken." in output


def test_an_unknown_vendor_is_told(command):
    code, output = command(sheet(line()), "--vendor", "nobody")
    assert code == 1
    assert "Choose the vendor" in output
