"""Sessions as rows on the server. The browser holds a random token; the row binds it to host, realm, tenant and person.

A token minted on one host is nothing on another (promise P15). The row is written after the unit of work has ended, in a
transaction of its own, so that reading a page stays read-only.
"""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask import Flask, g
from flask.sessions import SessionInterface, SessionMixin
from flask.wrappers import Request, Response
from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError, OperationalError
from werkzeug.datastructures import CallbackDict

from app.core import clock
from app.core.db import db
from app.domain.people.models import Person, ViewingPass, WebSession
from app.domain.people.rules.viewing import VIEW_LIFETIME

VIEWING = "viewing"
"""The realm of somebody of the reseller's who sees the shop as a customer: not a customer's person, and able to do nothing."""
LIFETIMES = {
    None: timedelta(days=1),
    "storefront": timedelta(days=14),
    "console": timedelta(hours=12),
    "distributor": timedelta(hours=12),
    VIEWING: VIEW_LIFETIME,
}
TOUCH_EVERY = timedelta(minutes=5)


def hash_token(token: str) -> bytes:
    """What is kept of a session's token."""
    return hashlib.sha256(token.encode()).digest()


class ServerSession(CallbackDict[str, Any], SessionMixin):
    """The session of this request: a dict for Flask, plus whose it is."""

    def __init__(self, data: dict[str, Any] | None = None, *, token: str | None = None, row: Any = None):
        def changed(_: Any) -> None:
            self.modified = True

        super().__init__(data or {}, changed)
        self.modified = False
        self.new = row is None
        self.token = token if row is not None else None
        self.row = row
        self.old_token_hash: bytes | None = None
        self.realm: str | None = row.realm if row is not None else None
        self.tenant_id: UUID | None = row.session_tenant_id if row is not None else None
        self.account_id: UUID | None = row.account_id if row is not None else None
        self.person_id: UUID | None = row.person_id if row is not None else None

    @property
    def id(self) -> bytes | None:
        return hash_token(self.token) if self.token else None

    def _rotate(self) -> None:
        self.old_token_hash = self.old_token_hash or self.id
        self.token = None
        self.modified = True

    def belong_to(self, person: Person) -> None:
        """From now on this is `person`'s session, under a new token; what an attacker may have fixed before is void."""
        self._rotate()
        self.realm, self.person_id = person.realm, person.id
        self.tenant_id, self.account_id = person.tenant_id, person.account_id

    def view_as(self, given: ViewingPass) -> None:
        """From now on, and for half an hour however much is looked at, this sees the shop as the customer of the pass."""
        self._rotate()
        self.clear()
        self.realm, self.person_id = VIEWING, given.person_id
        self.tenant_id, self.account_id = given.tenant_id, given.account_id
        self["viewing"] = {
            "at": given.instant.isoformat(),
            "quantity": given.quantity,
            "until": (clock.now() + VIEW_LIFETIME).isoformat(),
        }

    def expiry(self) -> datetime:
        """When this session ends if it is not seen again; one that views ends at its time, seen or not."""
        if self.realm == VIEWING:
            return datetime.fromisoformat(self["viewing"]["until"])
        return clock.now() + LIFETIMES[self.realm]

    def end(self) -> None:
        """Nobody's session any more: the row goes, and so does the cookie."""
        self._rotate()
        self.clear()
        self.realm = self.person_id = self.tenant_id = self.account_id = None


class ServerSessions(SessionInterface):
    """Flask's session interface on the `web_session` table. Reading happens in `kit/arrival.py`, with the host."""

    def open_session(self, app: Flask, request: Request) -> ServerSession:
        from app.web.kit.arrival import Arrival, arrive

        # The first time may meet a connection that lay in the pool while the database was started anew. Nothing was done
        # yet, and all that lay there has been thrown away, so the second time it is a fresh one.
        for _ in range(2):
            try:
                g.arrival = arrive(app, request)
                break
            except DBAPIError as error:
                db.session.remove()
                if not (error.connection_invalidated or isinstance(error, OperationalError)):
                    raise
        else:
            app.logger.error("the database did not answer %s", request.path)
            g.arrival = Arrival(session=ServerSession(), problem=503)
        return g.arrival.session

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        assert isinstance(session, ServerSession)
        if "Cookie" not in response.vary and session.accessed:
            response.vary.add("Cookie")
        if session.modified:
            self._write(app, session, response)
        elif session.row is not None and session.row.seen_at < clock.since(TOUCH_EVERY):
            with db.engine.begin() as connection:
                connection.execute(
                    WebSession.__table__.update()
                    .where(WebSession.token_hash == session.id)
                    .values(seen_at=clock.now(), expires_at=session.expiry())
                )

    def _write(self, app: Flask, session: ServerSession, response: Response) -> None:
        name = cookie_name(app)
        arrival = g.arrival
        with db.engine.begin() as connection:
            if session.old_token_hash:
                connection.execute(delete(WebSession).where(WebSession.token_hash == session.old_token_hash))
            if not session and session.person_id is None:
                if arrival.cookie:
                    response.delete_cookie(
                        name, path="/", secure=name.startswith("__Host-"), httponly=True, samesite="Lax"
                    )
                return
            if session.token is None:
                session.token = secrets.token_urlsafe(32)
            values = {
                "host": arrival.host,
                "realm": session.realm,
                "tenant_id": session.tenant_id,
                "account_id": session.account_id,
                "person_id": session.person_id,
                "data": dict(session),
                "seen_at": clock.now(),
                "expires_at": session.expiry(),
            }
            if session.row is not None and session.old_token_hash is None:
                # a session that was ended elsewhere meanwhile stays ended
                connection.execute(
                    WebSession.__table__.update().where(WebSession.token_hash == session.id).values(**values)
                )
            else:
                connection.execute(insert(WebSession).values(token_hash=session.id, **values))
        response.set_cookie(
            name, session.token, secure=name.startswith("__Host-"), httponly=True, samesite="Lax", path="/"
        )


def cookie_name(app: Flask) -> str:
    """`__Host-awning` over TLS: browsers then refuse a Domain attribute and plain http."""
    return "__Host-awning" if app.config["SETTINGS"].scheme == "https" else "awning"
