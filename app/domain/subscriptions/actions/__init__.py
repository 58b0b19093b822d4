"""What happens to subscriptions: they begin with a provisioned order line, are changed, renewed, and compared with the vendor."""

from app.domain.subscriptions.actions import approval as _subject  # noqa: F401  plugs changes into approvals
from app.domain.subscriptions.actions.beginning import activate, begin, give_up
from app.domain.subscriptions.actions.requesting import intent_for, request_change, withdraw_change

__all__ = ["activate", "begin", "give_up", "intent_for", "request_change", "withdraw_change"]
