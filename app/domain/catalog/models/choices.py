"""What a reseller's shop shows of the catalogue. Without a choice, everything is shown."""

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from app.core.db import Model, TenantOwned, Versioned, wall


class CatalogChoice(TenantOwned, Versioned, Model):
    """Shown or hidden, for exactly one of a vendor, a family or a product. The narrower choice wins."""

    __table_args__ = declared_attr.directive(
        lambda cls: wall(
            cls,
            UniqueConstraint("tenant_id", "vendor_id"),
            UniqueConstraint("tenant_id", "family_id"),
            UniqueConstraint("tenant_id", "product_id"),
            CheckConstraint("num_nonnulls(vendor_id, family_id, product_id) = 1", name="about_one_thing"),
        )
    )

    vendor_id: Mapped[UUID | None] = mapped_column(ForeignKey("vendor.id"))
    family_id: Mapped[UUID | None] = mapped_column(ForeignKey("family.id"))
    product_id: Mapped[UUID | None] = mapped_column(ForeignKey("product.id"))
    is_shown: Mapped[bool]
