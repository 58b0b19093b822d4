"""What happens to customers: a company becomes one, its particulars change, its people may shop or not."""

from sqlalchemy import select

from app.core import events
from app.core.actor import Actor
from app.core.db import session
from app.core.errors import Conflict, Forbidden, Invalid
from app.domain.people.models import Account
from app.domain.people.rules import accounts as rules


def open_account(
    *, name: str, country: str, currency: str, segment: str, domain: str = "", by: Actor
) -> Account:
    """A new customer of the reseller in scope. Invalid per field, also for a name that another customer has."""
    _may(by)
    name = rules.clean_name(name)
    domain, faults = rules.check(
        name=name, country=country, currency=currency, segment=segment, domain=domain
    )
    if "name" not in faults and _is_taken(name):
        faults["name"] = "You have a customer of this name already."
    if faults:
        raise Invalid(faults)
    account = Account(
        tenant_id=by.tenant_id, name=name, country=country, currency=currency, segment=segment, domain=domain
    )
    session().add(account)
    session().flush()
    events.record("account.opened", account, by, {"name": name}, account_id=account.id)
    return account


def edit_account(
    account: Account,
    *,
    name: str,
    country: str,
    segment: str,
    domain: str,
    version: int,
    by: Actor,
) -> Account:
    """Changes the particulars; the currency stays, since thresholds and books are written in it.

    `version` is the one the form was shown with: Conflict when somebody else saved meanwhile. Invalid per field.
    """
    _may(by)
    if version != account.version:
        raise Conflict("Somebody else changed this customer while you were typing. Load the page again.")
    name = rules.clean_name(name)
    domain, faults = rules.check(
        name=name, country=country, currency=account.currency, segment=segment, domain=domain
    )
    if "name" not in faults and name != account.name and _is_taken(name):
        faults["name"] = "You have a customer of this name already."
    if faults:
        raise Invalid(faults)
    wanted = {"name": name, "country": country, "segment": segment, "domain": domain}
    changed = sorted(key for key, value in wanted.items() if getattr(account, key) != value)
    for key in changed:
        setattr(account, key, wanted[key])
    if changed:
        events.record("account.edited", account, by, {"changed": changed}, account_id=account.id)
    return account


def let_shop(account: Account, can_shop: bool, *, by: Actor) -> None:
    """Whether the customer's people, and the reseller on their behalf, may order. Subscriptions run on either way."""
    _may(by)
    if account.can_shop != can_shop:
        account.can_shop = can_shop
        name = "account.shop_opened" if can_shop else "account.shop_closed"
        events.record(name, account, by, account_id=account.id)


def _may(by: Actor) -> None:
    if not by.can("account:edit"):
        raise Forbidden("Your role does not include this.")


def _is_taken(name: str) -> bool:
    return session().scalar(select(Account.id).where(Account.name == name)) is not None
