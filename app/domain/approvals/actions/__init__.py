"""What happens in approvals: publishing policies, asking, deciding, withdrawing, expiring."""

from app.domain.approvals.actions.decide import decide, note_self_decision
from app.domain.approvals.actions.gate import Outcome, ask, lock_account, release
from app.domain.approvals.actions.policy import RuleDraft, publish_policy
from app.domain.approvals.actions.stop import expire, withdraw

__all__ = [
    "Outcome",
    "RuleDraft",
    "ask",
    "decide",
    "expire",
    "lock_account",
    "note_self_decision",
    "publish_policy",
    "release",
    "withdraw",
]
