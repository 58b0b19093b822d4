"""What a tenant (a reseller) is, the hostnames that lead to it, and its pictures. Brand rules live in `rules/`."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from app.core import clock
from app.core.db import Keyed, Model, TenantOwned, Versioned, wall


class Tenant(Keyed, Versioned, Model):
    """A reseller. `brand` is typed by the theme's settings schema; `brand_digest` names its published stylesheet."""

    __table_args__ = (Index(None, "nickname", unique=True), {"info": {"wall": "self"}})

    nickname: Mapped[str] = mapped_column(String(40))  # the label in front of the shop suffix
    name: Mapped[str] = mapped_column(String(120))
    currency: Mapped[str] = mapped_column(String(3))
    country: Mapped[str] = mapped_column(String(2))  # ISO 3166 alpha-2; also the market it buys in
    locale: Mapped[str] = mapped_column(String(10), default="en")
    time_zone: Mapped[str] = mapped_column(String(40), default="Europe/Berlin")
    is_open: Mapped[bool] = mapped_column(default=True)  # a closed shop says so under its own brand
    theme: Mapped[str] = mapped_column(String(40), default="base")
    brand: Mapped[dict[str, Any]] = mapped_column(default=dict)
    brand_digest: Mapped[str] = mapped_column(String(64), default="")
    profile: Mapped[dict[str, Any]] = mapped_column(default=dict)  # the public company profile
    words: Mapped[dict[str, Any]] = mapped_column(
        default=dict
    )  # renamed in the shop: language → word → its own


class TenantHost(Model):
    """A verified hostname and the tenant it leads to."""

    __table_args__ = (
        Index("one_canonical_host", "tenant_id", unique=True, postgresql_where=text("is_canonical")),
        {"info": {"wall": "platform", "why": "read before any tenant is known; holds public names only"}},
    )

    host: Mapped[str] = mapped_column(String(253), primary_key=True)  # lower case, IDNA-encoded, no port
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"))
    is_canonical: Mapped[bool] = mapped_column(default=False)
    verified_at: Mapped[datetime] = mapped_column(default=clock.now)


class StoredImage(TenantOwned, Model):
    """A picture a reseller uploaded, decoded and re-encoded by us, kept as it is served."""

    __table_args__ = declared_attr.directive(lambda cls: wall(cls, UniqueConstraint("tenant_id", "digest")))

    digest: Mapped[str] = mapped_column(String(64))  # SHA-256 of `body`
    mime: Mapped[str] = mapped_column(String(20))
    width: Mapped[int]
    height: Mapped[int]
    body: Mapped[bytes]
