"""What a shop shows: only what it chose and what has a price; found by words, also mistyped; counted and paged."""

import io
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from app.core import clock, scope
from app.core.actor import SYSTEM
from app.core.errors import Invalid, NotFound
from app.core.unit import unit
from app.demo.sheets import write_sheet
from app.domain.catalog import actions, queries
from app.domain.catalog.models import Family, Product, Vendor
from app.domain.catalog.queries import Filters, list_products
from app.domain.catalog.rules.words import query_words, searchable, sort_key, words

from .sheet_maker import line, sheet

COMMERCIAL = {"market": "DE", "segments": ("commercial",)}


@pytest.fixture
def stock(app, in_scope, worker):
    """`stock(*lines)` takes a sheet made of these lines into the catalogue."""

    def take(*lines: str, vendor: str = "microsoft", body: bytes = b"") -> None:
        with in_scope():
            actions.add_vendor(vendor, vendor.title())
            actions.import_sheet(
                io.BytesIO(body or sheet(*lines)),
                vendor_key=vendor,
                file_name="x.csv",
                by=SYSTEM,
                take_good_rows=True,
            )
        worker("catalog.%")

    return take


@pytest.fixture
def shop(stock):
    """A few true products, one of another vendor, one with an umlaut."""

    def product(code: str, title: str, **more: str) -> str:
        return line(
            ProductId=code, ProductTitle=title, SkuTitle=title, SkuDescription=more.pop("about", "x"), **more
        )

    stock(
        product("CFQ7TTC00001", "Microsoft 365 Business Basic"),
        product("CFQ7TTC00001", "Microsoft 365 Business Basic", BillingPlan="Annual"),
        product(
            "CFQ7TTC00001",
            "Microsoft 365 Business Basic",
            TermDuration="P1M",
            BillingPlan="None",
            Tags="License;Trial",
            SkuId="0002",
        ),
        product("CFQ7TTC00002", "Microsoft 365 Business Premium"),
        product("CFQ7TTC00003", "Visio Plan 2", about="Flowcharts"),
        product("CFQ7TTC00004", "Visio Plan 10"),
        product("CFQ7TTC00005", "Microsoft Defender for Business"),
        product("CFQ7TTC00006", "Bürosoftware für Straßen"),
        product("CFQ7TTC00007", "Power BI Pro", Segment="Education"),
        product("CFQ7TTC00008", "Exchange Online Kiosk", Market="US"),
        product("CFQ7TTC00009", "Viva Goals", EffectiveStartDate="2027-01-01"),
    )
    stock(
        product("GOOGTTC00001", "Google Workspace Business Starter", Publisher="Google LLC"), vendor="google"
    )


def titles(query: str = "", **filters) -> list[str]:
    options = COMMERCIAL | {
        name: filters.pop(name) for name in ("market", "segments", "at", "page", "size") if name in filters
    }
    return [card.title for card in list_products(Filters(query=query, **filters), **options).cards]


def test_products_are_listed_in_order_of_title_with_numbers_by_value(shop, in_scope, acme):
    with in_scope(acme):
        assert titles() == [
            "Bürosoftware für Straßen",
            "Google Workspace Business Starter",
            "Microsoft 365 Business Basic",
            "Microsoft 365 Business Premium",
            "Microsoft Defender for Business",
            "Visio Plan 2",
            "Visio Plan 10",
        ]
        assert titles(sort="-title")[0] == "Visio Plan 10"


def test_a_card_shows_the_usual_offer_and_counts_the_others(shop, in_scope, acme):
    with in_scope(acme):
        page = list_products(Filters(query="basic"), **COMMERCIAL)
        (card,) = page.cards
        assert (card.ways, card.offer.term, card.offer.billing_plan, card.offer.is_trial) == (
            3,
            "P1Y",
            "monthly",
            False,
        )
        assert (card.vendor_name, card.family_name, card.category_key) == (
            "Microsoft",
            "Microsoft 365",
            "productivity",
        )
        assert page.offer_ids == [card.offer.id]
        (card,) = list_products(Filters(query="basic", plans=frozenset({"annual"})), **COMMERCIAL).cards
        assert (card.ways, card.offer.billing_plan) == (1, "annual")


@pytest.mark.parametrize(
    ("query", "found", "understood"),
    [
        ("busi prem", ["Microsoft 365 Business Premium"], None),
        ("premium BUSINESS", ["Microsoft 365 Business Premium"], None),
        ("bussiness premum", ["Microsoft 365 Business Premium"], "business premium"),
        ("vsio", ["Visio Plan 2", "Visio Plan 10"], "visio"),
        ("defendr", ["Microsoft Defender for Business"], "defender"),
        ("flowcharts", ["Visio Plan 2"], None),
        ("buro", ["Bürosoftware für Straßen"], None),
        ("büro", ["Bürosoftware für Straßen"], None),
        ("buero", ["Bürosoftware für Straßen"], None),
        ("strassen", ["Bürosoftware für Straßen"], None),
        ("CFQ7TTC00003", ["Visio Plan 2"], None),
        ("xyzzy", [], None),
        ("google", ["Google Workspace Business Starter"], None),
    ],
)
def test_search_takes_beginnings_typos_umlauts_and_codes(query, found, understood, shop, in_scope, acme):
    with in_scope(acme):
        page = list_products(Filters(query=query), **COMMERCIAL)
        assert ([card.title for card in page.cards], page.understood) == (found, understood)


@pytest.mark.parametrize(
    "query",
    ["'", "a & b | !c", ":*", "\\", "%_%", "☃", " ", "'; DROP TABLE product; --", "x" * 10_000, "a " * 500],
)
def test_whatever_is_typed_is_only_words(query, shop, in_scope, acme):
    with in_scope(acme):
        list_products(Filters(query=query), **COMMERCIAL)


def test_filters_narrow_and_facets_count_what_another_choice_would_give(shop, in_scope, acme):
    with in_scope(acme):
        page = list_products(Filters(vendors=frozenset({"microsoft"})), **COMMERCIAL)
        assert page.total == 6
        assert {(f.key, f.count, f.is_chosen) for f in page.facets["vendor"]} == {
            ("microsoft", 6, True),
            ("google", 1, False),
        }
        assert {f.key: f.count for f in page.facets["term"]} == {"P1Y": 6, "P1M": 1}
        assert {f.key: f.count for f in page.facets["billing_plan"]} == {"monthly": 6, "annual": 1, "none": 1}
        families = {f.key: f.count for f in page.facets["family"]}
        assert families["microsoft.visio"] == 2
        assert titles(families=frozenset({"microsoft.visio"}), terms=frozenset({"P1Y"})) == [
            "Visio Plan 2",
            "Visio Plan 10",
        ]
        assert titles(terms=frozenset({"P1M"})) == ["Microsoft 365 Business Basic"]
        assert titles(terms=frozenset({"P1M"}), plans=frozenset({"annual"})) == []
        assert titles(vendors=frozenset({"nobody"})) == []


def test_facets_of_a_search_count_what_was_found(shop, in_scope, acme):
    with in_scope(acme):
        page = list_products(Filters(query="business"), **COMMERCIAL)
        assert page.total == 4
        assert {f.key: f.count for f in page.facets["vendor"]} == {"microsoft": 3, "google": 1}


def test_segments_and_markets_are_kept_apart(shop, in_scope, acme):
    with in_scope(acme):
        assert titles(segments=("education",)) == ["Power BI Pro"]
        assert "Power BI Pro" in titles(segments=("commercial", "education"))
        assert titles(segments=("commercial",), market="US") == ["Exchange Online Kiosk"]


def test_an_offer_appears_when_its_price_begins(shop, in_scope, acme):
    with in_scope(acme):
        assert "Viva Goals" not in titles(at=datetime(2026, 12, 31, 23, 59, tzinfo=UTC))
        assert "Viva Goals" in titles(at=datetime(2027, 1, 1, tzinfo=UTC))
    with clock.at(datetime(2027, 1, 2, tzinfo=UTC)), in_scope(acme):
        assert "Viva Goals" in titles()


def test_what_one_shop_hides_another_still_shows(shop, in_scope, acme, globex):
    with in_scope(acme) as current:
        family = current.scalars(select(Family).where(Family.key == "visio")).one()
        vendor = current.scalars(select(Vendor).where(Vendor.key == "google")).one()
        product = current.scalars(select(Product).where(Product.title == "Visio Plan 2")).one()
        actions.choose("family", family.id, False, by=acme.actor)
        actions.choose("vendor", vendor.id, False, by=acme.actor)
        hidden = {"Visio Plan 2", "Visio Plan 10", "Google Workspace Business Starter"}
        assert hidden.isdisjoint(titles())
        assert titles("visio") == []
        assert queries.product_detail(product.id, market="DE") is None
        actions.choose("product", product.id, True, by=acme.actor)
        assert hidden & set(titles()) == {"Visio Plan 2"}
        assert titles("visio") == ["Visio Plan 2"]
        assert queries.product_detail(product.id, market="DE").title == "Visio Plan 2"
        page = list_products(Filters(), **COMMERCIAL)
        assert page.total == sum(f.count for f in page.facets["vendor"]) == 5
    with in_scope(globex):
        assert set(titles()) >= hidden


def test_hiding_one_product_leaves_its_family(shop, in_scope, acme):
    with in_scope(acme) as current:
        product = current.scalars(select(Product).where(Product.title == "Visio Plan 2")).one()
        choice = actions.choose("product", product.id, False, by=acme.actor)
        assert actions.choose("product", product.id, False, by=acme.actor) is choice
        page = list_products(Filters(), **COMMERCIAL)
        assert page.total == 6
        assert "Visio Plan 2" not in titles()
        rows = {
            row.name: (row.chosen, row.is_shown) for row in queries.choice_rows(family_id=product.family_id)
        }
        assert rows == {"Visio Plan 2": (False, False), "Visio Plan 10": (None, True)}
        actions.choose("product", product.id, None, by=acme.actor)
        assert "Visio Plan 2" in titles()


def test_only_what_exists_can_be_chosen(shop, in_scope, acme):
    with in_scope(acme) as current:
        product = current.scalars(select(Product.id)).first()
        with pytest.raises(Invalid):
            actions.choose("tenant", product, True, by=acme.actor)
        with pytest.raises(NotFound):
            actions.choose("vendor", product, True, by=acme.actor)


def test_a_product_page_has_every_offer_the_usual_one_first(shop, in_scope, acme):
    with in_scope(acme) as current:
        product = current.scalars(
            select(Product).where(Product.title == "Microsoft 365 Business Basic")
        ).one()
        detail = queries.product_detail(product.id, market="DE", segments=("commercial",))
        assert [(offer.term, offer.billing_plan) for offer in detail.offers] == [
            ("P1Y", "monthly"),
            ("P1Y", "annual"),
            ("P1M", "none"),
        ]
        assert queries.product_detail(product.id, market="US") is None
        assert queries.product_detail(product.id, market="DE", segments=("education",)) is None


def test_pages_hold_every_product_once_whatever_the_page_asked_for(stock, in_scope, acme):
    out = io.BytesIO()
    write_sheet(out, offers=700, markets={"DE": ("EUR",)})
    stock(body=out.getvalue())
    with in_scope(acme):
        first = list_products(Filters(), size=10, **COMMERCIAL)
        seen = [
            card.id
            for n in range(1, first.pages + 1)
            for card in list_products(Filters(), size=10, page=n, **COMMERCIAL).cards
        ]
        assert len(seen) == len(set(seen)) == first.total > 50
        for asked, got in ((0, 1), (-5, 1), (10**9, first.pages)):
            assert list_products(Filters(), size=10, page=asked, **COMMERCIAL).page == got


def test_the_number_of_statements_does_not_grow(stock, in_scope, acme, statements):
    counted = []
    for offers in (60, 700):
        out = io.BytesIO()
        write_sheet(out, offers=offers, markets={"DE": ("EUR",)})
        stock(body=out.getvalue())
        with in_scope(acme):
            list_products(Filters(), **COMMERCIAL)
            with statements() as seen:
                list_products(Filters(), **COMMERCIAL)
                list_products(Filters(query="microsoft", terms=frozenset({"P1Y"})), **COMMERCIAL)
            counted.append(len(seen))
    assert counted == [5, 5]


def test_an_empty_catalogue_is_an_empty_page(in_scope, acme):
    with in_scope(acme):
        page = list_products(Filters(query="anything"), **COMMERCIAL)
        assert (page.cards, page.total, page.pages, page.page) == ((), 0, 1, 1)


def test_the_version_changes_with_every_sheet_taken(stock, app):
    seen = []
    for price in ("60", "61"):
        stock(line(UnitPrice=price))
        with app.app_context(), unit(scope.everyone(reason="a test")):
            seen.append(queries.catalog_version())
    assert seen[0] != seen[1]
    assert seen[0].revision < seen[1].revision


def test_words_are_folded_alike_in_texts_and_queries():
    assert words("Büro-Paket 365_plus") == ["buro", "paket", "365", "plus"]
    assert searchable("Büro", "Büro Straße", "naïve") == "buro strasse naive buero"
    assert query_words("a b a " + "c " * 50) == ["a", "b", "c"]
    assert sort_key("Plan 2") < sort_key("Plan 10") < sort_key("plän 11")
