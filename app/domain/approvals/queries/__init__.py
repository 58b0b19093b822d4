"""What is read about policies, spending and requests."""

from app.domain.approvals.queries.calendars import calendar_of_shop, working_calendar
from app.domain.approvals.queries.file import RequestFile, request_file
from app.domain.approvals.queries.inbox import Counts, Narrow, RequestRow, inbox, waiting_counts
from app.domain.approvals.queries.policies import (
    Policies,
    PolicyDraft,
    PolicyInForce,
    in_force,
    policy_draft,
    policy_history,
    policy_overview,
    policy_version,
)
from app.domain.approvals.queries.rehearsals import latest_rehearsal
from app.domain.approvals.queries.report import answered, report
from app.domain.approvals.queries.requests import (
    Decider,
    DecisionRow,
    RequestDetail,
    deciders,
    request_detail,
)
from app.domain.approvals.queries.spending import asked_in, budgets, spent_in
from app.domain.approvals.queries.views import views_of

__all__ = [
    "Counts",
    "Decider",
    "DecisionRow",
    "Narrow",
    "Policies",
    "PolicyDraft",
    "PolicyInForce",
    "RequestDetail",
    "RequestFile",
    "RequestRow",
    "answered",
    "asked_in",
    "budgets",
    "calendar_of_shop",
    "deciders",
    "in_force",
    "inbox",
    "latest_rehearsal",
    "policy_draft",
    "policy_history",
    "policy_overview",
    "policy_version",
    "report",
    "request_detail",
    "request_file",
    "spent_in",
    "views_of",
    "waiting_counts",
    "working_calendar",
]
