"""Accounts (customers), people, and what proves who somebody is: sessions, single-use links, rate limits."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from app.core import clock
from app.core.db import Model, TenantOwned, Versioned, owned_by, wall


class Account(TenantOwned, Versioned, Model):
    """A customer of a reseller. `group` of legal entities whose spend counts together is the account itself for now."""

    __table_args__ = declared_attr.directive(lambda cls: wall(cls, UniqueConstraint("tenant_id", "name")))

    name: Mapped[str] = mapped_column(String(120))
    country: Mapped[str] = mapped_column(String(2))
    currency: Mapped[str] = mapped_column(String(3))
    segment: Mapped[str] = mapped_column(String(20), default="commercial")
    domain: Mapped[str] = mapped_column(String(253), default="")  # its domain at the vendors
    can_shop: Mapped[bool] = mapped_column(default=True)
    profile: Mapped[dict[str, Any]] = mapped_column(default=dict)


class Person(TenantOwned, Versioned, Model):
    """Somebody who signs in. Distributor staff have no tenant; customers' people have an account.

    The same e-mail in two tenants is two people. `password_hash` is argon2id, empty until an invitation is taken up.
    """

    __table_args__ = declared_attr.directive(
        lambda cls: wall(
            cls,
            owned_by("account"),
            CheckConstraint(
                "(realm = 'distributor') = (tenant_id IS NULL) AND (realm = 'storefront') = (account_id IS NOT NULL)",
                name="realm_fits",
            ),
            Index(
                "uq_person_email",
                "tenant_id",
                "realm",
                "email",
                unique=True,
                postgresql_nulls_not_distinct=True,
            ),
            Index(None, "email"),
        )
    )

    tenant_id: Mapped[UUID | None] = mapped_column(sort_order=-18)
    account_id: Mapped[UUID | None]
    realm: Mapped[str] = mapped_column(String(20))  # storefront, console, distributor
    email: Mapped[str] = mapped_column(String(254))  # canonical: rules.canonical_email
    name: Mapped[str] = mapped_column(String(120))
    roles: Mapped[list[str]] = mapped_column(ARRAY(String(20)))
    locale: Mapped[str] = mapped_column(String(10), default="en")
    password_hash: Mapped[str] = mapped_column(String(200), default="")
    is_active: Mapped[bool] = mapped_column(default=True)
    last_signed_in_at: Mapped[datetime | None]

    @property
    def state(self) -> str:
        """`invited` until they have chosen a password, then `active`; `disabled` when they may not sign in."""
        return "disabled" if not self.is_active else "active" if self.password_hash else "invited"


class Delegation(TenantOwned, Model):
    """`delegate_id` decides in the place of `person_id` on the days from `starts_on` to `ends_on` (both included, in the
    reseller's time zone). It is resolved when a queue is read, never copied anywhere; chains are followed three links far.
    """

    __table_args__ = declared_attr.directive(
        lambda cls: wall(
            cls,
            owned_by("person"),
            owned_by("person", "delegate_id"),
            CheckConstraint("person_id <> delegate_id", name="somebody_else"),
            CheckConstraint("starts_on <= ends_on", name="in_order"),
            Index(None, "person_id"),
            Index(None, "delegate_id"),
        )
    )

    person_id: Mapped[UUID]
    delegate_id: Mapped[UUID]
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    note: Mapped[str] = mapped_column(String(200), default="")


class WebSession(Model):
    """A browser's session: a random token (only its hash is kept) bound to host, realm, tenant and person."""

    __table_args__ = (
        Index(None, "person_id"),
        {"info": {"wall": "platform", "why": "found by an unguessable token before the tenant is known"}},
    )

    token_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    host: Mapped[str] = mapped_column(String(253))
    realm: Mapped[str | None] = mapped_column(String(20))
    tenant_id: Mapped[UUID | None] = mapped_column(ForeignKey("tenant.id"))
    account_id: Mapped[UUID | None]
    person_id: Mapped[UUID | None]
    data: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    seen_at: Mapped[datetime] = mapped_column(default=clock.now)
    expires_at: Mapped[datetime]


class AccessLink(TenantOwned, Model):
    """A single-use link sent by mail: `purpose` is `password` or `invitation`. Only the token's hash is kept."""

    __table_args__ = declared_attr.directive(
        lambda cls: wall(cls, owned_by("person"), Index(None, "token_hash", unique=True))
    )

    tenant_id: Mapped[UUID | None] = mapped_column(sort_order=-18)
    person_id: Mapped[UUID]
    purpose: Mapped[str] = mapped_column(String(20))
    token_hash: Mapped[bytes] = mapped_column(LargeBinary)
    host: Mapped[str] = mapped_column(String(253))
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class ViewingPass(TenantOwned, Model):
    """Hands somebody of the reseller's over to the shop's host, once, to see it as `account_id` would at `instant`, buying
    `quantity` (None: as many as each offer needs at least). Only the token's hash is kept.
    """

    __table_args__ = declared_attr.directive(
        lambda cls: wall(cls, owned_by("person"), owned_by("account"), Index(None, "token_hash", unique=True))
    )

    person_id: Mapped[UUID]
    account_id: Mapped[UUID]
    instant: Mapped[datetime]
    quantity: Mapped[int | None]
    token_hash: Mapped[bytes] = mapped_column(LargeBinary)
    host: Mapped[str] = mapped_column(String(253))
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Budget(Model):
    """Attempts left in a window, per key (`sign-in:host:email-hash`, `sign-in:address`): rate limits as one atomic row."""

    __table_args__ = (
        {
            "info": {
                "wall": "platform",
                "why": "counts attempts, some of them for hosts and people that do not exist",
            }
        },
    )

    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    spent: Mapped[int] = mapped_column(default=0)
    window_ends_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
