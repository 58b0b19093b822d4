"""Browsers that have signed in before. Such a browser has its own budget of attempts (`people/actions/signing_in.py`), so
that nobody else's guesses keep its owner out. It proves nothing else: the password is asked for all the same.
"""

import ipaddress
import secrets
from uuid import UUID

from flask import Response, after_this_request, current_app, g, request
from itsdangerous import BadData, URLSafeTimedSerializer

from app.domain.people.actions import Attempt
from app.domain.people.models import Person

LASTS = 365 * 24 * 3600
REMEMBERED = 4
"""So many people may share a browser; the one seen least recently is forgotten first."""


def attempt() -> Attempt:
    """Where the attempt of this request comes from."""
    nonce, people = _read()
    return Attempt(host=g.arrival.host, address=address(), device=nonce, known_people=frozenset(people))


def address() -> str:
    """The visitor's address; of an IPv6 address only the network, of which one line has billions."""
    try:
        found = ipaddress.ip_address(request.remote_addr or "")
    except ValueError:
        return "unknown"
    if isinstance(found, ipaddress.IPv6Address):
        found = found.ipv4_mapped or found
    if isinstance(found, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)


def remember(person: Person) -> None:
    """Lets this browser prove from now on that `person` has signed in with it."""
    nonce, people = _read()
    people = [person.id, *(one for one in people if one != person.id)][:REMEMBERED]
    token = _serializer().dumps([nonce or secrets.token_urlsafe(12), [one.hex for one in people]])

    @after_this_request
    def keep(response: Response) -> Response:
        if response.status_code < 400:
            secure = current_app.config["SETTINGS"].scheme == "https"
            response.set_cookie(
                _name(), token, max_age=LASTS, secure=secure, httponly=True, samesite="Lax", path="/"
            )
        return response


def _read() -> tuple[str, list[UUID]]:
    try:
        nonce, people = _serializer().loads(request.cookies.get(_name(), ""), max_age=LASTS)
        return str(nonce), [UUID(hex=one) for one in people]
    except (BadData, ValueError, TypeError):
        return "", []


def _serializer() -> URLSafeTimedSerializer:
    # the host is part of the key: a proof made on one shop's host is nothing on another
    return URLSafeTimedSerializer(
        current_app.config["SETTINGS"].derived_secret("known browsers"),
        salt=f"known browser at {g.arrival.host}",
    )


def _name() -> str:
    return "__Host-awning-known" if current_app.config["SETTINGS"].scheme == "https" else "awning-known"
