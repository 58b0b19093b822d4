"""What notices need from outside: somebody who writes letters out, and somebody who carries them. `create_app` plugs both."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Look:
    """Whose letter it is: the shop's name and colours, already checked, as a mail client can use them."""

    name: str
    colour: str
    ink: str
    locale: str
    time_zone: str
    imprint: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Letter:
    """A template filled in."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Envelope:
    """A mail as it leaves. `key` is the same at every attempt, so that a second delivery can be recognised."""

    key: UUID
    from_name: str
    to_name: str
    to_email: str
    subject: str
    text: str
    html: str


class MailUnavailable(Exception):
    """The mail server does not answer or asks to come back; try again later."""


class MailRejected(Exception):
    """The mail server will never take this mail; the message says why."""


class Post(Protocol):
    """Writes letters out and carries them."""

    @property
    def console_host(self) -> str:
        """The host of the console, for links to its people."""
        ...

    def url(self, host: str, path: str) -> str:
        """The address of a page: always of a host we know, never of a request's."""
        ...

    def write(self, template: str, look: Look, context: Mapping[str, Any]) -> Letter:
        """The letter `template` with `context`."""
        ...

    def carry(self, envelope: Envelope) -> None:
        """Hands the mail over. Raises MailUnavailable or MailRejected. Never called inside a unit."""
        ...


class NotPlugged(MailUnavailable):
    """No mail connector was plugged in."""


def _nobody() -> Post:
    raise NotPlugged("no mail connector is plugged in")


_post: Callable[[], Post] = _nobody


def plug(post: Callable[[], Post]) -> None:
    """`post` answers the connector of the application at hand. Called once, by whoever installs the jobs."""
    global _post
    _post = post


def post() -> Post:
    """The connector of the application at hand."""
    return _post()
