"""Price sheets in the distributor's console: handed in, followed, decided about."""

from io import BytesIO

import pytest

from app.core.db import session
from app.demo.sheets import write_sheet
from app.domain.catalog.actions import add_vendor
from app.domain.catalog.models import PriceSheet, VendorPrice


def sheet(offers=6, spoil=0):
    """A real layout; of the last `spoil` rows the price is not a number."""
    file = BytesIO()
    write_sheet(file, offers=offers, markets={"DE": ("EUR",)})
    lines = file.getvalue().decode("utf-8-sig").split("\r\n")[:-1]
    for number in range(1, spoil + 1):
        before, after = lines[-number].split(",EUR,")
        lines[-number] = f"{before},EUR,free,{after.split(',', 1)[1]}"
    return BytesIO("".join(f"{line}\r\n" for line in lines).encode())


@pytest.fixture
def desk(browser_for, in_scope, dora):
    """Dora on the page to upload a sheet."""
    with in_scope():
        add_vendor("microsoft", "Microsoft")
    browser = browser_for(dora)
    browser.get("/distributor/price-sheets")
    browser.follow("Upload a price sheet")
    return browser


def test_a_sheet_is_handed_in_read_and_taken(desk, in_scope, worker):
    page = desk.submit("Upload and read", file=(sheet(), "november.csv"))
    assert "november.csv" in page.one("h1").text
    assert "Waiting for the worker" in page.text
    assert page.one("#progress")["hx-get"].startswith("/distributor/parts/price-sheets/")
    part = page.one("#progress")["hx-get"]
    worker()
    assert "Taken" in desk.get(part).text
    page = desk.get(page.path)
    assert not page.one("#progress").has_attr("hx-get")
    assert "6" in page.one(".stats").text
    with in_scope():
        assert session().query(VendorPrice).count() == 6
    assert "november.csv" in desk.get("/distributor/price-sheets").text


def test_refused_rows_are_listed_with_line_column_and_reason_and_a_person_decides(desk, in_scope, worker):
    page = desk.submit("Upload and read", file=(sheet(spoil=2), "november.csv"))
    worker()
    page = desk.get(page.path)
    assert "2 rows were refused" in page.text
    table = page.one("#issues").text
    assert "UnitPrice" in table
    assert "free" in table
    with in_scope():
        assert session().query(VendorPrice).count() == 0
    page = desk.submit("Take the good rows")
    worker()
    assert "Taken" in desk.get(page.path).text
    with in_scope():
        assert session().query(VendorPrice).count() == 4


def test_a_cancelled_sheet_leaves_the_catalogue_as_it_is(desk, in_scope, worker):
    page = desk.submit("Upload and read", file=(sheet(spoil=1), "november.csv"))
    worker()
    desk.get(page.path)
    page = desk.submit("Cancel the sheet")
    assert "Nothing of it was taken" in page.text
    with in_scope():
        assert session().query(VendorPrice).count() == 0
        assert session().query(PriceSheet).one().state == "canceled"


def test_deciding_twice_is_a_conflict(desk, worker):
    page = desk.submit("Upload and read", file=(sheet(spoil=1), "november.csv"))
    worker()
    path = desk.get(page.path).path
    desk.submit("Cancel the sheet")
    desk.get("/distributor/price-sheets/new")
    assert desk.post(f"{path}/acceptance", desk.csrf()).status == 409


def test_without_a_file_the_form_says_so(desk):
    page = desk.submit("Upload and read")
    assert page.status == 422
    assert "Choose the file" in page.one("#file-error").text
    page = desk.submit("Upload and read", file=(BytesIO(b""), "empty.csv"))
    assert page.status == 422


def multipart(fields, name, data):
    """The body as a browser sends it, in one piece."""
    parts = [
        f'--edge\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'
        for key, value in fields.items()
    ]
    parts.append(f'--edge\r\nContent-Disposition: form-data; name="{name}"; filename="big.csv"\r\n\r\n')
    return "".join(parts).encode() + data + b"\r\n--edge--\r\n"


def test_a_sheet_of_several_megabytes_is_taken_here_and_nowhere_else(desk):
    big = b"x" * 3_000_000
    kind = "multipart/form-data; boundary=edge"
    body = multipart({**desk.csrf(), "vendor": "microsoft"}, "file", big)
    page = desk.open("POST", "/distributor/price-sheets", data=body, content_type=kind)
    assert page.status == 200
    assert "big.csv" in page.one("h1").text
    desk.get("/distributor/exchange-rates/new")
    body = multipart(desk.csrf(), "rate", big)
    assert desk.open("POST", "/distributor/exchange-rates/new", data=body, content_type=kind).status == 413


def test_resellers_do_not_come_in(browser_for, olivia, dora, desk):
    browser = browser_for(olivia)
    for path in ("", "/price-sheets", "/price-sheets/new", "/exchange-rates", "/resellers", "/vendors"):
        assert browser.get(f"/distributor{path}").status == 403, path
    assert desk.get("/admin").status == 403


def test_an_unknown_sheet_is_not_there(desk):
    assert desk.get("/distributor/price-sheets/00000000-0000-0000-0000-000000000001").status == 404
