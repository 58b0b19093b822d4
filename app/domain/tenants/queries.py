"""Reading tenants: by hostname (before any scope is known) and as the frozen `Shop` that pages are dressed with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.core.db import session
from app.domain.tenants.models import Tenant, TenantHost


@dataclass(frozen=True, slots=True)
class Shop:
    """A tenant as pages need it: detached, so that error pages can wear the brand without asking the database."""

    id: UUID
    nickname: str
    name: str
    currency: str
    country: str
    locale: str
    time_zone: str
    is_open: bool
    theme: str
    brand_digest: str
    host: str  # its canonical hostname
    brand: Mapping[str, Any] = field(default_factory=dict)
    profile: Mapping[str, Any] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # renamed, by language


def shop_of(tenant: Tenant, host: str) -> Shop:
    """The frozen picture of `tenant`, whose canonical hostname is `host`."""
    return Shop(
        id=tenant.id,
        nickname=tenant.nickname,
        name=tenant.name,
        currency=tenant.currency,
        country=tenant.country,
        locale=tenant.locale,
        time_zone=tenant.time_zone,
        is_open=tenant.is_open,
        theme=tenant.theme,
        brand_digest=tenant.brand_digest,
        host=host,
        brand=dict(tenant.brand),
        profile=dict(tenant.profile),
        words=dict(tenant.words),
    )


def canonical_host_of(tenant_id: UUID) -> str:
    """The one hostname that links to this tenant's shop carry (never the request's own, attack A-01)."""
    return (
        session()
        .execute(select(TenantHost.host).where(TenantHost.tenant_id == tenant_id, TenantHost.is_canonical))
        .scalar_one()
    )
