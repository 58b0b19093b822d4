"""The control endpoints under `/_control` and the form targets of the page: the dial, the clock, the journal.

For tests and demonstrations; they need a token of their own, which the vendor's API does not take.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl

from app.connectors.sandbox.vendor import page
from app.connectors.sandbox.vendor.dial import Dial, read_rule
from app.connectors.sandbox.vendor.problems import Problem, invalid
from app.connectors.sandbox.vendor.service import Service
from app.connectors.sandbox.vendor.store import keep_setting, now, put_forward, setting

_PAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """An answer of the control side."""

    status: int
    body: bytes
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)


class Control:
    """Whoever holds the control token turns failures on and off, moves the clock and reads the journal."""

    def __init__(self, service: Service, dial: Dial, token: str) -> None:
        self._service = service
        self._dial = dial
        self._token = token

    def answer(
        self, method: str, path: str, query: dict[str, str], body: bytes, authorization: str
    ) -> Outcome | None:
        """The answer, or None if there is no such address."""
        if path == "/health" and method == "GET":
            return Outcome(200, b'{"status": "ok"}')
        if path == "/style.css" and method == "GET":
            return Outcome(200, page.STYLE.encode(), "text/css; charset=utf-8")
        if not self._is_allowed(authorization):
            if path.startswith("/_control/"):
                raise Problem(401, "unauthorized", "The control token is missing or not known.")
            asks = {"WWW-Authenticate": 'Basic realm="Vendor sandbox control", charset="UTF-8"'}
            return Outcome(401, b"The password is the control token.", "text/plain; charset=utf-8", asks)
        if path == "/" and method == "GET":
            return self._page(200)
        if path in ("/dial", "/dial/reset", "/clock", "/delivery") and method == "POST":
            return self._form(path, dict(parse_qsl(body.decode("utf-8", "replace"))))
        if path.startswith("/_control/"):
            found = self._json_call(method, path.removeprefix("/_control/"), query, body)
            return None if found is None else Outcome(200, json.dumps(found).encode())
        return None

    def _is_allowed(self, authorization: str) -> bool:
        """The token as a bearer, or as the password a browser asks for."""
        scheme, _, given = authorization.partition(" ")
        if scheme == "Basic":
            try:
                given = base64.b64decode(given, validate=True).decode().partition(":")[2]
            except (binascii.Error, UnicodeDecodeError):
                return False
        elif scheme != "Bearer":
            return False
        return bool(self._token) and hmac.compare_digest(given.encode(), self._token.encode())

    def _json_call(self, method: str, name: str, query: dict[str, str], body: bytes) -> dict[str, Any] | None:
        if name == "dial" and method == "PUT":
            self._dial.turn(_read(body))
        if name == "dial" and method in ("GET", "PUT"):
            return {"rules": self._dial.rules()}
        if name == "clock" and method == "POST":
            self._move_clock(_read(body).get("advance_seconds"))
        if name == "clock" and method in ("GET", "POST"):
            with self._service.store.transaction() as db:
                return {
                    "now": now(db).isoformat(),
                    "offset_seconds": setting(db, "clock_offset_seconds", 0.0),
                }
        if name == "delivery" and method == "PUT":
            self._set_delivery(_read(body).get("seconds"))
        if name == "delivery" and method in ("GET", "PUT"):
            with self._service.store.transaction() as db:
                return {"seconds": setting(db, "delivery_seconds", self._service.delivery_seconds)}
        if name == "journal" and method == "GET":
            return self._journal(query)
        return None

    def _journal(self, query: dict[str, str]) -> dict[str, Any]:
        """Every line after `after`, and how often each client reference was really bought."""
        store = self._service.store
        lines = store.read(
            "SELECT * FROM journal WHERE number > ? AND (? = '' OR operation = ?) ORDER BY number",
            int(query.get("after", "0")) if query.get("after", "0").isdecimal() else 0,
            query.get("operation", ""),
            query.get("operation", ""),
        )
        made = store.read("SELECT client_reference, count(*) AS made FROM orders GROUP BY client_reference")
        return {
            "items": [dict(line) for line in lines],
            "orders_made": {row["client_reference"]: row["made"] for row in made},
        }

    def _form(self, path: str, form: dict[str, str]) -> Outcome:
        """A form of the page: do it, then show the page again."""
        try:
            if path == "/dial":
                self._dial.add(read_rule(_typed(form)))
            elif path == "/dial/reset":
                self._dial.turn({"rules": []})
            elif path == "/clock":
                self._move_clock(_number(form, "hours") * 3600)
            else:
                self._set_delivery(_number(form, "seconds"))
        except Problem as problem:
            return self._page(422, problem.description)
        return Outcome(303, b"", "text/plain", {"Location": "/"})

    def _page(self, status: int, problem: str = "") -> Outcome:
        text = page.render(self._service, self._dial.rules(), problem)
        return Outcome(status, text.encode(), "text/html; charset=utf-8", _PAGE_HEADERS)

    def _move_clock(self, seconds: Any) -> None:
        if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not abs(seconds) < 1e9:
            raise invalid("advance_seconds", "must be a number of seconds")
        with self._service.store.transaction() as db:
            put_forward(db, timedelta(seconds=seconds))

    def _set_delivery(self, seconds: Any) -> None:
        if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds < 1e7:
            raise invalid("seconds", "must be a number of seconds")
        with self._service.store.transaction() as db:
            keep_setting(db, "delivery_seconds", seconds)


def _read(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        raise invalid("body", "must be JSON") from None
    if not isinstance(document, dict):
        raise invalid("body", "must be an object")
    return document


def _typed(form: dict[str, str]) -> dict[str, Any]:
    """A rule from the page's form: empty fields are left to their defaults."""
    rule: dict[str, Any] = {name: form[name] for name in ("operation", "failure") if name in form}
    if form.get("times"):
        rule["times"] = int(_number(form, "times"))
    for name in ("percent", "seconds"):
        if form.get(name):
            rule[name] = _number(form, name)
    for name in ("code", "description"):
        if form.get(name):
            rule[name] = form[name]
    return rule


def _number(form: dict[str, str], name: str) -> float:
    try:
        number = float(form.get(name, ""))
    except ValueError:
        number = float("nan")
    if not abs(number) < 1e9:
        raise invalid(name, "must be a number")
    return number
