"""What notices need from outside: somebody who writes letters out, and somebody who carries them. `create_app` plugs both."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Look:
    """Whose letter it is: the shop's name and colours, already checked, as a mail client can use them.

    `profile_url` is where the reader chooses how they are told; `unsubscribe_url` carries `rules.links.MUTE`. Both are empty
    in letters that must be told.
    """

    name: str
    colour: str
    ink: str
    locale: str
    time_zone: str
    imprint: tuple[str, ...] = ()
    profile_url: str = ""
    unsubscribe_url: str = ""


@dataclass(frozen=True, slots=True)
class Words:
    """The texts of a letter in the reader's language, their placeholders not yet filled in.

    `places` are the placeholders that make a paragraph of their own.
    """

    subject: str
    body: str
    button: str
    why: str
    places: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a list in a letter: words, and an amount or an address beside them."""

    text: str
    amount: Any = None  # Money
    url: str = ""
    at: Any = None  # datetime


@dataclass(frozen=True, slots=True)
class Lines:
    """A list in a letter; `total` (Money) stands under it."""

    lines: tuple[Line, ...]
    total: Any = None


@dataclass(frozen=True, slots=True)
class Comment:
    """What somebody wrote."""

    text: str
    who: str


@dataclass(frozen=True, slots=True)
class Letter:
    """A template filled in."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Envelope:
    """A mail as it leaves. `key` is the same at every attempt, so that a second delivery can be recognised.

    `from_email` is empty for the platform's own address; `unsubscribe` is an address that takes a POST (RFC 8058).
    """

    key: UUID
    from_name: str
    to_name: str
    to_email: str
    subject: str
    text: str
    html: str
    from_email: str = ""
    reply_to: str = ""
    bcc: str = ""
    unsubscribe: str = ""


class DnsUnavailable(Exception):
    """The domain name system does not answer; nothing is known."""


class Resolver(Protocol):
    """Asks the domain name system."""

    def txt(self, name: str) -> list[str]:
        """The TXT records of `name`, each as one text; none when there are none. Raises DnsUnavailable.

        Never called inside a unit.
        """
        ...


class MailUnavailable(Exception):
    """The mail server does not answer or asks to come back; try again later."""


class MailRejected(Exception):
    """The mail server will never take this mail; the message says why. `of_recipient`: because of whom it is to."""

    def __init__(self, message: str, *, of_recipient: bool = False):
        super().__init__(message)
        self.of_recipient = of_recipient


class Post(Protocol):
    """Writes letters out and carries them."""

    @property
    def console_host(self) -> str:
        """The host of the console, for links to its people."""
        ...

    @property
    def sending_domain(self) -> str:
        """The domain mails leave from, which a reseller's SPF record has to include."""
        ...

    def url(self, host: str, path: str) -> str:
        """The address of a page: always of a host we know, never of a request's."""
        ...

    def write(self, words: Words, look: Look, facts: Mapping[str, Any]) -> Letter:
        """The letter with `words`, its placeholders filled from `facts`: texts, numbers, Money, instants, days, `Lines`,
        `Comment`. `facts["link"]` is where its button leads.
        """
        ...

    def carry(self, envelope: Envelope) -> None:
        """Hands the mail over. Raises MailUnavailable or MailRejected. Never called inside a unit."""
        ...

    def mute_token(self, person_id: UUID, group: str) -> str:
        """What the link in a mail proves: whoever has it got that person's mail. Good for muting `group`, nothing else."""
        ...

    def read_mute_token(self, token: str) -> tuple[UUID, str] | None:
        """The person and group of such a token, or None when it is none of ours."""
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


_resolver: Callable[[], Resolver] = _nobody  # type: ignore[assignment]


def plug_resolver(resolver: Callable[[], Resolver]) -> None:
    """As `plug`, for the domain name system."""
    global _resolver
    _resolver = resolver


def resolver() -> Resolver:
    """The connector of the application at hand."""
    return _resolver()
