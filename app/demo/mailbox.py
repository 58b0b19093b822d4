"""The demo's mail catcher: takes any mail by SMTP, keeps it as a file, and shows it on a small page of its own.

It never passes mail on. Nothing in the product knows of it; it stands where a mail server would.
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
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

MAX_MAIL_BYTES = 20 * 1024 * 1024
_NAME = re.compile(r"[0-9]{8}T[0-9]{12}-[0-9a-f]{8}\Z")
_URL = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]]")
_LIST_LENGTH = 200

_STYLE = """
:root { color-scheme: light dark; --line: light-dark(#dcdfe5, #363b45); --soft: light-dark(#5b6472, #a4adba);
  --paper: light-dark(#fff, #1a1d23); --back: light-dark(#f5f6f8, #121418); --link: light-dark(#1f4fd1, #9bb7ff); }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 62rem; padding: 2rem 1.25rem 4rem; background: var(--back);
  font: 16px/1.55 system-ui, sans-serif; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .25rem; overflow-wrap: anywhere; }
h2 { font-size: 1rem; margin: 2rem 0 .5rem; }
p { margin: .5rem 0; } a { color: var(--link); } a:focus-visible, button:focus-visible { outline: 3px solid var(--link);
  outline-offset: 2px; } .soft { color: var(--soft); }
header { display: flex; flex-wrap: wrap; gap: 1rem; align-items: end; justify-content: space-between; margin-bottom: 1.5rem; }
ul.mails { list-style: none; margin: 0; padding: 0; background: var(--paper); border: 1px solid var(--line);
  border-radius: .625rem; overflow: hidden; } ul.mails li + li { border-top: 1px solid var(--line); }
ul.mails a { display: grid; grid-template-columns: 15rem 1fr auto; gap: 1rem; padding: .75rem 1rem; color: inherit;
  text-decoration: none; } ul.mails a:hover { background: var(--back); } ul.mails b { font-weight: 600; }
ul.mails span { overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: 5rem 1fr; gap: .25rem 1rem; margin: 1rem 0; } dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
pre, iframe, .empty { background: var(--paper); border: 1px solid var(--line); border-radius: .625rem; width: 100%; }
pre { padding: 1rem; white-space: pre-wrap; overflow-wrap: anywhere; font: .9375rem/1.6 ui-monospace, monospace; }
iframe { height: 44rem; background: #fff; } .empty { padding: 3rem 1rem; text-align: center; }
button { font: inherit; padding: .375rem .875rem; border: 1px solid var(--line); border-radius: .5rem;
  background: var(--paper); color: inherit; cursor: pointer; }
@media (max-width: 40rem) { ul.mails a { grid-template-columns: 1fr; gap: .125rem; } }
"""

# A mail's own HTML: shown as written, with no script, no frame, no form and nothing fetched from anywhere.
_MAIL_CSP = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox allow-popups allow-popups-to-escape-sandbox"
_PAGE_CSP = "default-src 'none'; style-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'"


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
        return _URL.findall(self.body("plain") or html.unescape(self.body("html") or ""))


class Mailbox:
    """A folder of mails, newest first. Every file appears whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

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

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.mailbox.keep(bytes(envelope.original_content or b""), list(envelope.rcpt_tos))
        return "250 kept"


class _Pages(BaseHTTPRequestHandler):
    mailbox: Mailbox
    server_version = "AwningMailbox"
    sys_version = ""

    def do_GET(self) -> None:
        if not self._is_local():
            return self._page(
                HTTPStatus.NOT_FOUND, "Not here", "<p>The mailbox answers on localhost only.</p>"
            )
        url = urlsplit(self.path)
        if url.path == "/":
            return self._list(parse_qs(url.query).get("to", [""])[0])
        if url.path == "/style.css":
            return self._send(HTTPStatus.OK, "text/css; charset=utf-8", _STYLE.encode())
        return self._one(url.path)

    def do_POST(self) -> None:
        same_site = self.headers.get("Origin") in (None, f"http://{self.headers.get('Host')}")
        if urlsplit(self.path).path != "/emptying" or not self._is_local() or not same_site:
            return self._page(HTTPStatus.NOT_FOUND, "Not here", "<p>There is nothing at this address.</p>")
        self.mailbox.clear()
        self.send_response(HTTPStatus.SEE_OTHER)
        self.send_header("Location", "/")
        self.send_header("Content-Length", "0")
        self.end_headers()
        return None

    def _is_local(self) -> bool:
        # A page elsewhere could point its own hostname here and read the mail.
        host = (self.headers.get("Host") or "").rpartition(":")[0]
        return host in {"localhost", "127.0.0.1"} or host.endswith(".localhost")

    def _list(self, to: str) -> None:
        mails = self.mailbox.mails(to)
        rows = "".join(
            f'<li><a href="/mail/{mail.name}"><span class="soft">{_escape(", ".join(mail.to))}</span>'
            f"<b>{_escape(mail.subject)}</b>"
            f'<time class="soft" datetime="{mail.received_at.isoformat()}">{_local(mail.received_at)}</time></a></li>'
            for mail in mails
        )
        content = (
            f'<ul class="mails">{rows}</ul>'
            if rows
            else '<p class="empty">No mail yet. This page looks again by itself.</p>'
        )
        about = (
            f'To {_escape(to)}. <a href="/">Show all</a>' if to else "Every mail that Awning sends ends here."
        )
        clear = '<form method="post" action="/emptying"><button>Delete all</button></form>' if rows else ""
        head = f"<header><div><h1>Mailbox</h1><p class=soft>{about}</p></div>{clear}</header>"
        self._page(HTTPStatus.OK, "Mailbox", head + content, refresh=True)

    def _one(self, path: str) -> None:
        match = re.fullmatch(r"/mail/([^/]+?)(/html|/source|/attachments/([0-9]{1,3}))?", path)
        mail = self.mailbox.read(match[1]) if match else None
        if match is None or mail is None:
            return self._page(
                HTTPStatus.NOT_FOUND,
                "No such mail",
                '<p>It may have been deleted. <a href="/">All mail</a></p>',
            )
        if match[2] == "/html":
            return self._mail_html(mail)
        if match[2] == "/source":
            source = (self.mailbox.folder / f"{mail.name}.eml").read_bytes().split(b"\r\n", 1)[-1]
            return self._send(HTTPStatus.OK, "text/plain; charset=utf-8", source)
        attachments = list(mail.message.iter_attachments())
        if match[3]:
            if int(match[3]) >= len(attachments):
                return self._page(
                    HTTPStatus.NOT_FOUND, "No such file", "<p>The mail has no such attachment.</p>"
                )
            return self._attachment(attachments[int(match[3])])
        return self._page(HTTPStatus.OK, mail.subject, self._mail_page(mail, attachments))

    def _mail_page(self, mail: Mail, attachments: list[EmailMessage]) -> str:
        to = ", ".join(f'<a href="/?to={quote(address)}">{_escape(address)}</a>' for address in mail.to)
        parts = [
            '<p><a href="/">All mail</a></p>',
            f"<h1>{_escape(mail.subject)}</h1>",
            f"<dl><dt>From</dt><dd>{_escape(str(mail.message['from'] or ''))}</dd><dt>To</dt><dd>{to}</dd>",
            f"<dt>Received</dt><dd>{_local(mail.received_at)}{_sent(mail)}</dd></dl>",
        ]
        if mail.body("html") is not None:
            parts.append(
                f'<iframe src="/mail/{mail.name}/html" title="The mail as its reader sees it"'
                ' sandbox="allow-popups allow-popups-to-escape-sandbox"></iframe><h2>Text version</h2>'
            )
        text = mail.body("plain")
        parts.append(f"<pre>{_with_links(text)}</pre>" if text is not None else "<p class=soft>None.</p>")
        if attachments:
            items = "".join(
                f'<li><a href="/mail/{mail.name}/attachments/{index}">{_escape(part.get_filename() or "file")}</a></li>'
                for index, part in enumerate(attachments)
            )
            parts.append(f"<h2>Attachments</h2><ul>{items}</ul>")
        parts.append(f'<p><a href="/mail/{mail.name}/source">Source</a></p>')
        return "".join(parts)

    def _mail_html(self, mail: Mail) -> None:
        body = mail.body("html")
        if body is None:
            return self._page(HTTPStatus.NOT_FOUND, "No HTML", "<p>This mail has only text.</p>")
        # Links open beside the mailbox, not inside its frame.
        base = '<base target="_blank">'
        found = re.search(r"<head[^>]*>", body, re.IGNORECASE)
        body = body[: found.end()] + base + body[found.end() :] if found else base + body
        return self._send(HTTPStatus.OK, "text/html; charset=utf-8", body.encode(), _MAIL_CSP)

    def _attachment(self, part: EmailMessage) -> None:
        name = quote(part.get_filename() or "file")
        content = bytes(part.get_payload(decode=True) or b"")
        self._send(
            HTTPStatus.OK, "application/octet-stream", content, extra=f"attachment; filename*=UTF-8''{name}"
        )

    def _page(self, status: HTTPStatus, title: str, content: str, refresh: bool = False) -> None:
        again = '<meta http-equiv="refresh" content="5">' if refresh else ""
        page = (
            '<!doctype html><html lang="en"><head><meta charset="utf-8">'
            f'<meta name="viewport" content="width=device-width, initial-scale=1">{again}<title>{_escape(title)}</title>'
            f'<link rel="stylesheet" href="/style.css"></head><body><main>{content}</main></body></html>'
        )
        self._send(status, "text/html; charset=utf-8", page.encode())

    def _send(
        self, status: HTTPStatus, kind: str, content: bytes, csp: str = _PAGE_CSP, extra: str = ""
    ) -> None:
        self.send_response(status)
        headers = {
            "Content-Type": kind,
            "Content-Length": str(len(content)),
            "Content-Security-Policy": csp,
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cache-Control": "no-store",
        }
        if extra:
            headers["Content-Disposition"] = extra
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: a page that looks again every five seconds would fill the log."""


def _escape(text: str) -> str:
    return html.escape(text, quote=True)


def _local(moment: datetime) -> str:
    return f"{moment.astimezone():%d %b %Y, %H:%M:%S}"


def _sent(mail: Mail) -> str:
    try:
        sent = parsedate_to_datetime(str(mail.message["date"])).astimezone(UTC)
    except (TypeError, ValueError):
        return ""
    delay = (mail.received_at - sent).total_seconds()
    return f" <span class=soft>(written {delay:.0f} s before)</span>" if delay >= 2 else ""


def _with_links(text: str) -> str:
    parts, end = [], 0
    for match in _URL.finditer(text):
        parts.append(_escape(text[end : match.start()]))
        parts.append(
            f'<a href="{_escape(match[0])}" target="_blank" rel="noreferrer">{_escape(match[0])}</a>'
        )
        end = match.end()
    return "".join([*parts, _escape(text[end:])])


class MailCatcher:
    """Both servers, on the loopback address; a context manager. A port of 0 takes any free one."""

    def __init__(self, folder: Path, smtp_port: int = 0, http_port: int = 0) -> None:
        self.mailbox = Mailbox(folder)
        pages = type("Pages", (_Pages,), {"mailbox": self.mailbox})
        self._http = ThreadingHTTPServer(("127.0.0.1", http_port), pages)
        self._http.daemon_threads = True
        self._smtp = Controller(
            _Receiver(self.mailbox), hostname="127.0.0.1", port=smtp_port, data_size_limit=MAX_MAIL_BYTES
        )

    @property
    def smtp_port(self) -> int:
        return int(self._smtp.server.sockets[0].getsockname()[1])  # type: ignore[union-attr]

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
