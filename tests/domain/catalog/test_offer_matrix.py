"""An offer matrix on its way into the catalogue: quantities of skus; refused by line, nothing by halves, nothing twice."""

import io
from uuid import UUID

import pytest
from sqlalchemy import select

from app.cli import catalog as catalog_commands
from app.core.actor import SYSTEM
from app.demo.sheets import write_offer_matrix, write_sheet
from app.domain.catalog import actions, sheet_import
from app.domain.catalog.models import PriceSheet, PriceSheetIssue, Product, Sku
from app.domain.catalog.queries import catalog_version
from app.domain.catalog.rules.offer_matrix import COLUMNS, is_offer_matrix

from .sheet_maker import line, sheet

USUAL = {
    "ProductTitle": "Microsoft 365 Business Basic",
    "ProductId": "CFQ7TTC0LH18",
    "SkuId": "0001",
    "SkuTitle": "Microsoft 365 Business Basic",
    "ProvisioningString": "O365_BUSINESS_ESSENTIALS",
    "MinLicenses": "1",
    "MaxLicenses": "300",
    "AssetOwnershipLimit": "2",
    "AssetOwnershipLimitType": "ConcurrentCount",
    "ProductSkuConversion": '"CFQ7TTC0LDPB/0001,CFQ7TTC0LF8Q/0001"',
}


def matrix(*changes: dict[str, str], columns=tuple(COLUMNS), mark="") -> bytes:
    rows = [",".join({**USUAL, **change}.get(column, "") for column in columns) for change in changes]
    return (mark + "\r\n".join([",".join(columns), *rows]) + "\r\n").encode()


@pytest.fixture
def hand_in(app, in_scope):
    """`hand_in(body)` → state, changed, unchanged, refused, and what was refused as (line, column)."""

    def upload(body: bytes, **options):
        with in_scope():
            actions.add_vendor("microsoft", "Microsoft")
            found: UUID = actions.import_sheet(
                io.BytesIO(body), vendor_key="microsoft", file_name="m.csv", by=SYSTEM, **options
            ).id
        with app.app_context():
            sheet_import.run(found)
        with in_scope() as current:
            one = current.get_one(PriceSheet, found)
            issues = current.execute(
                select(PriceSheetIssue.line, PriceSheetIssue.column)
                .where(PriceSheetIssue.sheet_id == found)
                .order_by(PriceSheetIssue.line)
            )
            return one.state, one.changed, one.unchanged, one.refused, [tuple(issue) for issue in issues]

    return upload


@pytest.fixture
def bounds(in_scope):
    def look() -> dict[str, tuple[int, int | None]]:
        with in_scope() as current:
            rows = current.execute(select(Sku.vendor_sku_id, Sku.min_quantity, Sku.max_quantity))
            return {row[0]: (row[1], row[2]) for row in rows}

    return look


def test_a_file_is_told_by_its_first_line():
    assert is_offer_matrix(matrix({}))
    assert is_offer_matrix(matrix({}, columns=["SkuId", "ProductId", "max licenses", "MinLicenses"]))
    assert not is_offer_matrix(sheet(line()))
    assert not is_offer_matrix(b"")


def test_quantities_are_taken_once_and_change_the_catalogue(hand_in, bounds, in_scope):
    hand_in(sheet(line(), line(SkuId="0002")))
    with in_scope():
        before = catalog_version()
    body = matrix({}, {"SkuId": "2", "MinLicenses": "", "MaxLicenses": ""}, {"ProductId": "CFQ7TTC00009"})
    assert hand_in(body) == ("taken", 1, 2, 0, [])
    assert bounds() == {"0001": (1, 300), "0002": (1, None)}
    with in_scope() as current:
        assert catalog_version() != before
        last = current.scalars(select(PriceSheet).order_by(PriceSheet.revision.desc())).first()
        assert last.kind == "offers"
        assert last.notes == ["1 skus are not in the catalogue and were left out."]
        assert current.scalars(select(Product.title)).all() == ["Microsoft 365 Business Basic"]
    assert hand_in(body) == ("taken", 0, 3, 0, [])
    assert hand_in(sheet(line(), line(SkuId="0002")))[0] == "taken"
    assert bounds()["0001"] == (1, 300), "a price sheet says nothing of quantities"


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"MinLicenses": "0"}, "MinLicenses"),
        ({"MinLicenses": "-1"}, "MinLicenses"),
        ({"MaxLicenses": "1.5"}, "MaxLicenses"),
        ({"MaxLicenses": "9999999999"}, "MaxLicenses"),
        ({"MinLicenses": "301"}, "MaxLicenses"),
        ({"ProductId": ""}, "ProductId"),
        ({"SkuId": "1E+10"}, "SkuId"),
        ({"AssetOwnershipLimit": "some"}, "AssetOwnershipLimit"),
        ({"ProductSkuPreRequisites": "anything"}, "ProductSkuPreRequisites"),
    ],
)
def test_a_line_that_is_wrong_is_refused_by_line_and_column(hand_in, bounds, change, column):
    hand_in(sheet(line(), line(SkuId="0002")))
    body = matrix({"SkuId": "0002", "MaxLicenses": "50"}, change)
    assert hand_in(body) == ("undecided", 1, 0, 1, [(3, column)])
    assert bounds() == {"0001": (1, None), "0002": (1, None)}, "nothing by halves"
    assert hand_in(body, take_good_rows=True)[:4] == ("taken", 1, 0, 1)
    assert bounds() == {"0001": (1, None), "0002": (1, 50)}


def test_lines_that_contradict_each_other_are_both_refused(hand_in, bounds):
    hand_in(sheet(line()))
    found = hand_in(matrix({}, {"MaxLicenses": "25"}, {}), take_good_rows=True)
    assert found[0] == "refused"
    assert found[4] == [(3, "SkuId")]
    assert bounds() == {"0001": (1, None)}


@pytest.mark.parametrize(
    "body",
    [
        matrix(),
        matrix({}, columns=["ProductId", "MinLicenses", "MaxLicenses"]),
        matrix({}).replace(b"\r\n", b"\r\n\xff\xfe\x00", 1)[:120],
    ],
)
def test_a_file_of_which_nothing_can_be_used_is_refused(hand_in, bounds, body):
    hand_in(sheet(line()))
    assert hand_in(body)[0] in ("refused", "undecided")
    assert bounds() == {"0001": (1, None)}


def test_utf_16_a_mark_and_semicolons_are_read(hand_in, bounds):
    hand_in(sheet(line()))
    text = matrix({"ProductSkuConversion": ""}).decode().replace(",", ";")
    assert hand_in(text.encode("utf-16"))[:2] == ("taken", 1)
    assert bounds() == {"0001": (1, 300)}
    assert hand_in(matrix({"MaxLicenses": "20"}, mark="\ufeff"))[:2] == ("taken", 1)
    assert bounds() == {"0001": (1, 20)}


def test_the_command_takes_an_offer_matrix_and_nothing_else(app, hand_in, bounds, tmp_path):
    hand_in(sheet(line()))
    (tmp_path / "matrix.csv").write_bytes(matrix({}))
    (tmp_path / "prices.csv").write_bytes(sheet(line()))
    runner = app.test_cli_runner()
    assert catalog_commands.name == "catalog"
    told = runner.invoke(args=["catalog", "import-offers", str(tmp_path / "matrix.csv")])
    assert told.exit_code == 0, told.output
    assert bounds() == {"0001": (1, 300)}
    refused = runner.invoke(args=["catalog", "import-offers", str(tmp_path / "prices.csv")])
    assert refused.exit_code == 1
    assert "no offer matrix" in refused.output


def test_the_demos_matrix_knows_every_sku_of_the_demos_sheet(hand_in, in_scope):
    prices, limits = io.BytesIO(), io.BytesIO()
    write_sheet(prices, offers=300, markets={"DE": ("EUR",), "GB": ("GBP",)})
    count = write_offer_matrix(limits, offers=300)
    hand_in(prices.getvalue())
    state, changed, _, refused, _ = hand_in(limits.getvalue())
    assert (state, refused) == ("taken", 0)
    assert changed == count
    with in_scope() as current:
        assert set(current.scalars(select(Sku.max_quantity))) == {300, 10_000}
