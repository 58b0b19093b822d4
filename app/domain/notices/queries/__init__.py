"""Reading notices, mails, a reseller's mail texts and people's choices, within the scope at hand."""

from app.domain.notices.queries.bell import BellRow, bell, sentence, unread_count, unread_of
from app.domain.notices.queries.mails import MAIL_SORTS, mail, mail_states, mails, mails_to, undelivered
from app.domain.notices.queries.preferences import Choices, choices_of, refusals
from app.domain.notices.queries.senders import proved_address, sender
from app.domain.notices.queries.templates import (
    TemplateRow,
    settings_of,
    template_rows,
    usual_words,
    wording_of,
    words_for,
)

__all__ = [
    "MAIL_SORTS",
    "BellRow",
    "Choices",
    "TemplateRow",
    "bell",
    "choices_of",
    "mail",
    "mail_states",
    "mails",
    "mails_to",
    "proved_address",
    "refusals",
    "sender",
    "sentence",
    "settings_of",
    "template_rows",
    "undelivered",
    "unread_count",
    "unread_of",
    "usual_words",
    "wording_of",
    "words_for",
]
