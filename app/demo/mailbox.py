"""The demo's mail catcher: takes any mail by SMTP, keeps it as a file, and shows it on a small page of its own.

It never passes mail on. Nothing in the product knows of it; it stands where a mail server would. Its pages are in
`mailbox_pages`.
"""

from __future__ import annotations

import argparse
import html
import re
import secrets
import signal
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import ThreadingHTTPServer
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from app.demo.mailbox_pages import Pages

MAX_MAIL_BYTES = 20 * 1024 * 1024
_NAME = re.compile(r"[0-9]{8}T[0-9]{12}-[0-9a-f]{8}\Z")
URL = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]]")
_LIST_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Mail:
    """One kept mail: `name` is its file's, without `.eml`; `to` are the envelope's recipients."""

    name: str
    message: EmailMessage
    to: tuple[str, ...]
    received_at: datetime

    @property
    def subject(self) -> str:
        return str(self.message["subject"] or "(no subject)")

    def body(self, kind: str) -> str | None:
        """The `plain` or `html` text, or None."""
        part = self.message.get_body((kind,))
        if part is None:
            return None
        try:
            return str(part.get_content())
        except (LookupError, UnicodeError):
            return bytes(part.get_payload(decode=True) or b"").decode("utf-8", "replace")

    @property
    def links(self) -> list[str]:
        """Every web address in the text, in order; tests and people follow them."""
        return URL.findall(self.body("plain") or html.unescape(self.body("html") or ""))


class Mailbox:
    """A folder of mails, newest first. Every file appears whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        # Mails carry links that sign people in.
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def keep(self, content: bytes, to: list[str]) -> str:
        """Store a received mail; returns its name."""
        name = f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{secrets.token_hex(4)}"
        recipients = ", ".join(re.sub(r"[\r\n,]", "", address) for address in to)
        draft = self.folder / f".{name}"
        draft.write_bytes(b"X-Awning-To: " + recipients.encode() + b"\r\n" + content)
        draft.rename(self.folder / f"{name}.eml")
        return name

    def names(self) -> list[str]:
        return sorted(
            (path.stem for path in self.folder.glob("*.eml") if _NAME.match(path.stem)), reverse=True
        )

    def mails(self, to: str = "", limit: int = _LIST_LENGTH) -> list[Mail]:
        """The newest mails, those sent `to` an address if one is given."""
        found: list[Mail] = []
        for name in self.names():
            mail = self.read(name)
            if mail and (not to or to.casefold() in (address.casefold() for address in mail.to)):
                found.append(mail)
            if len(found) == limit:
                break
        return found

    def read(self, name: str) -> Mail | None:
        if not _NAME.match(name):
            return None
        try:
            content = (self.folder / f"{name}.eml").read_bytes()
        except FileNotFoundError:
            return None
        message = message_from_bytes(content, policy=policy.default)
        received_at = datetime.strptime(name[:21], "%Y%m%dT%H%M%S%f").replace(tzinfo=UTC)
        to = tuple(part.strip() for part in str(message["x-awning-to"] or "").split(",") if part.strip())
        del message["x-awning-to"]
        return Mail(name, message, to, received_at)

    def clear(self) -> None:
        for path in self.folder.glob("*.eml"):
            path.unlink(missing_ok=True)


class _Receiver:
    """aiosmtpd's handler: accepts everything, keeps everything."""

    def __init__(self, mailbox: Mailbox) -> None:
        self.mailbox = mailbox

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.mailbox.keep(bytes(envelope.original_content or b""), list(envelope.rcpt_tos))
        return "250 kept"


class _Controller(Controller):
    """aiosmtpd's controller greets itself to see that it runs; it must know which port it was given."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
        super()._trigger_server()


class MailCatcher:
    """Both servers, on the loopback address; a context manager. A port of 0 takes any free one."""

    def __init__(self, folder: Path, smtp_port: int = 0, http_port: int = 0) -> None:
        self.mailbox = Mailbox(folder)
        pages = type("MailboxPages", (Pages,), {"mailbox": self.mailbox})
        self._http = ThreadingHTTPServer(("127.0.0.1", http_port), pages)
        self._http.daemon_threads = True
        self._smtp = _Controller(
            _Receiver(self.mailbox), hostname="127.0.0.1", port=smtp_port, data_size_limit=MAX_MAIL_BYTES
        )

    @property
    def smtp_port(self) -> int:
        return int(self._smtp.port)

    @property
    def http_port(self) -> int:
        return int(self._http.server_address[1])

    def __enter__(self) -> MailCatcher:
        self._smtp.start()
        threading.Thread(target=self._http.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._smtp.stop()
        self._http.shutdown()
        self._http.server_close()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m app.demo.mailbox", description=__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="where the mails are kept")
    parser.add_argument("--smtp-port", type=int, required=True)
    parser.add_argument("--http-port", type=int, required=True)
    options = parser.parse_args()
    # Blocked, then waited for: a signal can then not arrive between a check and a sleep.
    signals = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    with MailCatcher(options.folder, options.smtp_port, options.http_port):
        signal.sigwait(signals)


if __name__ == "__main__":
    main()
