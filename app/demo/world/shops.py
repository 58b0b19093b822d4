"""How the two shops are furnished: brand, company profile, what they show, price books, approval rules."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from flask import Flask
from sqlalchemy import select

from app.core import clock
from app.core.actor import Actor
from app.core.db import session
from app.core.scope import tenant as tenant_scope
from app.core.unit import unit
from app.demo.cast import CUSTOMERS, PEOPLE
from app.demo.world import letters
from app.demo.world.pictures import logo
from app.domain.approvals.actions import RuleDraft, publish_policy, save_policy_draft, set_working_days
from app.domain.approvals.rules.steps import Step
from app.domain.catalog import actions as catalog
from app.domain.catalog.models import Family, Offer, Product, Sku, Vendor
from app.domain.people.actors import actor_of
from app.domain.people.models import Account, Person
from app.domain.pricing import actions as pricing
from app.domain.pricing.rules.checks import RuleInput
from app.domain.tenants import actions as tenants
from app.domain.tenants.models import Tenant
from app.domain.tenants.rules.brand import settled


@dataclass(frozen=True, slots=True)
class Furnishing:
    """One shop's looks and words."""

    owner: str
    theme: str
    mark: str
    colour: str
    ink: str
    brand: Mapping[str, str]
    profile: Mapping[str, str]


FURNISHINGS = {
    "acme": Furnishing(
        owner="olivia",
        theme="base",
        mark="cloud",
        colour="#0f5bd8",
        ink="#14213d",
        brand={
            "brand_color": "#0f5bd8",
            "accent_color": "#0e9384",
            "headline": "Licences that just arrive.",
            "intro": "Microsoft, Google, AWS and IBM for your company: your prices, your approvals, one invoice.",
        },
        profile={
            "legal_name": "Acme Cloud GmbH",
            "street": "Speicherstraße 12",
            "postal_code": "20457",
            "city": "Hamburg",
            "email": "hello@acme.example",
            "phone": "+49 40 5550100",
            "tax_number": "DE 000 000 000",
            "about": "We look after the cloud of some two hundred companies between Kiel and Kassel.",
        },
    ),
    "globex": Furnishing(
        owner="gwen",
        theme="market",
        mark="tag",
        colour="#c2185b",
        ink="#3b0a1e",
        brand={
            "brand_color": "#c2185b",
            "accent_color": "#ffc53d",
            "headline": "Fresh cloud, fair prices.",
            "intro": "Every licence your team needs, priced for you and delivered today.",
            "announcement": "This month: no set-up fee on any yearly plan.",
        },
        profile={
            "legal_name": "Globex Digital Ltd",
            "street": "4 Tanner's Row",
            "postal_code": "SE1 3QG",
            "city": "London",
            "email": "shop@globex.example",
            "phone": "+44 20 5550 0142",
            "about": "A digital corner shop for companies that would rather not talk to a salesperson.",
        },
    ),
}


def furnish(app: Flask) -> None:
    """Furnishes both shops, each in units of its own tenant."""
    for nickname, furnishing in FURNISHINGS.items():
        tenant_id, owner = _owner(furnishing.owner)
        with unit(tenant_scope(tenant_id)):
            _dress(app, tenants.find(tenant_id), furnishing, owner)
        with unit(tenant_scope(tenant_id)):
            _PRICES[nickname](owner)
        with unit(tenant_scope(tenant_id)):
            _RULES[nickname](owner)
        with unit(tenant_scope(tenant_id)):
            letters.word(nickname, owner)


def _owner(key: str) -> tuple[UUID, Actor]:
    from app.core.scope import everyone

    with unit(everyone(reason="building the demo world"), read_only=True):
        person = session().execute(select(Person).where(Person.email == PEOPLE[key].email)).scalar_one()
        assert person.tenant_id is not None
        return person.tenant_id, actor_of(person)


def _dress(app: Flask, tenant: Tenant, furnishing: Furnishing, by: Actor) -> None:
    schema = app.extensions["awning.themes"].get(furnishing.theme).schema
    picture = tenants.keep_picture(
        logo(tenant.name, furnishing.mark, furnishing.colour, furnishing.ink), field="logo", by=by
    )
    pale = tenants.keep_picture(logo(tenant.name, furnishing.mark, "#f4f6fa", "#f4f6fa"), field="logo", by=by)
    typed = {**settled(schema, {}), **furnishing.brand, "logo": picture, "logo_dark": pale}
    known = {setting.id for setting in schema}
    tenants.dress(tenant, schema, {name: value for name, value in typed.items() if name in known}, by)
    tenants.introduce(tenant, tenant.name, furnishing.profile, by)


def _acme_prices(by: Actor) -> None:
    standard = pricing.make_book(
        "Standard",
        "EUR",
        [RuleInput("percent", Decimal(22)), RuleInput("inherit", None, "vendor", _vendor("meridian"))],
        by=by,
    )
    pricing.set_default(standard, by=by)
    nimbus = pricing.make_book(
        "Nimbus",
        "EUR",
        [
            RuleInput("percent", Decimal(18)),
            RuleInput("list_minus", Decimal(5), "product", _product("Microsoft 365 E3")),
            RuleInput("fixed", Decimal("19.90"), "offer", _yearly("Microsoft 365 Business Premium")),
        ],
        by=by,
    )
    pricing.assign(nimbus, account_id=_account("nimbus"), by=by)
    good_causes = pricing.make_book(
        "Schools and charities", "EUR", [RuleInput("percent", Decimal(6), floor="cost")], by=by
    )
    for key in ("lindenhof", "kestrel"):
        pricing.assign(good_causes, account_id=_account(key), by=by)


def _globex_prices(by: Actor) -> None:
    shelf = pricing.make_book(
        "Shelf prices",
        "GBP",
        [RuleInput("list_minus", Decimal(4), floor="cost", rounding="0.05")],
        base="list",
        by=by,
    )
    pricing.set_default(shelf, by=by)
    health = pricing.make_book("Health", "GBP", [RuleInput("margin", Decimal(12))], by=by)
    pricing.assign(health, account_id=_account("borealis"), by=by)
    for key in ("aws", "ibm", "meridian"):
        catalog.choose("vendor", _vendor(key), False, by=by)


def _acme_rules(by: Actor) -> None:
    office = session().execute(select(Family.id, Family.name).order_by(Family.name).limit(1)).one()
    publish_policy(
        None,
        [
            RuleDraft("window_spend", "reseller", Decimal(25_000), "EUR", window_days=30),
            RuleDraft("quantity", quantity=100),  # asks the same people, so it adds no step
        ],
        note="What a customer may order in a month before we look at it, and more than a hundred seats at once.",
        by=by,
    )
    publish_policy(
        _account("nimbus"),
        [RuleDraft("order_total", "reseller", Decimal(500), "EUR", expires_after_days=3)],
        note="As agreed with Nimbus: anything over 500 € is looked at.",
        by=by,
    )
    save_policy_draft(
        None,
        [
            RuleDraft("window_spend", amount=Decimal(15_000), currency="EUR", period="month"),
            RuleDraft(
                "selection", selects="family", selects_id=office.id, selects_name=office.name,
                steps=(
                    Step("customer", None, 3),
                    Step("reseller", "operations", 2, on_expiry="escalate", to_asks="reseller", to_role="owner"),
                ),
            ),
            RuleDraft("margin_under", percent=Decimal(5)),
        ],
        version=0,
        by=by,
    )  # fmt: skip
    set_working_days({0, 1, 2, 3, 4}, _holidays(), by=by)


def _holidays() -> list[date]:
    """Christmas and New Year, of this year and the next."""
    year = clock.today("Europe/Berlin").year
    return [date(year + more, month, day) for more in (0, 1) for month, day in ((1, 1), (12, 25), (12, 26))]


def _globex_rules(by: Actor) -> None:
    publish_policy(
        None, [RuleDraft("order_total", "reseller", Decimal(3_000), "GBP")], note="Large orders.", by=by
    )


_PRICES = {"acme": _acme_prices, "globex": _globex_prices}
_RULES = {"acme": _acme_rules, "globex": _globex_rules}


def _vendor(key: str) -> UUID:
    return session().execute(select(Vendor.id).where(Vendor.key == key)).scalar_one()


def _product(title: str) -> UUID:
    return session().execute(select(Product.id).where(Product.title == title)).scalar_one()


def _yearly(title: str) -> UUID:
    """The German offer that companies choose: for a year, paid by the month."""
    found = select(Offer.id).join(Product, Product.id == Offer.product_id).join(Sku, Sku.id == Offer.sku_id)
    ways = {"market": "DE", "segment": "commercial", "term": "P1Y", "billing_plan": "monthly"}
    return session().scalars(found.where(Product.title == title, Sku.title == title).filter_by(**ways)).one()


def _account(key: str) -> UUID:
    return session().execute(select(Account.id).where(Account.name == CUSTOMERS[key].name)).scalar_one()
