"""The plug for `notices`: letters in our own frame (`letters/`, `render.py`), carried by SMTP (`smtp.py`)."""

from collections.abc import Mapping
from email.utils import parseaddr
from typing import Any, Protocol
from uuid import UUID

from itsdangerous import BadSignature, URLSafeSerializer

from app.connectors.mail.render import Writer
from app.connectors.mail.smtp import Carrier
from app.domain.notices.ports import Envelope, Letter, Look, Words


class MailSettings(Protocol):
    """The settings that mail needs; plain values."""

    @property
    def platform_host(self) -> str: ...

    @property
    def smtp_host(self) -> str: ...

    @property
    def smtp_port(self) -> int: ...

    @property
    def smtp_user(self) -> str | None: ...

    @property
    def smtp_password(self) -> str | None: ...

    @property
    def smtp_starttls(self) -> bool: ...

    @property
    def mail_from(self) -> str: ...

    def origin(self, host: str) -> str: ...

    def derived_secret(self, purpose: str) -> str: ...


class MailPost:
    """Implements `notices.ports.Post`."""

    def __init__(self, settings: MailSettings) -> None:
        self._settings = settings
        self._writer = Writer()
        self._signer = URLSafeSerializer(settings.derived_secret("muting mails"))
        self._carrier = Carrier(
            host=settings.smtp_host,
            port=settings.smtp_port,
            user=settings.smtp_user,
            password=settings.smtp_password,
            starttls=settings.smtp_starttls,
            sender=settings.mail_from,
        )

    @property
    def console_host(self) -> str:
        return self._settings.platform_host

    @property
    def sending_domain(self) -> str:
        return parseaddr(self._settings.mail_from)[1].rpartition("@")[2]

    def url(self, host: str, path: str) -> str:
        """The address of `path` on a host we know."""
        return self._settings.origin(host) + path

    def write(self, words: Words, look: Look, facts: Mapping[str, Any]) -> Letter:
        """The letter with its placeholders filled in."""
        return self._writer.write(words, look, facts)

    def carry(self, envelope: Envelope) -> None:
        """Hands the mail to the server. Raises MailUnavailable or MailRejected."""
        self._carrier.carry(envelope)

    def mute_token(self, person_id: UUID, group: str) -> str:
        """Signed, not stored: the same for every mail of this group to this person."""
        return str(self._signer.dumps([person_id.hex, group]))

    def read_mute_token(self, token: str) -> tuple[UUID, str] | None:
        """Whose it is, when we signed it."""
        try:
            person, group = self._signer.loads(token[:500])
            return UUID(person), str(group)
        except (BadSignature, ValueError, TypeError, AttributeError):
            return None


def connect_mail(settings: MailSettings) -> MailPost:
    """The mail connector of this installation."""
    return MailPost(settings)
