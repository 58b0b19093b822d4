"""What is done at a vendor for one order line, step by step, under a key that is committed before the first call."""

from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, declared_attr

from app.core.db import AccountOwned, Model, owned_by, wall
from app.domain.vendors.models import CALL, VendorCall

STEP = CALL


class ProvisioningStep(VendorCall, AccountOwned, Model):
    """`purchase` buys the line; `activation` reads it back until the vendor says that it is usable."""

    __table_args__ = declared_attr.directive(
        lambda cls: wall(
            cls,
            STEP.check(),
            owned_by("order", account=True),
            owned_by("order_line", account=True),
            UniqueConstraint("order_line_id", "name"),
            UniqueConstraint("key"),
            Index("ix_provisioning_step_state", "state", "created_at"),
        )
    )

    order_id: Mapped[UUID]
    order_line_id: Mapped[UUID]
