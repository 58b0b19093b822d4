"""The cast: the invented companies and people of the demo world. Tests play with the same ones.

Passwords, brands, catalogues and orders are not here: `world.py` makes those, and tests make their own.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import select

from app.core import clock
from app.core.db import session
from app.domain.people.models import Account, Person
from app.domain.tenants.models import Tenant, TenantHost

DISTRIBUTOR = "Meridian Distribution"


@dataclass(frozen=True, slots=True)
class Reseller:
    """A shop of the demo world; `key` is also its nickname, the first label of its hostname."""

    key: str
    name: str
    country: str
    currency: str
    locale: str
    time_zone: str
    theme: str


@dataclass(frozen=True, slots=True)
class Customer:
    """A company that buys at the shop of `reseller`."""

    key: str
    reseller: str
    name: str
    country: str
    currency: str
    segment: str
    domain: str


@dataclass(frozen=True, slots=True)
class Player:
    """A person; `at` is the key of their customer or reseller, empty for the distributor's staff."""

    key: str
    at: str
    name: str
    email: str
    roles: tuple[str, ...]

    @property
    def realm(self) -> str:
        return "storefront" if self.at in CUSTOMERS else "console" if self.at in RESELLERS else "distributor"


RESELLERS = {
    found.key: found
    for found in (
        Reseller("acme", "Acme Cloud", "DE", "EUR", "en", "Europe/Berlin", "base"),
        Reseller("globex", "Globex Digital", "GB", "GBP", "en", "Europe/London", "market"),
    )
}

CUSTOMERS = {
    found.key: found
    for found in (
        Customer("nimbus", "acme", "Nimbus GmbH", "DE", "EUR", "commercial", "nimbus.example"),
        Customer("harbour", "acme", "Harbour Logistics AG", "DE", "EUR", "commercial", "harbour.example"),
        Customer("lindenhof", "acme", "Lindenhof School", "DE", "EUR", "education", "lindenhof.example"),
        Customer("kestrel", "acme", "Kestrel Relief", "DE", "EUR", "nonprofit", "kestrel.example"),
        Customer("quill", "globex", "Quill & Partners LLP", "GB", "GBP", "commercial", "quill.example"),
        Customer("borealis", "globex", "Borealis Health Ltd", "GB", "GBP", "commercial", "borealis.example"),
    )
}

PEOPLE = {
    found.key: found
    for found in (
        Player("dora", "", "Dora Lindqvist", "dora@meridian.example", ("staff",)),
        Player("emil", "", "Emil Novak", "emil@meridian.example", ("staff",)),
        Player("olivia", "acme", "Olivia Brandt", "olivia@acme.example", ("owner",)),
        Player("sam", "acme", "Sam Keller", "sam@acme.example", ("sales",)),
        Player("otto", "acme", "Otto Richter", "otto@acme.example", ("operations",)),
        Player("ines", "acme", "Ines Vogel", "ines@acme.example", ("operations",)),
        Player("finn", "acme", "Finn Albers", "finn@acme.example", ("finance",)),
        Player("gwen", "globex", "Gwen Hartley", "gwen@globex.example", ("owner",)),
        Player("raj", "globex", "Raj Patel", "raj@globex.example", ("operations", "sales")),
        Player("ann", "nimbus", "Ann Becker", "ann@nimbus.example", ("buyer",)),
        Player("paul", "nimbus", "Paul Winter", "paul@nimbus.example", ("approver",)),
        Player("bea", "nimbus", "Bea Lang", "bea@nimbus.example", ("billing",)),
        Player("liam", "harbour", "Liam Ostrowski", "liam@harbour.example", ("buyer", "approver")),
        Player("nora", "lindenhof", "Nora Seidel", "nora@lindenhof.example", ("buyer", "billing")),
        Player("kofi", "kestrel", "Kofi Mensah", "kofi@kestrel.example", ("buyer",)),
        Player("tess", "quill", "Tess Okafor", "tess@quill.example", ("buyer", "approver", "billing")),
        Player("hugo", "borealis", "Hugo Lindgren", "hugo@borealis.example", ("buyer",)),
    )
}


class Stage:
    """Puts members of the cast into the database, each once, with the company they belong to.

    Use it inside a unit in the scope of everyone. `host_of` turns a shop's nickname into its hostname.
    """

    def __init__(self, password_hash: str, host_of: Callable[[str], str]):
        self._password_hash = password_hash
        self._host_of = host_of

    def reseller(self, key: str) -> Tenant:
        """The tenant with its hostname."""
        found = session().scalar(select(Tenant).where(Tenant.nickname == key))
        if found is not None:
            return found
        plan = RESELLERS[key]
        tenant = Tenant(
            nickname=plan.key,
            name=plan.name,
            country=plan.country,
            currency=plan.currency,
            locale=plan.locale,
            time_zone=plan.time_zone,
            theme=plan.theme,
        )
        session().add(tenant)
        session().flush()
        session().add(TenantHost(host=self._host_of(key), tenant_id=tenant.id, is_canonical=True))
        session().flush()
        return tenant

    def customer(self, key: str) -> Account:
        """The account, and its reseller before it."""
        plan = CUSTOMERS[key]
        tenant = self.reseller(plan.reseller)
        found = session().scalar(
            select(Account).where(Account.tenant_id == tenant.id, Account.name == plan.name)
        )
        if found is not None:
            return found
        account = Account(
            tenant_id=tenant.id,
            name=plan.name,
            country=plan.country,
            currency=plan.currency,
            segment=plan.segment,
            domain=plan.domain,
        )
        session().add(account)
        session().flush()
        return account

    def person(self, key: str) -> Person:
        """The person, and their company before them."""
        plan = PEOPLE[key]
        account = self.customer(plan.at) if plan.realm == "storefront" else None
        tenant = self.reseller(plan.at) if plan.realm == "console" else None
        tenant_id = account.tenant_id if account else tenant.id if tenant else None
        found = session().scalar(
            select(Person).where(Person.email == plan.email, Person.tenant_id == tenant_id)
        )
        if found is not None:
            return found
        person = Person(
            tenant_id=tenant_id,
            account_id=account.id if account else None,
            realm=plan.realm,
            email=plan.email,
            name=plan.name,
            roles=list(plan.roles),
            password_hash=self._password_hash,
            created_at=clock.now(),
        )
        session().add(person)
        session().flush()
        return person

    def everyone(self) -> None:
        """The whole cast."""
        for key in CUSTOMERS:
            self.customer(key)
        for key in PEOPLE:
            self.person(key)
