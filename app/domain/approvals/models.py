"""Approval policies (published versions of rules), what waits for a decision, decisions, and the ledger of commitments.

Nothing here knows what an order is: whatever asks for approval is a subject with a type, an id and a number.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Date, Index, Integer, String, Text, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from app.core import clock
from app.core.db import AccountOwned, Model, TenantOwned, Versioned, owned_by, wall
from app.core.states import Machine
from app.domain.approvals.rules.asked import SELECTORS

TRIGGERS = (
    "always", "order_total", "window_spend", "selection", "quantity", "first_order", "margin_under", "change"
)  # fmt: skip
ASKS = ("customer", "reseller")
PERIODS = ("month", "quarter")
CHANGES = ("seat_change", "renewal", "cancellation", "term_change")
LAYERS = ("reseller", "customer")

REQUEST = Machine(
    "request",
    {
        "pending": ["approved", "refused", "withdrawn", "expired"],
        "approved": [],
        "refused": [],
        "withdrawn": [],
        "expired": [],
    },
)


PROPOSAL = Machine(
    "proposal",
    {"open": ["accepted", "declined", "lapsed"], "accepted": [], "declined": [], "lapsed": []},
)


class Policy(TenantOwned, Versioned, Model):
    """A policy. Layer `reseller`: the reseller's, for all customers (`account_id` None) or for one; layer `customer`: what a
    customer's own approvers ask of its buyers, besides. Its content lives in versions; `draft` is what is being written.
    """

    __table_args__ = declared_attr.directive(
        lambda cls: wall(
            cls,
            owned_by("account"),
            CheckConstraint(f"layer IN {LAYERS}", name="layer_known"),
            CheckConstraint("layer = 'reseller' OR account_id IS NOT NULL", name="layer_fits"),
            Index(
                "uq_policy_account",
                "tenant_id",
                "account_id",
                "layer",
                unique=True,
                postgresql_nulls_not_distinct=True,
            ),
        )
    )

    account_id: Mapped[UUID | None]
    layer: Mapped[str] = mapped_column(String(20), default="reseller")
    draft: Mapped[list[Any] | None]
    draft_saved_at: Mapped[datetime | None]
    draft_saved_by_name: Mapped[str] = mapped_column(String(200), default="")


class PolicyVersion(TenantOwned, Model):
    """What was published, when and by whom. Never changes; the highest number is in force."""

    __table_args__ = declared_attr.directive(
        lambda cls: wall(
            cls, owned_by("policy"), UniqueConstraint("policy_id", "number"), info={"append_only": True}
        )
    )

    policy_id: Mapped[UUID]
    number: Mapped[int]
    published_at: Mapped[datetime]
    published_by_id: Mapped[UUID | None]
    published_by_name: Mapped[str] = mapped_column(String(200))
    publisher_ids: Mapped[list[UUID]] = mapped_column(
        ARRAY(Uuid)
    )  # everyone who stood behind the publication
    note: Mapped[str] = mapped_column(Text, default="")
    is_lifted: Mapped[bool] = mapped_column(default=False)  # from here on, as if this policy had never been


class PolicyRule(TenantOwned, Model):
    """One sentence of a version: when this happens, ask them, within so many days."""

    __table_args__ = declared_attr.directive(
        lambda cls: wall(
            cls,
            owned_by("policy_version"),
            UniqueConstraint("policy_version_id", "position"),
            CheckConstraint(f"trigger IN {TRIGGERS}", name="trigger_known"),
            CheckConstraint(
                "(trigger IN ('order_total', 'window_spend')) = (amount IS NOT NULL)"
                " AND (amount IS NULL) = (currency IS NULL)"
                " AND (trigger = 'window_spend') = (num_nonnulls(window_days, period) = 1)"
                " AND num_nonnulls(window_days, period) < 2"
                " AND (selects IS NULL) = (selects_id IS NULL)"
                " AND (trigger <> 'selection' OR selects IS NOT NULL)"
                " AND (trigger IN ('selection', 'quantity', 'margin_under') OR selects IS NULL)"
                " AND (trigger = 'quantity') = (quantity IS NOT NULL)"
                " AND (trigger = 'margin_under') = (percent IS NOT NULL)"
                " AND (trigger = 'change') = (subject_type IS NOT NULL)",
                name="complete",
            ),
            CheckConstraint(
                "amount >= 0 AND window_days > 0 AND quantity >= 0 AND percent BETWEEN -100 AND 100",
                name="in_range",
            ),
            CheckConstraint(f"period IN {PERIODS}", name="period_known"),
            CheckConstraint(f"selects IN {SELECTORS}", name="selects_known"),
            CheckConstraint(f"subject_type IN {CHANGES}", name="subject_type_known"),
            CheckConstraint("jsonb_array_length(steps) BETWEEN 1 AND 5", name="asks_somebody"),
            info={"append_only": True},
        )
    )

    policy_version_id: Mapped[UUID]
    position: Mapped[int]
    trigger: Mapped[str] = mapped_column(String(20))
    amount: Mapped[Decimal | None]
    currency: Mapped[str | None] = mapped_column(String(3))
    window_days: Mapped[int | None]
    period: Mapped[str | None] = mapped_column(String(10))
    selects: Mapped[str | None] = mapped_column(String(10))
    selects_id: Mapped[UUID | None]
    selects_name: Mapped[str] = mapped_column(String(200), default="")
    quantity: Mapped[int | None]
    percent: Mapped[Decimal | None]
    subject_type: Mapped[str | None] = mapped_column(String(20))
    steps: Mapped[list[Any]]  # rules.steps.Step as dicts


class ApprovalRequest(AccountOwned, Versioned, Model):
    """Something that waits, or waited, for decisions. `steps` are asked one after the other; `step` is the current one.

    `asks`, `role` and `asked_ids` repeat the current step's, so that a queue is one indexed look-up; `asked_ids` holds the
    named people who have not answered yet, and is None when everybody with the role is asked. `requester_ids` are all people
    who stand behind the request (the requester, whoever edited it last, an impersonator): none of them may decide it.
    """

    __table_args__ = declared_attr.directive(
        lambda cls: wall(
            cls,
            REQUEST.check(),
            CheckConstraint(f"asks IN {ASKS}", name="asks_known"),
            Index(
                "uq_approval_request_pending",
                "subject_id",
                unique=True,
                postgresql_where=text("state = 'pending'"),
            ),
            Index("ix_approval_request_queue", "tenant_id", "state", "created_at"),
            Index("ix_approval_request_expiry", "expires_at", postgresql_where=text("state = 'pending'")),
            Index("ix_approval_request_reminder", "remind_at", postgresql_where=text("state = 'pending'")),
            Index("ix_approval_request_closed", "tenant_id", "closed_at"),
            Index(None, "subject_id"),
        )
    )

    subject_type: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[UUID]
    subject_number: Mapped[str] = mapped_column(String(40))
    summary: Mapped[str] = mapped_column(String(300))
    state: Mapped[str] = mapped_column(String(20), default="pending")
    currency: Mapped[str] = mapped_column(String(3))
    total_amount: Mapped[Decimal]  # of the ask as it stands: the commitment for the whole terms
    digest: Mapped[str] = mapped_column(String(64))
    steps: Mapped[list[Any]]
    step: Mapped[int] = mapped_column(default=0)
    asks: Mapped[str] = mapped_column(String(20))
    role: Mapped[str | None] = mapped_column(String(20))
    asked_ids: Mapped[list[UUID] | None] = mapped_column(ARRAY(Uuid))
    verdict: Mapped[dict[str, Any]]
    requested_by_id: Mapped[UUID | None]
    requested_by_name: Mapped[str] = mapped_column(String(200))
    requester_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    requester_emails: Mapped[list[str]] = mapped_column(ARRAY(String(254)))
    step_began_at: Mapped[datetime] = mapped_column(default=clock.now)
    expires_at: Mapped[datetime]
    remind_at: Mapped[datetime | None]  # when Awning itself reminds whoever is asked
    buyer_reminded_at: Mapped[datetime | None]  # when somebody who asked did
    is_sent_back: Mapped[bool] = mapped_column(default=False)  # a question waits for the buyer's answer
    closed_at: Mapped[datetime | None]
    closing_reason: Mapped[str] = mapped_column(Text, default="")


class FrozenAsk(AccountOwned, Model):
    """The ask exactly as it was shown, as canonical JSON, under its SHA-256 digest. Never changes."""

    __table_args__ = declared_attr.directive(
        lambda cls: wall(
            cls,
            owned_by("approval_request", account=True),
            UniqueConstraint("approval_request_id", "number"),
            info={"append_only": True},
        )
    )

    approval_request_id: Mapped[UUID]
    number: Mapped[int]
    content: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(64))


class Decision(AccountOwned, Model):
    """One answer to one step of a request. Never changes; the database allows one per place of a step.

    A step that asks any of several people has one place, one that asks all of them has a place for each. Whoever decided in
    the place of somebody who was away says so in `for_person_id`.

    `digest` is the ask that the person had before them; `granted_digest` what was granted (another one when the price
    had moved and the person took the price now), with both totals.
    """

    __table_args__ = declared_attr.directive(
        lambda cls: wall(
            cls,
            owned_by("approval_request", account=True),
            UniqueConstraint("approval_request_id", "step", "place"),
            CheckConstraint("answer IN ('approved', 'refused')", name="answer_known"),
            info={"append_only": True},
        )
    )

    approval_request_id: Mapped[UUID]
    step: Mapped[int]
    place: Mapped[int] = mapped_column(default=0)
    answer: Mapped[str] = mapped_column(String(20))
    digest: Mapped[str] = mapped_column(String(64))
    granted_digest: Mapped[str | None] = mapped_column(String(64))
    currency: Mapped[str] = mapped_column(String(3))
    asked_amount: Mapped[Decimal]
    granted_amount: Mapped[Decimal | None]
    comment: Mapped[str] = mapped_column(Text, default="")
    person_id: Mapped[UUID]
    person_name: Mapped[str] = mapped_column(String(200))
    for_person_id: Mapped[UUID | None]
    for_person_name: Mapped[str] = mapped_column(String(200), default="")
    realm: Mapped[str] = mapped_column(String(20))
    decider_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    decided_at: Mapped[datetime]


class Commitment(AccountOwned, Model):
    """What a customer committed to with one subject: the ledger that budgets are counted from.

    `is_unasked` rows went through without a decision and eat the allowance. `counted` holds the amount in the
    currencies of the rules that were in force then, at the rates of then. A released row (canceled, failed) no longer
    counts.
    """

    __table_args__ = declared_attr.directive(
        lambda cls: wall(
            cls,
            UniqueConstraint("subject_id"),
            CheckConstraint("amount >= 0", name="not_negative"),
            Index("ix_commitment_window", "account_id", "placed_at"),
            info={"updatable": ["amount", "released_at"]},
        )
    )

    subject_type: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[UUID]
    currency: Mapped[str] = mapped_column(String(3))
    amount: Mapped[Decimal]
    counted: Mapped[dict[str, Any]]
    is_unasked: Mapped[bool]
    placed_at: Mapped[datetime]
    released_at: Mapped[datetime | None]
    verdict: Mapped[dict[str, Any]]
    items: Mapped[list[Any] | None]  # rules.asked.Item as lists, for rehearsals; None: not known


class ApprovalMessage(AccountOwned, Model):
    """One thing that was said about a request: a decider's question, or an answer from those who asked. Never changes."""

    __table_args__ = declared_attr.directive(
        lambda cls: wall(
            cls,
            owned_by("approval_request", account=True),
            CheckConstraint("kind IN ('question', 'answer')", name="kind_known"),
            Index(None, "approval_request_id"),
            info={"append_only": True},
        )
    )

    approval_request_id: Mapped[UUID]
    kind: Mapped[str] = mapped_column(String(10))
    content: Mapped[str] = mapped_column(Text)
    person_id: Mapped[UUID]
    person_name: Mapped[str] = mapped_column(String(200))
    realm: Mapped[str] = mapped_column(String(20))


class ApprovalProposal(AccountOwned, Model):
    """A decider's offer to approve less: lower quantities, by line. Only those who asked can accept it, and what they accept
    is asked anew, as another request with another digest.
    """

    __table_args__ = declared_attr.directive(
        lambda cls: wall(
            cls,
            owned_by("approval_request", account=True),
            PROPOSAL.check(),
            Index(
                "uq_approval_proposal_open",
                "approval_request_id",
                unique=True,
                postgresql_where=text("state = 'open'"),
            ),
            Index(None, "approval_request_id"),
        )
    )

    approval_request_id: Mapped[UUID]
    state: Mapped[str] = mapped_column(String(10), default="open")
    digest: Mapped[str] = mapped_column(String(64))  # of the ask it was made over
    quantities: Mapped[list[Any]]  # {"line_id", "title", "before", "after"}
    comment: Mapped[str] = mapped_column(Text, default="")
    person_id: Mapped[UUID]
    person_name: Mapped[str] = mapped_column(String(200))
    answered_at: Mapped[datetime | None]
    answered_by_name: Mapped[str] = mapped_column(String(200), default="")


class Calendar(TenantOwned, Versioned, Model):
    """A reseller's working days. Without a row it is Monday to Friday. `weekdays` counts Monday as 0."""

    __table_args__ = declared_attr.directive(
        lambda cls: wall(
            cls,
            UniqueConstraint("tenant_id"),
            CheckConstraint(
                "weekdays <@ '{0,1,2,3,4,5,6}' AND cardinality(weekdays) > 0", name="weekdays_known"
            ),
        )
    )

    weekdays: Mapped[list[int]] = mapped_column(ARRAY(Integer))
    holidays: Mapped[list[date]] = mapped_column(ARRAY(Date))


class Rehearsal(TenantOwned, Model):
    """A draft that is replayed over the past, by a job: how far it is, and what came out (`queries/rehearsals.py`)."""

    __table_args__ = declared_attr.directive(
        lambda cls: wall(
            cls,
            owned_by("account"),
            CheckConstraint("state IN ('running', 'done', 'failed')", name="state_known"),
            Index(None, "account_id"),
        )
    )

    account_id: Mapped[UUID | None]
    state: Mapped[str] = mapped_column(String(10), default="running")
    rules: Mapped[list[Any]]
    days: Mapped[int]
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    started_by_name: Mapped[str] = mapped_column(String(200))
    result: Mapped[dict[str, Any]] = mapped_column(default=dict)


class SavedView(TenantOwned, Model):
    """Filters of the inbox under a name of one's own. `query` is the query string of the address."""

    __table_args__ = declared_attr.directive(
        lambda cls: wall(cls, owned_by("person"), UniqueConstraint("person_id", "name"))
    )

    person_id: Mapped[UUID]
    name: Mapped[str] = mapped_column(String(60))
    query: Mapped[str] = mapped_column(String(500))
