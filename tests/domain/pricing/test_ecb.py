"""The European Central Bank's files, as it publishes them and as somebody else might."""

import io
import zipfile
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from app.core.errors import Invalid
from app.domain.pricing import actions
from app.domain.pricing.rules.ecb import read_ecb
from config.settings import PROJECT_DIR

TODAY = date(2026, 11, 26)
DAILY = b"Date, USD, JPY, BGN, \n30 October 2026, 1.1172, 175.68, 1.9558, \n"
HISTORY = b"Date,USD,JPY,CYP,\n2026-10-30,1.1172,175.68,N/A,\n2026-10-29,1.113,175.92,0.58,\n"


def read(body):
    return read_ecb(body, today=TODAY)


def test_the_daily_file_and_the_history_say_the_same():
    (day,) = read(DAILY)
    assert read(DAILY)[day] == {"USD": Decimal("1.1172"), "JPY": Decimal("175.68")}
    assert list(read(HISTORY)) == [date(2026, 10, 30), date(2026, 10, 29)]
    assert read(HISTORY)[day] == read(DAILY)[day]


def test_a_zip_is_opened():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("eurofxref.csv", DAILY)
    assert read(packed.getvalue()) == read(DAILY)


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"", "Line 1"),
        (b"\xff\xfeD\x00", "UTF-8"),
        (b"PK\x03\x04junk", "cannot be opened"),
        (b"Date,USD,USD\n2026-10-30,1,2\n", "Line 1: a currency is there twice"),
        (b"Date,USD\n2026-10-30,1e999999\n", "Line 2: '1e999999' is no rate for USD"),
        (b"Date,USD\n2026-10-30,-1\n", "Line 2"),
        (b"Date,USD\n2026-10-30,0\n", "Line 2"),
        (b"Date,USD\n2026-10-30,1,2\n", "Line 2: it has more values"),
        (b"Date,USD\n30.10.2026,1\n", "Line 2: '30.10.2026' is no day"),
        (b"Date,USD\n2026-11-27,1\n", "Line 2: 2026-11-27 has not been yet"),
        (b"Date,USD\n2026-10-30,1\n2026-10-30,2\n", "Line 3: 2026-10-30 is there twice"),
        (b"Date,USD\n2026-10-30,N/A\n", "no rate in this file"),
    ],
)
def test_what_is_wrong_is_told_by_its_line(body, sentence):
    with pytest.raises(Invalid) as wrong:
        read(body)
    assert sentence in wrong.value.errors["file"]


def test_a_day_is_stored_once_and_keeps_its_rates(in_scope, acme, dora):
    from app.domain.pricing.queries import rate_history

    with in_scope():
        assert actions.import_ecb_rates(HISTORY, by=dora.actor) == 4
        assert actions.import_ecb_rates(HISTORY, by=dora.actor) == 0
        assert actions.import_ecb_rates(DAILY.replace(b"1.1172", b"9"), by=dora.actor) == 0
        assert [row.rate for row in rate_history("EUR", "USD")] == [Decimal("1.1172"), Decimal("1.113")]
        assert rate_history("EUR", "USD")[0].set_by_name == dora.name


@pytest.mark.parametrize("name", ["eurofxref.csv", "eurofxref-hist.csv"])
def test_the_banks_own_files_are_read(name):
    path = Path(PROJECT_DIR).parent / "shared" / "data" / "ecb" / name
    if not path.exists():
        path = Path(PROJECT_DIR).parent.parent / "shared" / "data" / "ecb" / name
    if not path.exists():
        pytest.skip("the bank's file is not here")
    days = read(path.read_bytes())
    assert days[date(2026, 10, 30)]["USD"] == Decimal("1.1172")
    assert not any("DEM" in rates or "BGN" in rates for rates in days.values())
