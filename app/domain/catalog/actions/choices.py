"""What a reseller's shop shows: vendors, families and products, shown or hidden."""

from uuid import UUID

from sqlalchemy import select

from app.core import events
from app.core.actor import Actor
from app.core.db import session
from app.core.errors import Invalid, NotFound
from app.domain.catalog.models import CatalogChoice, Family, Product, Vendor

KINDS = {"vendor": Vendor, "family": Family, "product": Product}


def choose(kind: str, target_id: UUID, is_shown: bool | None, *, by: Actor) -> CatalogChoice | None:
    """Shows or hides one vendor, family or product in the shop of the scope's tenant; None follows the wider choice again.

    Invalid for another kind, NotFound when there is no such thing. Saying the same twice changes nothing.
    """
    if kind not in KINDS:
        raise Invalid({"kind": "Choose a vendor, a family or a product."})
    current = session()
    if current.get(KINDS[kind], target_id) is None:
        raise NotFound()
    column = getattr(CatalogChoice, f"{kind}_id")
    choice = current.scalar(select(CatalogChoice).where(column == target_id).with_for_update())
    if choice is None and is_shown is None:
        return None
    if choice is not None and choice.is_shown is is_shown:
        return choice
    if is_shown is None:
        events.record("catalog_choice.withdrawn", choice, by, {kind: target_id})
        current.delete(choice)
        current.flush()
        return None
    if choice is None:
        choice = CatalogChoice(**{f"{kind}_id": target_id})
        current.add(choice)
    choice.is_shown = is_shown
    current.flush()
    events.record("catalog_choice.made", choice, by, {kind: target_id, "is_shown": is_shown})
    return choice
