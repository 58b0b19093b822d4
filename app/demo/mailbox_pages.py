"""The mail catcher's pages: a list, one mail, its HTML in a locked frame, its attachments and its source. No script."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote, urlsplit

if TYPE_CHECKING:
    from app.demo.mailbox import Mail, Mailbox

_STYLE = Path(__file__).with_name("mailbox.css")
_URL = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]]")
# A mail's own HTML: shown as written, with no script, no frame, no form and nothing fetched from anywhere.
_MAIL_CSP = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox allow-popups allow-popups-to-escape-sandbox"
_PAGE_CSP = "default-src 'none'; style-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"


class Pages(BaseHTTPRequestHandler):
    mailbox: Mailbox  # set by whoever starts the server
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
            return self._send(HTTPStatus.OK, "text/css; charset=utf-8", _STYLE.read_bytes())
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
            f'<meta name="viewport" content="width=device-width, initial-scale=1">{again}'
            f"<title>{_escape(title)}</title>"
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
