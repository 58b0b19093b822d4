"""What happens in approvals: publishing policies, asking, deciding, talking, withdrawing, expiring."""

from app.domain.approvals.actions.bulk import Chosen, NotAll, decide_all
from app.domain.approvals.actions.calendar import set_working_days
from app.domain.approvals.actions.decide import decide
from app.domain.approvals.actions.gate import Outcome, ask, lock_account, release
from app.domain.approvals.actions.policy import (
    RuleDraft,
    discard_policy_draft,
    publish_policy,
    save_policy_draft,
)
from app.domain.approvals.actions.rehearse import start_rehearsal
from app.domain.approvals.actions.standing import note_self_decision
from app.domain.approvals.actions.stop import expire, withdraw
from app.domain.approvals.actions.talk import (
    accept_less,
    answer,
    decline_less,
    offer_less,
    remind,
    remind_by_itself,
    send_back,
)
from app.domain.approvals.actions.views import remove_view, save_view

__all__ = [
    "Chosen",
    "NotAll",
    "Outcome",
    "RuleDraft",
    "accept_less",
    "answer",
    "ask",
    "decide",
    "decide_all",
    "decline_less",
    "discard_policy_draft",
    "expire",
    "lock_account",
    "note_self_decision",
    "offer_less",
    "publish_policy",
    "release",
    "remind",
    "remind_by_itself",
    "remove_view",
    "save_policy_draft",
    "save_view",
    "send_back",
    "set_working_days",
    "start_rehearsal",
    "withdraw",
]
