"""Which catalogue it is: an exact name for what it holds at an instant, and what the shop in scope shows of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, bindparam, text

from app.core import clock
from app.core.db import session

_VERSION = text(
    """
SELECT s.id, s.revision,
       (SELECT max(at) FROM catalog_turn WHERE at <= :at) AS turned_at,
       (SELECT min(at) FROM catalog_turn WHERE at > :at) AS turns_at,
       (SELECT json_agg(json_build_array(coalesce(product_id, family_id, vendor_id), is_shown) ORDER BY id)
        FROM catalog_choice) AS choices
FROM (SELECT NULL) one
LEFT JOIN (SELECT id, revision FROM price_sheet WHERE revision IS NOT NULL ORDER BY revision DESC LIMIT 1) s ON true
"""
).bindparams(bindparam("at", type_=DateTime(timezone=True)))


_KEPT = "catalog_and_choices"


@dataclass(frozen=True, slots=True)
class CatalogVersion:
    """Two equal versions say the same of every offer and price. `sheet_id` is the last sheet taken; its `revision` counts.

    `turned_at` is the last instant at which a price began or ended by itself, `turns_at` the next one.
    """

    sheet_id: UUID | None
    revision: int
    turned_at: datetime | None
    turns_at: datetime | None = field(compare=False)


@dataclass(frozen=True, slots=True)
class Choices:
    """What a shop shows, by the id of product, family or vendor. The narrower choice wins; without one, it is shown."""

    shown: Mapping[UUID, bool]

    def is_shown(self, product_id: UUID, family_id: UUID, vendor_id: UUID) -> bool:
        for target in (product_id, family_id, vendor_id):
            if (chosen := self.shown.get(target)) is not None:
                return chosen
        return True

    @property
    def key(self) -> tuple[tuple[UUID, bool], ...]:
        """Equal for equal choices: part of a cache key."""
        return tuple(sorted(self.shown.items()))


def catalog_and_choices(*, at: datetime | None = None) -> tuple[CatalogVersion, Choices]:
    """The version at `at` (default: now) and the choices of the tenant in scope. One statement for each page that is read.

    In the scope of everyone the choices are nobody's: all is shown.
    """
    current = session()
    if at is None and current.info.get(
        "read_only"
    ):  # nothing can change them here, and one page shows one catalogue
        if _KEPT not in current.info:
            current.info[_KEPT] = _ask(clock.now())
        return current.info[_KEPT]
    return _ask(at or clock.now())


def _ask(at: datetime) -> tuple[CatalogVersion, Choices]:
    current = session()
    row = current.execute(_VERSION, {"at": at}).one()
    tenant = current.scope.tenant_id if current.scope else None
    pairs = row.choices if tenant is not None else None
    return (
        CatalogVersion(row.id, row.revision or 0, row.turned_at, row.turns_at),
        Choices({UUID(target): is_shown for target, is_shown in pairs or ()}),
    )


def catalog_version(*, at: datetime | None = None) -> CatalogVersion:
    """The catalogue's version at `at` (default: now)."""
    return catalog_and_choices(at=at)[0]
