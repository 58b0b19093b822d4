"""How an owner of price books handles what runs already: notice before a rise, running terms, and the margin guard."""

from decimal import Decimal

from sqlalchemy import CheckConstraint, Numeric, String, UniqueConstraint
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from app.core.db import Model, Versioned, wall
from app.domain.pricing.models.owned import OwnedByEither
from app.domain.pricing.rules.running import MONTHLY_TERMS, RUNNING_TERMS

GUARDS = ("list", "approval", "closed")


def _listed(values: tuple[str, ...]) -> str:
    return ", ".join(f"'{value}'" for value in values)


class PricingSetting(OwnedByEither, Versioned, Model):
    """One row per owner; without one, the defaults below hold."""

    __table_args__ = declared_attr.directive(
        lambda cls: wall(
            cls,
            UniqueConstraint("owner_id"),
            CheckConstraint("notice_days BETWEEN 0 AND 365", name="notice_possible"),
            CheckConstraint(f"running_terms IN ({_listed(RUNNING_TERMS)})", name="running_terms_known"),
            CheckConstraint(f"monthly_terms IN ({_listed(MONTHLY_TERMS)})", name="monthly_terms_known"),
            CheckConstraint(f"guard IN ({_listed(GUARDS)})", name="guard_known"),
            CheckConstraint(
                "least_margin_percent >= 0 AND least_margin_percent < 100", name="least_margin_possible"
            ),
        )
    )

    notice_days: Mapped[int] = mapped_column(default=0)
    running_terms: Mapped[str] = mapped_column(String(10), default="renewal")
    monthly_terms: Mapped[str] = mapped_column(String(10), default="period")
    guard: Mapped[str] = mapped_column(String(10), default="list")
    least_margin_percent: Mapped[Decimal | None] = mapped_column(Numeric(7, 4))
