"""The HTTP under every connector, against servers that send whatever bytes they like."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.connectors.http import LONGEST_WISH, HttpAnswer, HttpClient
from app.connectors.sandbox.client import SandboxClient
from app.core import faults
from app.domain.vendors import VendorRejected, VendorUnavailable


@contextmanager
def server(serve: Callable[[socket.socket], None]) -> Iterator[str]:
    """A listening socket whose every connection is handed to `serve` after its request was read."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.1)
    is_over = threading.Event()

    def run() -> None:
        while not is_over.is_set():
            try:
                connection, _ = listener.accept()
            except TimeoutError:
                continue
            with connection:
                connection.settimeout(5)
                try:
                    connection.recv(65536)
                    serve(connection)
                except OSError:
                    continue

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        is_over.set()
        thread.join(10)
        listener.close()


def call(url: str, method: str = "POST", seconds: float = 3.0) -> HttpAnswer:
    client = HttpClient(url, name="test", headers={}, timeout=timedelta(seconds=seconds))
    try:
        return client.call("things.make", method, ("things",), body={} if method == "POST" else None)
    finally:
        client.close()


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00\xff\xfe garbage \r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 50_000,
    ],
)
def test_whatever_bytes_come_back_the_call_is_unavailable_and_never_crashes(raw: bytes) -> None:
    with (
        server(lambda connection: connection.sendall(raw)) as url,
        pytest.raises(VendorUnavailable) as failure,
    ):
        call(url)
    assert failure.value.may_have_happened


@pytest.mark.parametrize("is_head", [True, False])
def test_one_byte_at_a_time_does_not_outlast_the_deadline(is_head: bool) -> None:
    def drip(connection: socket.socket) -> None:
        if not is_head:
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        else:
            connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        for _ in range(50):
            connection.sendall(b"x")
            time.sleep(0.1)

    started = time.monotonic()
    with server(drip) as url, pytest.raises(VendorUnavailable, match="did not answer within"):
        call(url, seconds=0.5)
    assert time.monotonic() - started < 4


def test_a_redirect_is_not_followed() -> None:
    raw = b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n"
    with server(lambda connection: connection.sendall(raw)) as url:
        assert call(url).status == 302


def test_nobody_listening_means_that_nothing_happened() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(VendorUnavailable) as failure:
        call(f"http://127.0.0.1:{port}")
    assert not failure.value.may_have_happened


def test_a_read_that_fails_never_happened() -> None:
    with server(lambda connection: None) as url, pytest.raises(VendorUnavailable) as failure:
        call(url, "GET")
    assert not failure.value.may_have_happened


def test_every_call_has_a_fault_point_before_and_after() -> None:
    reached = []
    raw = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
    names = ("vendor.test.things.make.before", "vendor.test.things.make.after")
    with (
        server(lambda connection: connection.sendall(raw)) as url,
        faults.arm(names[0], lambda: reached.append("before")),
        faults.arm(names[1], lambda: reached.append("after")),
    ):
        call(url)
    assert reached == ["before", "after"]


@pytest.mark.parametrize(
    "address", ["", "vendor.example", "ftp://vendor.example", "http://", "http://v/?a=b"]
)
def test_an_address_that_is_no_http_service_is_refused_at_start(address: str) -> None:
    with pytest.raises(ValueError, match="not the address"):
        HttpClient(address, name="test", headers={}, timeout=timedelta(seconds=1))


@given(st.text(max_size=40))
def test_retry_after_is_nonsense_or_between_nothing_and_an_hour(text: str) -> None:
    wish = HttpAnswer(429, {"retry-after": text}, b"", False).retry_after()
    assert wish is None or timedelta(0) <= wish <= LONGEST_WISH


def test_retry_after_is_read_as_seconds_or_as_a_date() -> None:
    def wish(text: str) -> timedelta | None:
        return HttpAnswer(429, {"retry-after": text}, b"", False).retry_after()

    assert wish("57") == timedelta(seconds=57)
    assert wish("999999") == LONGEST_WISH
    assert wish("-5") is None
    later = wish(format_datetime(datetime.now(UTC) + timedelta(minutes=2), usegmt=True))
    assert later is not None
    assert timedelta(minutes=1) < later <= timedelta(minutes=2)
    assert wish("Wed, 21 Oct 2015 07:28:00 GMT") == timedelta(0)


@given(st.binary(max_size=200))
def test_a_body_is_an_object_or_unavailable(body: bytes) -> None:
    with suppress(VendorUnavailable):
        assert isinstance(HttpAnswer(200, {}, body, True).json(), dict)


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"a": NaN}', b"1" * 10_000, b"\xff", b"null", b"[]"])
def test_hostile_json_is_unavailable(body: bytes) -> None:
    with pytest.raises(VendorUnavailable) as failure:
        HttpAnswer(200, {}, body, False).json()
    assert failure.value.may_have_happened


@pytest.mark.parametrize(
    ("head", "body", "expected", "may_have_happened"),
    [
        ("403 Forbidden", b'{"code": "20002", "description": "No relationship."}', VendorRejected, None),
        ("403 Forbidden", b"<h1>Blocked by the proxy</h1>", VendorUnavailable, True),
        ("404 Not Found", b"{}", VendorUnavailable, True),
        ("400 Bad Request", b'{"code": 7, "description": null}', VendorUnavailable, True),
        ("302 Found", b"", VendorUnavailable, True),
        ("503 Unavailable", b"", VendorUnavailable, True),
        ("409 Conflict", b'{"code": "800060", "description": "In progress."}', VendorUnavailable, True),
        ("409 Conflict", b'{"code": "900278", "description": "Pending."}', VendorUnavailable, False),
        ("401 Unauthorized", b"", VendorUnavailable, False),
    ],
)
def test_only_the_vendors_own_words_are_a_refusal(
    head: str, body: bytes, expected: type[Exception], may_have_happened: bool | None
) -> None:
    raw = f"HTTP/1.1 {head}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body
    with server(lambda connection: connection.sendall(raw)) as url:
        client = SandboxClient(url, "token", timedelta(seconds=3))
        with pytest.raises(expected) as failure:
            client.write("orders.create", "POST", ("orders",), key="k", body={})
        client.close()
    assert getattr(failure.value, "may_have_happened", None) is may_have_happened
