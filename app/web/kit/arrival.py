"""How a request comes in: host → tenant, cookie → session → person, scope entered, gate checked, unit closed.

Unknown hosts get a plain 404 and malformed ones 400, never a default tenant. See `docs/tour.md` for the whole way.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote
from uuid import UUID

from flask import Flask, current_app, g, redirect, request, session
from flask.typing import ResponseReturnValue
from flask.wrappers import Request, Response
from sqlalchemy import select, text

from app.core import clock, events, scope, unit
from app.core.actor import Actor
from app.core.db import db
from app.core.db import session as db_session
from app.core.errors import BadRequest, Forbidden, NotFound, Unavailable
from app.core.language import mark
from app.domain.people.actors import actor_of
from app.domain.people.models import Account, Person
from app.domain.people.queries import stood_in_for
from app.domain.people.rules.viewing import may_view
from app.domain.tenants.models import Tenant, TenantHost
from app.domain.tenants.queries import Shop, shop_of
from app.domain.tenants.rules.hosts import BadHost, canonical_host
from app.web.kit import marks, remember
from app.web.kit.area import BOTH, PLATFORM, PUBLIC, SHOP, SIGNED_IN, Gate
from app.web.kit.sessions import VIEWING, ServerSession, cookie_name, hash_token

ANONYMOUS = Actor(None, "", "visitor")
ONLY_LOOKS = mark("You see the shop as a customer does, but you are not one. End that before you go on.")
READING = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Viewing:
    """The shop is seen as a customer sees it at `at`, buying `quantity` (None: as many as each offer needs at least)."""

    at: datetime
    quantity: int | None
    until: datetime


@dataclass
class Arrival:
    """What is known about a request from its host and its cookie alone; then who came and what they see."""

    host: str = ""
    side: str = ""
    problem: int = 0  # 400 malformed host, 404 unknown host, 503 no database
    tenant_id: UUID | None = None
    cookie: str = ""
    session: ServerSession = None  # type: ignore[assignment]
    shop: Shop | None = None
    person: Person | None = None
    account: Account | None = None
    actor: Actor = ANONYMOUS
    viewing: Viewing | None = (
        None  # then there is no person, and `account` is the customer as whom the shop is seen
    )
    shop_marks: str = ""  # what everything that can be seen here depends on, for everybody (`marks.py`)
    marks: str = ""  # and for this person
    turns_at: datetime | None = None  # when something of it next turns by itself
    asked: dict[str, Any] = field(default_factory=dict)  # how the marks were asked for


# Finds the session on the platform's host; for a shop's host see `marks.py`.
_FIND = text("""
    SELECT token_hash, realm, tenant_id AS session_tenant_id, account_id, person_id, data, seen_at
    FROM (SELECT CAST(:host AS text) AS host) AS asked
    LEFT JOIN web_session s ON s.token_hash = :token AND s.host = asked.host AND s.expires_at > now()
""")
_ARRIVE = text(marks.arriving(marks.MARKS))


def arrive(app: Flask, request: Request) -> Arrival:
    """Looks host and session up in one statement; never raises for what a client sent."""
    arrival = Arrival(session=ServerSession())
    try:
        arrival.host = canonical_host(request.environ.get("HTTP_HOST", ""))
    except BadHost:
        arrival.problem = 400
        return arrival
    arrival.cookie = request.cookies.get(cookie_name(app), "")[:200]
    platform = app.config["SETTINGS"].platform_host
    token = hash_token(arrival.cookie)
    if request.method in READING:
        # what one page shows is read at one moment of the database, and so are its marks
        db_session().connection(execution_options={"isolation_level": "REPEATABLE READ"})
    if arrival.host == platform:
        found = db_session().execute(_FIND, {"host": arrival.host, "token": token}).one()
        arrival.side = PLATFORM
    else:
        arrival.asked = {
            "host": arrival.host,
            "platform": platform,
            "token": token,
            "nobody": str(scope.NOBODY),
            "read_only": "on" if request.method in READING else "off",
        }
        found = db_session().execute(_ARRIVE, {**arrival.asked, "at": clock.now()}).one()
        if found.tenant_id is None:
            arrival.problem = 404
            return arrival
        arrival.side, arrival.tenant_id = SHOP, found.tenant_id
        arrival.shop_marks, arrival.marks = found.shop_marks or "", found.marks or ""
        arrival.turns_at = found.turns_at
    if found.token_hash is not None and _belongs(found, arrival):
        arrival.session = ServerSession(found.data, token=arrival.cookie, row=found)
        if found.realm == VIEWING:
            arrival.viewing = _viewing_of(arrival.session)
            # without marks nothing is kept of what is made for them, and nothing that was kept is given to them
            arrival.shop_marks = arrival.marks = ""
    return arrival


def _belongs(found: object, arrival: Arrival) -> bool:
    """A session row is good on its own side only: a shop's for that shop's tenant, a console's on the platform."""
    if found.person_id is None:  # type: ignore[attr-defined]
        return True
    if arrival.side == SHOP:
        return found.realm in ("storefront", VIEWING) and found.session_tenant_id == arrival.tenant_id  # type: ignore[attr-defined]
    return found.realm in ("console", "distributor")  # type: ignore[attr-defined]


def _viewing_of(session: ServerSession) -> Viewing:
    told = session["viewing"]
    at, until = (datetime.fromisoformat(told[name]) for name in ("at", "until"))
    return Viewing(at, told["quantity"], until)


def come_in() -> ResponseReturnValue | None:
    """Before every request: refuse strangers' hosts, enter the scope, find the person, check the gate."""
    arrival: Arrival = g.arrival
    events.come_from(request.remote_addr or "", _device(request.headers.get("User-Agent", "")))
    if arrival.problem == 400:
        raise BadRequest("The name of the host is malformed.")
    if arrival.problem == 503:
        raise Unavailable("Awning cannot reach its database.")
    if arrival.problem:
        raise NotFound()
    gate: Gate | None = current_app.extensions["gates"].get(request.endpoint)
    _enter_scope(arrival, gate)
    _recognise(arrival)
    if gate is None or gate.side not in (arrival.side, BOTH):
        if request.path == "/" and arrival.side == PLATFORM:
            home = "/distributor" if arrival.session.realm == "distributor" else "/admin"
            return redirect(home, 303)  # the one path of a shop that means something here: the way in
        raise NotFound()
    refused = _check_gate(arrival, gate)
    if refused is None and gate.max_body is not None:
        request.max_content_length = (
            gate.max_body
        )  # only for those who may: nothing of the body was read before
    return refused


def _enter_scope(arrival: Arrival, gate: Gate | None) -> None:
    read_only = request.method in READING
    if arrival.side == SHOP:
        assert arrival.tenant_id is not None
        whose = scope.Scope(arrival.tenant_id, arrival.session.account_id or scope.NOBODY)
        unit.enter(whose, read_only=read_only, is_told=True)
    elif gate is not None and gate.signs_in:
        # also for somebody who is signed in already: they may be about to come in as somebody else
        unit.enter(scope.everyone(reason="signing in to the console"), read_only=read_only)
    elif arrival.session.realm == "console":
        assert arrival.session.tenant_id is not None
        unit.enter(scope.tenant(arrival.session.tenant_id), read_only=read_only)
    elif arrival.session.realm == "distributor":
        unit.enter(scope.everyone(reason="distributor's door"), read_only=read_only)


def _recognise(arrival: Arrival) -> None:
    tenant_id = arrival.tenant_id or arrival.session.tenant_id
    person_id = arrival.session.person_id
    absent = None
    if arrival.viewing is not None:
        _recognise_viewer(arrival, arrival.viewing)
        return
    if tenant_id is not None:
        # on a page that may be kept they are not read again while their marks are the same, and nobody writes to them
        arrival.shop, arrival.person, arrival.account, absent = remember.of_the_person(
            "people", lambda: _look_up(tenant_id, person_id)
        )
    elif person_id is not None:
        arrival.person = db_session().get(Person, person_id)
    person = arrival.person
    if person_id is not None and (person is None or not person.is_active):
        arrival.person = None
        arrival.session.end()
    if arrival.person is not None:
        arrival.actor = actor_of(arrival.person, absent or ())


def _recognise_viewer(arrival: Arrival, viewing: Viewing) -> None:
    """Nobody's person, who may browse. Asks anew each time whether who came from the console may still do this."""
    session = arrival.session
    assert arrival.tenant_id is not None
    arrival.shop, staff, _, _ = _look_up(arrival.tenant_id, session.person_id)
    customer = db_session().get(Account, session.account_id)
    may = staff is not None and staff.is_active and may_view(actor_of(staff))
    if may and customer is not None and clock.now() < viewing.until:
        arrival.account = customer
        arrival.actor = Actor(
            None, "", VIEWING, tenant_id=arrival.tenant_id, permissions=frozenset({"catalog:browse"})
        )
    else:
        arrival.viewing = None
        session.end()


def _look_up(tenant_id: UUID, person_id: UUID | None) -> tuple[Shop, Person | None, Account | None, Any]:
    host = (
        select(TenantHost.host)
        .where(TenantHost.tenant_id == tenant_id, TenantHost.is_canonical)
        .scalar_subquery()
    )
    tenant, host, person, account, absent = (
        db_session()
        .execute(
            select(Tenant, host, Person, Account, stood_in_for(Person.id, Tenant.time_zone))
            .select_from(Tenant)
            .outerjoin(Person, Person.id == person_id)
            .outerjoin(Account, Account.id == Person.account_id)
            .where(Tenant.id == tenant_id)
        )
        .one()
    )
    return shop_of(tenant, host), person, account, absent


def _check_gate(arrival: Arrival, gate: Gate) -> ResponseReturnValue | None:
    if arrival.viewing is not None and not gate.viewed:
        raise Forbidden(ONLY_LOOKS)
    if gate.can == PUBLIC:
        return None
    if arrival.person is None:
        return ask_to_sign_in(arrival)
    if gate.can != SIGNED_IN and not arrival.actor.can(gate.can):
        raise Forbidden("Your role does not include this.")
    return None


def ask_to_sign_in(arrival: Arrival) -> ResponseReturnValue:
    """To the sign-in page and back. What was typed into a form is kept in the session and shown again afterwards."""
    came_for = request.full_path.rstrip("?") if request.method in READING else request.path
    if request.method == "POST" and (request.content_length or 0) < 100_000:
        typed = {k: v for k, v in request.form.items(multi=True) if k != "csrf_token" and "password" not in k}
        if sum(len(k) + len(v) for k, v in typed.items()) < 8_000:
            session["typed"] = {"path": request.path, "form": typed}
    to = ("/sign-in" if arrival.side == SHOP else "/console/sign-in") + "?next=" + quote(came_for, safe="/")
    if request.htmx and not request.htmx.boosted:  # type: ignore[attr-defined]
        return "", 401, {"HX-Redirect": to}
    return redirect(to, 303)


def leave(response: Response) -> Response:
    """After every request: commit what a good answer did, roll back what led to an error."""
    unit.close(keep=response.status_code < 400 and request.method not in READING)
    return response


def _device(agent: str) -> str:
    """The class of device that a browser says it runs on: phone, tablet, computer; anything else is a program."""
    if not agent.startswith("Mozilla/"):
        return "program"
    if "iPad" in agent or "Tablet" in agent or ("Android" in agent and "Mobile" not in agent):
        return "tablet"
    return "phone" if "Mobi" in agent else "computer"


def clean_up(_: BaseException | None) -> None:
    """Whatever happened, the session goes back."""
    events.come_from("", "")
    db.session.remove()
