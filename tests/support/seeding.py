"""The cast as tests meet it: small frozen records that stay readable when the unit that wrote them is over."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from flask import Flask

from app.core import scope
from app.core.actor import Actor
from app.core.db import Session
from app.core.unit import unit
from app.demo.cast import CUSTOMERS, PEOPLE, RESELLERS, Stage
from app.domain.people.models import Account, Person
from app.domain.people.rules.roles import permissions_of
from app.domain.tenants.models import Tenant

PASSWORD = "a boat with nine green oars"
"""Everybody's password in tests."""


@dataclass(frozen=True, slots=True)
class Met:
    """A tenant, an account or a person that is in the database. `host` is where their pages are."""

    id: UUID
    name: str
    host: str
    tenant_id: UUID | None
    account_id: UUID | None = None
    realm: str = ""
    email: str = ""
    roles: tuple[str, ...] = ()

    @property
    def scope(self) -> scope.Scope:
        """What pages for this one may see."""
        if self.tenant_id is None:
            return scope.everyone(reason="a test about the distributor")
        return scope.Scope(self.tenant_id, self.account_id)

    @property
    def actor(self) -> Actor:
        """This person as an actor, for `by=`."""
        return Actor(
            person_id=self.id,
            name=self.name,
            realm=self.realm,
            tenant_id=self.tenant_id,
            account_id=self.account_id,
            email=self.email,
            roles=frozenset(self.roles),
            permissions=permissions_of(self.realm, self.roles),
        )


class Seeds:
    """Brings members of the cast into this test's database: `seeds.meet("ann")`."""

    def __init__(self, app: Flask, password_hash: str):
        self._app = app
        self._settings = app.config["SETTINGS"]
        self._stage = Stage(password_hash, self._settings.shop_host)

    def meet(self, key: str) -> Met:
        """The reseller, customer or person called `key`, written now if need be."""
        with in_scope(self._app, scope.everyone(reason="seeding a test")):
            if key in RESELLERS:
                return self._met(self._stage.reseller(key))
            if key in CUSTOMERS:
                return self._met(self._stage.customer(key))
            return self._met(self._stage.person(key))

    def everyone(self) -> dict[str, Met]:
        """The whole cast by key."""
        return {key: self.meet(key) for key in (*RESELLERS, *CUSTOMERS, *PEOPLE)}

    def _met(self, row: Tenant | Account | Person) -> Met:
        if isinstance(row, Tenant):
            return Met(row.id, row.name, self._settings.shop_host(row.nickname), row.id)
        if isinstance(row, Account):
            return Met(row.id, row.name, self._shop_of(row.tenant_id), row.tenant_id, row.id)
        shop = row.realm == "storefront"
        host = self._shop_of(row.tenant_id) if shop else self._settings.platform_host
        return Met(
            row.id, row.name, host, row.tenant_id, row.account_id, row.realm, row.email, tuple(row.roles)
        )

    def _shop_of(self, tenant_id: UUID | None) -> str:
        from app.core.db import session

        tenant = session().get(Tenant, tenant_id)
        assert tenant is not None
        return self._settings.shop_host(tenant.nickname)


@contextmanager
def in_scope(
    app: Flask, whose: scope.Scope | Met | None = None, *, read_only: bool = False
) -> Iterator[Session]:
    """A unit of work in the scope of `whose` (everyone's when left out), in an app context of its own."""
    if whose is None:
        whose = scope.everyone(reason="a test looks at everything")
    with (
        app.app_context(),
        unit(whose.scope if isinstance(whose, Met) else whose, read_only=read_only) as current,
    ):
        yield current
