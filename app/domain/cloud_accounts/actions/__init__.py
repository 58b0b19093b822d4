"""What happens with accounts at vendors: asking, completing, withdrawing. The worker's part is in `calling`."""

from app.domain.cloud_accounts.actions import approval as _subject  # noqa: F401  plugs requests into approvals
from app.domain.cloud_accounts.actions.requesting import add_details, request_account, withdraw_request

__all__ = ["add_details", "request_account", "withdraw_request"]
