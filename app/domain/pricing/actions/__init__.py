"""What happens to price books and exchange rates. Every action runs inside a unit; only published versions price anything."""

from app.domain.pricing.actions.assigning import assign, set_default, unassign
from app.domain.pricing.actions.books import archive_book, create_book, make_book, rename_book
from app.domain.pricing.actions.drafts import add_rule, change_rule, discard_draft, draft_of, remove_rule
from app.domain.pricing.actions.guarding import accept_finding, close_finding, reopen_finding, sweep
from app.domain.pricing.actions.programs import join_program, leave_program, make_program
from app.domain.pricing.actions.promotions import (
    end_promotion,
    enter_promotion,
    enter_typed_promotion,
    import_promotions,
    pass_promotions,
)
from app.domain.pricing.actions.publishing import Notice, notice_of, publish, withdraw
from app.domain.pricing.actions.rates import end_rate, import_ecb_rates, load_ecb_rates, set_rate
from app.domain.pricing.actions.settings import choose_running_terms, choose_settings

__all__ = [
    "Notice",
    "accept_finding",
    "add_rule",
    "archive_book",
    "assign",
    "change_rule",
    "choose_running_terms",
    "choose_settings",
    "close_finding",
    "create_book",
    "discard_draft",
    "draft_of",
    "end_promotion",
    "end_rate",
    "enter_promotion",
    "enter_typed_promotion",
    "import_ecb_rates",
    "import_promotions",
    "join_program",
    "leave_program",
    "load_ecb_rates",
    "make_book",
    "make_program",
    "notice_of",
    "pass_promotions",
    "publish",
    "remove_rule",
    "rename_book",
    "reopen_finding",
    "set_default",
    "set_rate",
    "sweep",
    "unassign",
    "withdraw",
]
