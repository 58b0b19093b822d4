"""The one place from which connectors open sockets: blocking HTTP with a deadline, a size cap and fault points.

Knows no vendor. It does not follow redirects, does not retry, does not read proxies from the environment, and
asks for no compression, so what it reads is what came over the wire.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, NoReturn
from urllib.parse import quote, urlencode, urlsplit

import httpcore

from app.core.faults import fault
from app.domain.vendors.ports import VendorUnavailable

LARGEST_ANSWER = 4 << 20
LONGEST_WISH = timedelta(hours=1)
_CONNECT_SECONDS = 5.0
_READS = ("GET", "HEAD")

# What certainly happened before a single byte of the request was sent.
_NEVER_SENT = (
    httpcore.ConnectError,
    httpcore.ConnectTimeout,
    httpcore.PoolTimeout,
    httpcore.UnsupportedProtocol,
)

_clock = threading.local()


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """A complete answer. Header names are in lower case; a header sent twice keeps its last value."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    is_read: bool

    def json(self) -> dict[str, Any]:
        """The body as a JSON object. Raises `VendorUnavailable` when it is anything else."""
        try:
            document = json.loads(self.body.decode("utf-8-sig"), parse_constant=_no_such_number)
        except (ValueError, RecursionError):
            self.unreadable("is not JSON")
        if not isinstance(document, dict):
            self.unreadable("is not a JSON object")
        return document

    def unreadable(self, what: str) -> NoReturn:
        """Give up on this answer: nobody can say from it what the vendor did."""
        raise VendorUnavailable(
            f"The vendor's answer (HTTP {self.status}) {what}.", not self.is_read, self.retry_after()
        )

    def retry_after(self) -> timedelta | None:
        """The Retry-After header, as seconds or as a date; None when absent or nonsense, an hour at most."""
        text = self.headers.get("retry-after", "").strip()
        if text.isascii() and text.isdigit() and len(text) < 10:
            wish = timedelta(seconds=int(text))
        else:
            try:
                at = parsedate_to_datetime(text)
                wish = at.replace(tzinfo=at.tzinfo or UTC) - datetime.now(UTC)
            except (ValueError, TypeError, OverflowError):
                return None
        return min(max(wish, timedelta(0)), LONGEST_WISH)


class HttpClient:
    """A base address, the headers every call carries, and a pool of connections. Safe to share among threads."""

    def __init__(
        self,
        base_url: str,
        *,
        name: str,
        headers: Mapping[str, str],
        timeout: timedelta,
        max_connections: int = 10,
    ) -> None:
        parts = urlsplit(base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise ValueError(f"{base_url!r} is not the address of an HTTP service")
        self.name = name
        self.timeout = timeout
        self._base_url = base_url.rstrip("/")
        self._headers = {"Accept": "application/json", "User-Agent": "Awning", **headers}
        self._pool = httpcore.ConnectionPool(
            max_connections=max_connections,
            keepalive_expiry=15.0,
            retries=0,
            network_backend=_DeadlineBackend(),
        )

    def call(
        self,
        operation: str,
        method: str,
        path: Iterable[str],
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> HttpAnswer:
        """Make one call and read its whole answer before the deadline; `path` is given in unquoted segments.

        `operation` names the two fault points around the call: `vendor.<name>.<operation>.before` and
        `.after`. Raises `VendorUnavailable`; a status of any kind is an answer, not an error.
        """
        is_read = method in _READS
        address = "/".join([self._base_url, *(quote(segment, safe="") for segment in path)])
        if query:
            address += "?" + urlencode(query)
        content = b"" if body is None else json.dumps(body).encode()
        sent = {**self._headers, **(headers or {})}
        if not is_read:
            sent |= {"Content-Type": "application/json", "Content-Length": str(len(content))}
        fault(f"vendor.{self.name}.{operation}.before")
        _clock.deadline = time.monotonic() + self.timeout.total_seconds()
        try:
            answer = self._exchange(method, address, sent, content, is_read)
        except _NEVER_SENT as error:
            raise VendorUnavailable(f"The vendor cannot be reached ({_say(error)}).", False) from error
        except (httpcore.TimeoutException, _Late) as error:
            seconds = f"{self.timeout.total_seconds():g}"
            raise VendorUnavailable(
                f"The vendor did not answer within {seconds} seconds.", not is_read
            ) from error
        except (httpcore.NetworkError, httpcore.ProtocolError) as error:
            raise VendorUnavailable(
                f"The connection to the vendor broke ({_say(error)}).", not is_read
            ) from error
        finally:
            del _clock.deadline
        fault(f"vendor.{self.name}.{operation}.after")
        return answer

    def close(self) -> None:
        """Close the idle connections."""
        self._pool.close()

    def _exchange(
        self, method: str, address: str, headers: Mapping[str, str], content: bytes, is_read: bool
    ) -> HttpAnswer:
        seconds = self.timeout.total_seconds()
        limits = {
            "connect": min(seconds, _CONNECT_SECONDS),
            "read": seconds,
            "write": seconds,
            "pool": min(seconds, _CONNECT_SECONDS),
        }
        lines = [(name.encode(), value.encode("utf-8")) for name, value in headers.items()]
        with self._pool.stream(
            method, address, headers=lines, content=content, extensions={"timeout": limits}
        ) as response:
            got = {
                name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers
            }
            read = bytearray()
            for chunk in response.iter_stream():
                read += chunk
                if len(read) > LARGEST_ANSWER:
                    raise VendorUnavailable("The vendor's answer is too long to be one.", not is_read)
            return HttpAnswer(response.status, got, bytes(read), is_read)


class _Late(Exception):
    """The deadline passed while bytes were still trickling in."""


class _DeadlineStream(httpcore.NetworkStream):
    """A stream on which no operation outlasts the deadline of the call it serves."""

    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, _left(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> Any:
        return _DeadlineStream(self._inner.start_tls(ssl_context, server_hostname, _left(timeout)))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class _DeadlineBackend(httpcore.NetworkBackend):
    """Opens streams that respect the deadline: a time-out per read does not stop one byte a second."""

    def __init__(self) -> None:
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Any = None,
    ) -> httpcore.NetworkStream:
        stream = self._inner.connect_tcp(host, port, _left(timeout), local_address, socket_options)
        return _DeadlineStream(stream)


def _left(timeout: float | None) -> float | None:
    """The time-out of one operation, cut to what is left of the call."""
    deadline = getattr(_clock, "deadline", None)
    if deadline is None:
        return timeout
    left = deadline - time.monotonic()
    if left <= 0:
        raise _Late
    return left if timeout is None else min(timeout, left)


def _no_such_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is not JSON")


def _say(error: Exception) -> str:
    return str(error) or type(error).__name__
