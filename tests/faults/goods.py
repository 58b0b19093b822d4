"""Somebody to buy, for a run of the fault harness: companies and buyers, straight into the tables."""

from __future__ import annotations

from uuid import UUID

from app.core.actor import Actor
from app.core.db import session
from app.core.scope import Scope
from app.domain.people.models import Account, Person
from app.domain.people.rules.roles import permissions_of
from tests.faults.plan import Purchase


def purchases(count: int, *, tenant_id: UUID, offer_id: UUID) -> list[Purchase]:
    """So many orders, each by a buyer of a company of its own. Call inside a unit that sees everyone."""
    made = []
    for number in range(1, count + 1):
        account = _add(Account(tenant_id=tenant_id, name=f"Company {number}", country="DE", currency="EUR"))
        email = f"buyer@company-{number}.example"
        person = _add(
            Person(
                tenant_id=tenant_id,
                account_id=account,
                realm="storefront",
                email=email,
                name=f"Buyer {number}",
                roles=["buyer"],
            )
        )
        buyer = Actor(
            person_id=person,
            name=f"Buyer {number}",
            realm="storefront",
            tenant_id=tenant_id,
            account_id=account,
            email=email,
            roles=frozenset({"buyer"}),
            permissions=permissions_of("storefront", ("buyer",)),
        )
        scope = Scope(tenant_id, account)
        made.append(Purchase(number, account, offer_id, number % 5 + 1, buyer, scope))
    return made


def _add(row: object) -> UUID:
    session().add(row)
    session().flush()
    return row.id  # type: ignore[attr-defined]
