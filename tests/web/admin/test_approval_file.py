"""The file of one decision as PDF: complete, the same bytes each time, and nothing that people typed is ever markup."""

import hashlib
import re
import zlib

import pytest

from app.domain.orders.models import Order
from app.web.kit import approval_file
from app.web.kit.documents import pdf_of
from tests.support.shopping import Shopping, over

HOSTILE = '#import "@preview/x:1.0.0": *\n#panic("no") $ x \\ `raw [ ] { <label> @ref *b* _i_ // end'


@pytest.fixture
def shop(app):
    return Shopping(app)


@pytest.fixture
def documents(monkeypatch):
    """Every document that was set."""
    made = []

    def keep(document):
        made.append(document)
        return pdf_of(document)

    monkeypatch.setattr(approval_file, "pdf_of", keep)
    return made


def request_of(shop, order_id):
    with shop.looking() as current:
        return current.get(Order, order_id).approval_request_id


def attached(pdf: bytes) -> list[str]:
    """The digests of all streams of the PDF, unpacked: an attachment's is the digest of the file."""
    found = []
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        try:
            found.append(hashlib.sha256(zlib.decompress(stream)).hexdigest())
        except zlib.error:
            found.append(hashlib.sha256(stream).hexdigest())
    return found


def test_the_file_holds_all_and_what_was_typed_is_never_markup(
    browser_for, shop, otto, ann, sam, nimbus, gwen, documents
):
    shop.policy(otto, nimbus, over("500"))
    order = shop.order(ann, [(shop.offer("20.00", cost="12.00"), 40)])
    request = request_of(shop, order)
    path = f"/admin/approvals/{request}/file.pdf"
    browser = browser_for(otto)
    page = browser.get(f"/admin/approvals/{request}")
    assert page.one(f"a[href='{path}']")
    browser.submit(f"/admin/approvals/{request}/question", comment=HOSTILE)
    shop.decide(otto, order, comment=HOSTILE)

    first = browser.client.get(path, base_url=f"http://{otto.host}:8000")
    assert (first.status_code, first.mimetype) == (200, "application/pdf")
    assert first.data.startswith(b"%PDF-")
    assert first.data == browser.client.get(path, base_url=f"http://{otto.host}:8000").data, (
        "same content, same bytes"
    )
    told = str(documents[0])
    with shop.looking() as current:
        row = current.get(Order, order)
        number, digest = row.number, row.approved_digest
    assert digest in attached(first.data), "the frozen ask is attached, byte for byte"
    for part in (
        number, digest, "Nimbus GmbH", "Ann Becker", "Product 1", "€800.00", "800.00 ≥ 500.00 EUR", "version 1",
        "Approved by Otto Richter", " UTC (", "Europe/Berlin)", "€480.00", "€320.00",
    ):  # fmt: skip
        assert part in told, part
    typed = [entry.body for section in documents[0].sections for entry in section.texts]
    assert typed.count(HOSTILE) == 2, "the question and the comment, as they were typed"

    reader = browser_for(sam)
    assert reader.client.get(path, base_url=f"http://{sam.host}:8000").status_code == 200
    assert "480.00" not in str(documents[-1])
    assert "Margin" not in str(documents[-1])
    assert browser_for(gwen).client.get(path, base_url=f"http://{gwen.host}:8000").status_code == 404


def test_a_customers_approver_gets_the_file_without_cost_or_margin(
    browser_for, shop, otto, ann, paul, nimbus, documents
):
    shop.policy(otto, nimbus, over("500", asks="customer"))
    order = shop.order(ann, [(shop.offer("20.00", cost="12.00"), 40)])
    path = f"/approvals/{request_of(shop, order)}"
    browser = browser_for(paul)
    assert browser.get(path).one(f"a[href='{path}/file.pdf']")
    answer = browser.client.get(f"{path}/file.pdf", base_url=f"http://{paul.host}:8000")
    assert answer.data.startswith(b"%PDF-")
    told = str(documents[0])
    assert "€800.00" in told
    assert "Nobody decided it." in told
    for secret in ("480.00", "320.00", "Margin", "cost", "Otto Richter"):
        assert secret not in told, secret
    assert browser_for(ann).client.get(
        f"{path}/file.pdf", base_url=f"http://{ann.host}:8000"
    ).status_code in (403, 404)
