"""What happens to subscriptions: they begin with a provisioned order line, are changed, renewed, and compared with the vendor."""

from app.domain.subscriptions.actions import approval as _subject  # noqa: F401  plugs changes into approvals
from app.domain.subscriptions.actions.beginning import activate, begin, give_up
from app.domain.subscriptions.actions.requesting import intent_for, request_change, withdraw_change
from app.domain.subscriptions.queries import running as _running  # noqa: F401  tells pricing what runs

__all__ = ["activate", "begin", "give_up", "intent_for", "request_change", "withdraw_change"]
