"""What happens to notices and mails. Each is called inside a unit and commits nothing."""

from app.domain.notices.actions.bounces import note_refusal, take_bounce
from app.domain.notices.actions.preferences import choose, clear_refusal, mute
from app.domain.notices.actions.reading import mark_all_read, mark_read
from app.domain.notices.actions.sending import notify, send, send_again
from app.domain.notices.actions.summaries import summarise
from app.domain.notices.actions.templates import reset_wording, save_settings, save_wording, send_sample

__all__ = [
    "choose",
    "clear_refusal",
    "mark_all_read",
    "mark_read",
    "mute",
    "note_refusal",
    "notify",
    "reset_wording",
    "save_settings",
    "save_wording",
    "send",
    "send_again",
    "send_sample",
    "summarise",
    "take_bounce",
]
