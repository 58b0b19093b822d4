"""What waits for a decision and is no order: a change of a subscription, or a request for an account at a vendor."""

from typing import Any
from uuid import UUID

from app.domain.cloud_accounts.queries import request_by_id
from app.domain.subscriptions.models import KINDS
from app.domain.subscriptions.queries.changes import change_detail


def subject_of(subject_type: str, subject_id: UUID) -> dict[str, Any]:
    """`change` and `cloud_request` for the page of a decision; both None for an order. At most one statement."""
    return {
        "change": change_detail(subject_id) if subject_type in KINDS else None,
        "cloud_request": request_by_id(subject_id) if subject_type == "cloud_account" else None,
    }
