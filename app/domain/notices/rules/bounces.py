"""Reading reports about mails that came back (RFC 3464): which mail, which address, why, and whether for good."""

import re
from dataclasses import dataclass
from email import policy
from email.message import Message
from email.parser import BytesParser
from uuid import UUID

MAX_BYTES = 1_000_000
_KEY = re.compile(r"^message-id:\s*<([0-9a-f-]{36})@", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Bounce:
    """One recipient's fate. `mail_id` is taken from the Message-ID we gave; `status` is such as `5.1.1`."""

    mail_id: UUID | None
    email: str
    status: str
    diagnosis: str
    is_permanent: bool


def read_bounces(raw: bytes) -> list[Bounce]:
    """What a report says, for each recipient; nothing for a mail that is no report, is malformed, or too large."""
    if len(raw) > MAX_BYTES:
        return []
    # compat32 reads what is malformed without raising; what a report says is checked below
    message = BytesParser(policy=policy.compat32).parsebytes(raw)
    if message.get_content_type() != "multipart/report" or not message.is_multipart():
        return []
    found = _KEY.search(_returned(message))
    mail_id = _uuid(found[1]) if found else None
    bounces = []
    for part in message.walk():
        if part.get_content_type() != "message/delivery-status" or not part.is_multipart():
            continue
        for block in part.get_payload():
            if isinstance(block, Message) and block.get("Final-Recipient"):
                bounces.append(_bounce(block, mail_id))
    return bounces


def _bounce(block: Message, mail_id: UUID | None) -> Bounce:
    status = _value(block, "Status")[:20]
    return Bounce(
        mail_id=mail_id,
        email=_value(block, "Final-Recipient").rpartition(";")[2].strip().lower()[:254],
        status=status,
        diagnosis=_value(block, "Diagnostic-Code").rpartition(";")[2].strip()[:300],
        is_permanent=_value(block, "Action").lower() == "failed" and status.startswith("5."),
    )


def _value(block: Message, name: str) -> str:
    return " ".join(str(block.get(name, "")).split())


def _returned(message: Message) -> str:
    """The head of the mail that came back, as text; empty when the report leaves it out."""
    for part in message.walk():
        kind = part.get_content_type()
        if kind == "text/rfc822-headers":
            payload = part.get_payload(decode=True)
            return payload.decode("ascii", "replace") if isinstance(payload, bytes) else ""
        if kind == "message/rfc822" and part.is_multipart():
            inner = part.get_payload()[0]
            return f"Message-ID: {inner.get('Message-ID', '')}" if isinstance(inner, Message) else ""
    return ""


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
