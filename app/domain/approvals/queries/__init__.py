"""What is read about policies, spending and requests."""

from app.domain.approvals.queries.inbox import Counts, RequestRow, inbox, waiting_counts
from app.domain.approvals.queries.policies import (
    Policies,
    PolicyInForce,
    in_force,
    policy_history,
    policy_overview,
)
from app.domain.approvals.queries.requests import (
    Decider,
    DecisionRow,
    RequestDetail,
    deciders,
    request_detail,
)
from app.domain.approvals.queries.spending import asked_in, budgets, spent_in

__all__ = [
    "Counts",
    "Decider",
    "DecisionRow",
    "Policies",
    "PolicyInForce",
    "RequestDetail",
    "RequestRow",
    "asked_in",
    "budgets",
    "deciders",
    "in_force",
    "inbox",
    "policy_history",
    "policy_overview",
    "request_detail",
    "spent_in",
    "waiting_counts",
]
