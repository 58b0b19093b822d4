"""The plug for `notices`: letters from plain Jinja files (`letters/`), carried by SMTP (`smtp.py`)."""

from collections.abc import Mapping
from typing import Any, Protocol

from app.connectors.mail.render import Writer
from app.connectors.mail.smtp import Carrier
from app.domain.notices.ports import Envelope, Letter, Look


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


class MailPost:
    """Implements `notices.ports.Post`."""

    def __init__(self, settings: MailSettings) -> None:
        self._settings = settings
        self._writer = Writer()
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

    def url(self, host: str, path: str) -> str:
        """The address of `path` on a host we know."""
        return self._settings.origin(host) + path

    def write(self, template: str, look: Look, context: Mapping[str, Any]) -> Letter:
        """The letter `template` with `context`."""
        return self._writer.write(template, look, context)

    def carry(self, envelope: Envelope) -> None:
        """Hands the mail to the server. Raises MailUnavailable or MailRejected."""
        self._carrier.carry(envelope)


def connect_mail(settings: MailSettings) -> MailPost:
    """The mail connector of this installation."""
    return MailPost(settings)
