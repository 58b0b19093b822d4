"""Pages that are kept: a page of a shop that one browser has seen is given again as it was while nothing that it shows has
changed, without being made again.

A route opts in with `kept=True` at its area; nothing else is ever kept. A page is found by everything that a request says
(`READ`, the cookie included, so never by another session) and given only when one statement, asked every time, gives the
very marks under which it was made (`marks.py`): no invalidation, no time to live, nothing that could be seen late. Page and
marks are read in one snapshot of the database (`arrival.py`).
"""

import hashlib
import re
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from threading import Lock
from typing import Any

from flask import Flask, current_app, g, request
from flask.wrappers import Response
from sqlalchemy import Engine

from app.core import clock
from app.core.db import db
from app.web.kit import marks
from app.web.kit.sessions import TOUCH_EVERY

READ = (
    "HTTP_HOST", "PATH_INFO", "QUERY_STRING", "SCRIPT_NAME", "HTTP_COOKIE", "HTTP_ACCEPT_LANGUAGE",
    "HTTP_ACCEPT_ENCODING", "HTTP_HX_REQUEST", "HTTP_HX_BOOSTED", "wsgi.url_scheme",
)  # fmt: skip
"""What a kept page may read of a request. A test fails when one reads more."""
_TICKET = "awning.ticket"

Headers = list[tuple[str, str]]
Asked = tuple[str | None, ...]
Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


@dataclass(frozen=True, slots=True)
class Ticket:
    """Leave to keep the page that is being made: its marks, and how to ask for them again."""

    marks: tuple[str, str]  # the shop's and the person's
    parameters: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Page:
    """A whole answer. `etag` is empty where the answer says that nobody may store it."""

    ticket: Ticket
    cookie: str | None
    headers: Headers
    body: bytes
    etag: str

    @property
    def size(self) -> int:
        return len(self.body) + 2_000  # headers, marks and the places of the store itself, roughly


class Store:
    """Pages by what was asked, at most `most` bytes of them; who was not asked for longest goes first."""

    def __init__(self, most: int):
        self.most = most
        self.size = 0
        self._pages: OrderedDict[Asked, Page] = OrderedDict()
        self._guard = Lock()

    def get(self, asked: Asked) -> Page | None:
        """The page that was made for this, whether it still holds or not."""
        with self._guard:
            page = self._pages.get(asked)
            if page is not None:
                self._pages.move_to_end(asked)
            return page

    def put(self, asked: Asked, page: Page) -> None:
        """Keeps `page`, in the place of the one that was there."""
        if page.size > self.most // 4:
            return
        with self._guard:
            old = self._pages.pop(asked, None)
            self.size += page.size - (old.size if old else 0)
            self._pages[asked] = page
            while self.size > self.most:
                _, gone = self._pages.popitem(last=False)
                self.size -= gone.size

    def clear(self) -> None:
        with self._guard:
            self._pages.clear()
            self.size = 0


class Keeping:
    """Stands before Flask: gives a kept page that still holds, lets everything else through, keeps what may be kept."""

    def __init__(self, inner: Wsgi, engine: Callable[[], Engine], most: int):
        self.inner = inner
        self.store = Store(most)
        self._engine = engine

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] != "GET":
            return self.inner(environ, start_response)
        asked = tuple(environ.get(name) for name in READ)
        page = self.store.get(asked)
        if (
            page is not None
            and page.cookie
            == environ.get("HTTP_COOKIE")  # whatever READ may come to say: never another's page
            and self.marks_of(page.ticket) == page.ticket.marks
        ):
            return _give(page, environ, start_response)
        return self._make(asked, environ, start_response)

    def marks_of(self, ticket: Ticket) -> tuple[str, str] | None:
        """The marks at this moment; None when there is no telling. One statement, one round trip, no transaction before it."""
        now = clock.now()
        try:
            connection = self._engine().raw_connection()
        except Exception:
            return None  # the page itself will say what is the matter
        try:
            driver: Any = connection.driver_connection
            driver.autocommit = True
            found = driver.execute(
                _STILL, {**ticket.parameters, "at": now, "fresh": now - TOUCH_EVERY}
            ).fetchone()
            driver.autocommit = False
        except Exception:
            connection.invalidate()
            return None
        connection.close()
        return found or None

    def _make(
        self, asked: Asked, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        begun: list[Any] = []

        def begin(status: str, headers: Headers, exc_info: Any = None) -> Callable[[bytes], object]:
            begun[:] = [status, headers, exc_info]
            return _no_write

        environ.pop(_TICKET, None)
        answer = self.inner(environ, begin)
        status, headers, exc_info = begun
        ticket: Ticket | None = environ.pop(_TICKET, None)
        if ticket is None or any(name.lower() == "set-cookie" for name, _ in headers):
            start_response(status, headers, *([exc_info] if exc_info else []))
            return answer
        try:
            body = b"".join(answer)
        finally:
            getattr(answer, "close", lambda: None)()
        page = _page(ticket, environ.get("HTTP_COOKIE"), headers, body)
        self.store.put(asked, page)
        return _give(page, environ, start_response)


def _no_write(_: bytes) -> object:
    raise RuntimeError("our answers are iterables")


def _page(ticket: Ticket, cookie: str | None, headers: Headers, body: bytes) -> Page:
    etag = ""
    if "no-store" not in dict(headers).get("Cache-Control", ""):
        etag = f'"{hashlib.blake2b(body, digest_size=16).hexdigest()}"'
        headers = [*headers, ("ETag", etag)]
    return Page(ticket, cookie, headers, body, etag)


def _give(page: Page, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    if page.etag and environ.get("HTTP_IF_NONE_MATCH") == page.etag:
        start_response(
            "304 Not Modified", [pair for pair in page.headers if not pair[0].startswith("Content-")]
        )
        return [b""]
    start_response("200 OK", list(page.headers))
    return [page.body]


def offer(response: Response) -> Response:
    """After a request: a good answer of a route that opted in may be kept, if it was made in one snapshot with its marks."""
    arrival = g.get("arrival")
    gate = current_app.extensions["gates"].get(request.endpoint)
    if (
        gate is not None
        and gate.kept
        and request.method == "GET"
        and response.status_code == 200
        and arrival.shop_marks
        and arrival.session.row is not None
        and (arrival.turns_at is None or clock.now() < arrival.turns_at)
    ):
        request.environ[_TICKET] = Ticket((arrival.shop_marks, arrival.marks), arrival.asked)
    return response


def for_psycopg(statement: str) -> str:
    """The statement with its `:name` as psycopg's `%(name)s`."""
    return re.sub(r"(?<!:):([a-z_]+)\b", r"%(\1)s", statement)


_STILL = for_psycopg(marks.still(marks.MARKS))


def install(app: Flask, most: int) -> None:
    """Plugs the keeping in, before Flask. Not at all where `most` bytes are none."""
    app.after_request(offer)
    if most:
        engines: list[Engine] = []

        def engine() -> Engine:
            if not engines:
                with app.app_context():
                    engines.append(db.engine)
            return engines[0]

        app.extensions["keeping"] = app.wsgi_app = Keeping(app.wsgi_app, engine, most)  # type: ignore[method-assign]
