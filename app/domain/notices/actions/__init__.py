"""What happens to notices and mails. Each is called inside a unit and commits nothing."""

from app.domain.notices.actions.bounces import note_refusal, take_bounce
from app.domain.notices.actions.preferences import choose, clear_refusal, mute
from app.domain.notices.actions.reading import mark_all_read, mark_read
from app.domain.notices.actions.senders import (
    ask_for_sender,
    give_up_sender,
    look_again,
    note_look,
    records_of,
)
from app.domain.notices.actions.sending import notify, send, send_again
from app.domain.notices.actions.summaries import summarise
from app.domain.notices.actions.templates import reset_wording, save_settings, save_wording, send_sample

__all__ = [
    "ask_for_sender",
    "choose",
    "clear_refusal",
    "give_up_sender",
    "look_again",
    "mark_all_read",
    "mark_read",
    "mute",
    "note_look",
    "note_refusal",
    "notify",
    "records_of",
    "reset_wording",
    "save_settings",
    "save_wording",
    "send",
    "send_again",
    "send_sample",
    "summarise",
    "take_bounce",
]
