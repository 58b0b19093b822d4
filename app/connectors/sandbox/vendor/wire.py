"""The vendor on the wire: reading requests, checking tokens, sending answers, and spoiling them as the dial says.

The control endpoints and the page are in `control` and `page`.
"""

from __future__ import annotations

import hmac
import json
import select
import socket
import socketserver
import struct
import sys
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from app.connectors.sandbox.vendor.control import Control
from app.connectors.sandbox.vendor.dial import Dial, Verdict
from app.connectors.sandbox.vendor.problems import Problem, not_found, unauthorized
from app.connectors.sandbox.vendor.service import Answer, Request, Service

LARGEST_BODY = 1 << 20
SILENCE_SECONDS = 120.0
_HUGE_BYTES = 64 << 20


class VendorServer(ThreadingHTTPServer):
    """One thread a connection."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(
        self, address: tuple[str, int], service: Service, dial: Dial, token: str, control_token: str
    ) -> None:
        self.service = service
        self.dial = dial
        self.token = token
        self.control = Control(service, dial, control_token)
        super().__init__(address, Handler)

    def server_bind(self) -> None:
        """Take the port without asking the network for this machine's name."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is nothing to print about; anything else is."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    server: VendorServer
    protocol_version = "HTTP/1.1"
    server_version = "AwningSandbox/1"
    sys_version = ""
    disable_nagle_algorithm = True
    timeout = SILENCE_SECONDS

    def do_GET(self) -> None:
        self._handle()

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET

    def log_message(self, format: str, *args: Any) -> None:
        """The journal is the log."""

    def _handle(self) -> None:
        try:
            length = int(self.headers.get("Content-Length") or 0)
        except ValueError:
            length = -1
        if not 0 <= length <= LARGEST_BODY or self.headers.get("Transfer-Encoding"):
            self.close_connection = True
            self._send_problem(Problem(413, "too_large", "The body must have a length of at most 1 MiB."))
            return
        body = self.rfile.read(length)
        if len(body) < length:
            self.close_connection = True
            return
        address = urlsplit(self.path)
        try:
            if address.path.startswith("/v1/"):
                self._vendor_call(address.path, dict(parse_qsl(address.query)), body)
            else:
                self._control_call(address.path, dict(parse_qsl(address.query)), body)
        except Problem as problem:
            self._send_problem(problem)

    def _vendor_call(self, path: str, query: dict[str, str], body: bytes) -> None:
        given = self.headers.get("Authorization", "")
        if not hmac.compare_digest(given.encode("utf-8", "replace"), f"Bearer {self.server.token}".encode()):
            raise unauthorized()
        service = self.server.service
        operation, ids = service.route(self.command, path)
        request = Request(
            self.command,
            path,
            query,
            body,
            self.headers.get("Idempotency-Key", ""),
            self.headers.get("If-Match"),
        )
        verdict = self.server.dial.draw(operation)
        if verdict.pause:
            time.sleep(verdict.pause)
        if self._spoilt_before(operation, request, verdict):
            return
        answer = service.serve(operation, ids.get("id", ""), request, verdict)
        if verdict.fails("duplicate"):
            answer = service.serve(operation, ids.get("id", ""), request, verdict)
        self._spoilt_after(answer, verdict)

    def _spoilt_before(self, operation: str, request: Request, verdict: Verdict) -> bool:
        """Failures that keep the work from being done. True if the call is over."""
        rule = verdict.rule
        if rule is None:
            return False
        if rule.failure == "cut_before":
            self._cut()
            return True
        if rule.failure == "throttle":
            seconds = max(1, round(rule.seconds))
            body = {"code": "429", "description": f"Rate limit is exceeded. Try again in {seconds} seconds."}
            self._send(429, body, {"Retry-After": str(seconds)})
            return True
        if rule.failure == "error":
            raise Problem(rule.status, "internal", "Something went wrong on our side.")
        if rule.failure == "reject":
            refusal = Problem(400, rule.code, rule.description)
            self.server.service.note_refusal(operation, request, refusal)
            raise refusal
        return False

    def _spoilt_after(self, answer: Answer, verdict: Verdict) -> None:
        """Send the answer, or what the dial made of it."""
        headers = {"Idempotency-Replayed": "true"} if answer.is_replayed else {}
        if "etag" in answer.body:
            headers["ETag"] = answer.body["etag"]
        if verdict.fails("timeout"):
            self._say_nothing()
        elif verdict.fails("cut"):
            self._cut()
        elif verdict.rule is not None and verdict.fails("error_after"):
            raise Problem(verdict.rule.status, "internal", "Something went wrong on our side.")
        elif verdict.fails("garbage"):
            page = b"<!doctype html><title>Sign in</title><h1>Please sign in to the network</h1>"
            self._send_bytes(200, page, "text/html; charset=utf-8")
        elif verdict.fails("truncated"):
            self._send_piecemeal(json.dumps(answer.body).encode(), is_whole=False)
        elif verdict.fails("drip"):
            self._send_piecemeal(json.dumps(answer.body).encode(), pause=1.0)
        elif verdict.fails("huge"):
            self._send_huge()
        else:
            self._send(answer.status, answer.body, headers)

    def _control_call(self, path: str, query: dict[str, str], body: bytes) -> None:
        origin = self.headers.get("Origin")
        if origin is not None and urlsplit(origin).netloc != self.headers.get("Host"):
            raise Problem(403, "foreign_origin", "This form was sent from another site.")
        outcome = self.server.control.answer(
            self.command, path, query, body, self.headers.get("Authorization", "")
        )
        if outcome is None:
            raise not_found("such address")
        self._send_bytes(outcome.status, outcome.body, outcome.content_type, outcome.headers)

    def _send_problem(self, problem: Problem) -> None:
        self._send(problem.status, problem.body(), {})

    def _send(self, status: int, body: dict[str, Any], headers: dict[str, str]) -> None:
        self._send_bytes(status, json.dumps(body).encode(), "application/json", headers)

    def _send_bytes(
        self, status: int, body: bytes, content_type: str, headers: dict[str, str] | None = None
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _send_piecemeal(self, body: bytes, *, is_whole: bool = True, pause: float = 0.0) -> None:
        """Byte by byte, or only the first half and then nothing."""
        self.close_connection = True
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if not is_whole:
            self.wfile.write(body[: len(body) // 2])
            return
        with suppress(OSError):
            for byte in body:
                self.wfile.write(bytes([byte]))
                time.sleep(pause)

    def _send_huge(self) -> None:
        """More than anyone should read: 64 MiB of blanks."""
        self.close_connection = True
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        with suppress(OSError):
            for _ in range(_HUGE_BYTES >> 16):
                self.wfile.write(b" " * (1 << 16))

    def _say_nothing(self) -> None:
        """Hold the connection until the client gives up, or two minutes."""
        self.close_connection = True
        until = time.monotonic() + SILENCE_SECONDS
        with suppress(OSError):
            while time.monotonic() < until:
                if select.select([self.connection], [], [], 0.5)[0] and not self.connection.recv(1):
                    return

    def _cut(self) -> None:
        """Close at once with a reset, as a machine that died would."""
        self.close_connection = True
        with suppress(OSError):
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
