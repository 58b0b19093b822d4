"""How a cart is written: one statement opens and locks it, one keeps its lines and moves its version on."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text

from app.core import clock
from app.core.actor import Actor
from app.core.db import execute, session
from app.core.ids import new_id
from app.domain.orders.models import Cart
from app.domain.people.models import Account
from app.domain.pricing.rules.quote import Quote


@dataclass(frozen=True, slots=True)
class Held:
    """A cart that is locked to the end of the unit."""

    id: UUID
    account_id: UUID


# What is there already is locked and given back: an update that changes nothing. Were it ordered in the same instant, the
# unique index lets a new one come in.
_OPEN = text("""
    INSERT INTO cart (id, created_at, tenant_id, account_id, person_id, state, changed_at, editor_ids, version)
    VALUES (:id, :now, :tenant, :account, :person, 'open', :now, '[]', 1)
    ON CONFLICT (account_id, person_id) WHERE state = 'open' DO UPDATE SET state = cart.state
    RETURNING id
""")

_TOUCH = """
    UPDATE cart SET changed_at = :now, version = version + 1, editor_ids = (
        SELECT coalesce(jsonb_agg(DISTINCT one), '[]') FROM jsonb_array_elements(editor_ids || CAST(:people AS jsonb)) AS one)
    WHERE id = :cart
"""
_KEEP = text(f"""
    WITH kept AS (
        INSERT INTO cart_line (id, created_at, tenant_id, account_id, cart_id, offer_id, quantity, quote, quoted_at, expires_at)
        SELECT w.id, :now, c.tenant_id, c.account_id, c.id, w.offer_id, w.quantity, w.quote,
               CAST(w.quote ->> 'quoted_at' AS timestamptz), CAST(w.quote ->> 'expires_at' AS timestamptz)
        FROM cart c,
             jsonb_to_recordset(CAST(:lines AS jsonb)) AS w(id uuid, offer_id uuid, quantity integer, quote jsonb)
        WHERE c.id = :cart
        ON CONFLICT (cart_id, offer_id) DO UPDATE SET quantity = excluded.quantity, quote = excluded.quote,
            quoted_at = excluded.quoted_at, expires_at = excluded.expires_at
    ), gone AS (
        DELETE FROM cart_line WHERE cart_id = :cart AND id = ANY(CAST(:gone AS uuid[]))
    )
    {_TOUCH}
""")  # noqa: S608 - only the texts above


def hold_open(account: Account, person_id: UUID) -> Held:
    """The person's open cart for this customer, made when there is none, locked. One statement."""
    values = {
        "id": new_id(),
        "now": clock.now(),
        "tenant": account.tenant_id,
        "account": account.id,
        "person": person_id,
    }
    return Held(execute(_OPEN, values).scalar_one(), account.id)


def keep(
    cart: Held | Cart, wanted: Sequence[tuple[UUID, int, Quote]], *, gone: Collection[UUID] = (), by: Actor
) -> None:
    """Sets offers of a locked cart to quantities at quotes and takes the lines `gone` out. One statement.

    Moves the cart's version on, so that a checkout page of before no longer orders it, and notes who was at it.
    """
    lines: list[dict[str, Any]] = [
        {"id": str(new_id()), "offer_id": str(offer_id), "quantity": quantity, "quote": quote.to_dict()}
        for offer_id, quantity, quote in wanted
    ]
    values = {
        "cart": cart.id,
        "now": clock.now(),
        "lines": json.dumps(lines),
        "gone": list(gone),
        "people": json.dumps(sorted(str(person) for person in by.people)),
    }
    execute(_KEEP, values)
    if isinstance(cart, Cart):
        session().expire(cart)
