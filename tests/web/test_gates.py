"""Who may use what (P16), and that nobody can tell another's things from things that do not exist (P14, C-01).

Every URL rule of the finished application is called as every role and as nobody; what must come back follows from the
rule's gate. The list of gates itself stands in `gates.txt` and is changed on purpose only:
`AWNING_WRITE_GATES=1 bin/test tests/web/test_gates.py` writes it anew.
"""

import os
import re
from decimal import Decimal
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.routing import Rule

from app.core import clock
from app.core.db import session
from app.core.ids import new_id
from app.domain.approvals import actions as approvals
from app.domain.approvals.models import ApprovalProposal, ApprovalRequest, SavedView
from app.domain.notices import actions as notices
from app.domain.people import actions as people
from app.domain.people.models import Person
from app.domain.people.queries import person as find_person
from app.domain.people.rules.roles import ROLES, permissions_of
from app.domain.pricing import actions as pricing
from app.domain.pricing.actions import importing
from app.domain.pricing.models import MarginFinding, Program
from app.domain.pricing.rules.checks import RuleInput
from app.domain.subscriptions.actions import intent_for, request_change
from app.domain.subscriptions.models import Drift, Subscription
from app.domain.subscriptions.queries import Wanted
from app.domain.tenants.models import StoredImage
from app.domain.vendors import Vendors
from app.domain.vendors.programs import request_program
from app.web.kit import area, arrival
from tests.support.fake_vendor import FakeVendor
from tests.support.shopping import Shopping, over

GATES = Path(__file__).with_name("gates.txt")

ROLES_PLAYED = {
    "a buyer": "ann",
    "an approver": "paul",
    "a billing contact": "bea",
    "sales": "sam",
    "operations": "otto",
    "finance": "finn",
    "an owner": "olivia",
    "distributor staff": "dora",
}


def _lines(app: Flask) -> list[str]:
    gates = app.extensions["gates"]
    return [
        f"{' '.join(_methods(rule)):9} {gates[rule.endpoint].side:8} {gates[rule.endpoint].can:18} {rule.rule}"
        for rule in sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, sorted(rule.methods or ())))
    ]


def _methods(rule: Rule) -> list[str]:
    return sorted((rule.methods or set()) & {"GET", "POST", "PUT", "PATCH", "DELETE"})


def test_the_gates_are_those_that_were_agreed(app):
    found = "\n".join(_lines(app)) + "\n"
    if os.environ.get("AWNING_WRITE_GATES"):
        GATES.write_text(found)
    assert found == GATES.read_text()


def test_every_role_is_played_here(seeds):
    played = {(met.realm, role) for met in map(seeds.meet, ROLES_PLAYED.values()) for role in met.roles}
    assert played == {(realm, role) for realm, roles in ROLES.items() for role in roles}


# -- every rule, every role -----------------------------------------------------------------------------------------

SAMPLES = {"uuid": str(UUID(int=1)), "int": "1", "default": "nothing", "string": "nothing", "path": "nothing"}


def _path(rule: Rule, values: dict[str, str] | None = None) -> str:
    """An address of the rule; arguments without a value get one that leads to nothing."""

    def fill(found: re.Match[str]) -> str:
        kind, _, name = found[1].rpartition(":")
        return (values or {}).get(name) or SAMPLES[kind or "default"]

    return re.sub(r"<([^>]+)>", fill, rule.rule)


def _expected(gate: area.Gate, side: str, permissions: frozenset[str] | None) -> int | None:
    """The status that the gate alone decides, or None when the view is reached."""
    if gate.side not in (side, area.BOTH):
        return 404
    if gate.can == area.PUBLIC:
        return None
    if permissions is None:
        return 303
    return None if gate.can == area.SIGNED_IN or gate.can in permissions else 403


def _wrong(app, browser, side: str, permissions: frozenset[str] | None) -> list[str]:
    """Every rule that answers this visitor otherwise than its gate says."""
    gates = app.extensions["gates"]
    wrong = []
    for rule in app.url_map.iter_rules():
        expected = _expected(gates[rule.endpoint], side, permissions)
        for method in _methods(rule):
            page = browser.open(method, _path(rule), follow=False)
            status = page.status
            if expected == 404 and rule.rule == "/" and side == "platform":
                fine = status == 303
            elif expected == 303:
                fine = status in (303, 401) and "sign-in" in (
                    page.response.headers.get("Location") or page.response.headers.get("HX-Redirect") or ""
                )
            elif expected is not None:
                fine = status == expected
            elif method == "GET":
                # the view was reached: it shows something, or there is nothing of that name
                fine = status in (200, 303, 304) or (status == 404 and bool(rule.arguments))
            else:
                # the view's side of the gate: stopped only for want of a form token
                fine = status == 400 or gates[rule.endpoint].csrf_exempt
            if not fine:
                wrong.append(f"{method} {rule.rule}: {status}, not {expected or 'the page'}")
    return wrong


@pytest.mark.parametrize("role", ROLES_PLAYED)
def test_a_role_reaches_what_its_permissions_name_and_nothing_else(app, seeds, browser_for, role):
    met = seeds.meet(ROLES_PLAYED[role])
    side = "shop" if met.realm == "storefront" else "platform"
    wrong = _wrong_as(app, browser_for, met, side)
    assert not wrong, "\n".join(wrong)


def _wrong_as(app, browser_for, met, side: str) -> list[str]:
    # signing out is one of the addresses, but a POST without its token does not do it
    return _wrong(app, browser_for(met), side, permissions_of(met.realm, met.roles))


@pytest.mark.parametrize("side", ["shop", "platform"])
def test_nobody_reaches_what_is_public_and_nothing_else(app, acme, browser_for, side):
    host = acme.host if side == "shop" else app.config["SETTINGS"].platform_host
    wrong = _wrong(app, browser_for(host=host), side, None)
    assert not wrong, "\n".join(wrong)


def test_with_the_gate_off_the_difference_shows(app, ann, browser_for, monkeypatch):
    """The mutant: a check that lets everybody through."""
    monkeypatch.setattr(arrival, "_check_gate", lambda *_: None)
    assert len(_wrong_as(app, browser_for, ann, "shop")) >= 3


@pytest.mark.parametrize("role", ["a buyer", "an owner", "distributor staff"])
def test_a_role_taken_away_is_gone_on_the_next_request(app, seeds, browser_for, in_scope, role):
    """P16: the same session, one request later."""
    met = seeds.meet(ROLES_PLAYED[role])
    browser = browser_for(met)
    with in_scope() as current:
        current.get(Person, met.id).roles = ["nothing"]
    side = "shop" if met.realm == "storefront" else "platform"
    wrong = _wrong(app, browser, side, frozenset())
    assert not wrong, "\n".join(wrong)


def test_a_route_without_a_permission_stops_the_app_from_starting():
    from flask import Flask

    app = Flask("a test", static_folder=None)
    room = area.Area("room", __name__, side=area.SHOP)
    with pytest.raises(TypeError):
        room.get("/free")(lambda: "")  # type: ignore[call-arg]
    with pytest.raises(area.Ungated):
        room.get("/free", can="nothing:known")(lambda: "")
    app.add_url_rule("/smuggled", "smuggled", lambda: "")
    with pytest.raises(area.Ungated, match="smuggled"):
        area.refuse_ungated(app)


# -- another's things -----------------------------------------------------------------------------------------------


@pytest.fixture
def theirs(app, in_scope, quill, borealis, tess, gwen, raj, worker, monkeypatch) -> dict[str, list[str]]:
    """One of everything that Globex has, by the name of the argument that it would be an address's."""
    shop = Shopping(app)
    monkeypatch.setitem(app.extensions, "vendors", Vendors({"microsoft": FakeVendor()}))
    offer = shop.offer("10.00", market="GB", currency="GBP", term="P1Y", billing_plan="annual")
    shop.policy(gwen, None, over("50", "GBP"))
    held = shop.order(tess, [(offer, 40)])
    shop.order(tess, [(offer, 1)])
    shop.fill(tess, [(offer, 2)])
    worker("orders.%")
    _subscribed(app, in_scope, tess)
    _in_a_program(in_scope, gwen, shop)
    with in_scope(gwen):
        book = pricing.make_book("Theirs", "GBP", [RuleInput("percent", Decimal(5))], by=gwen.actor)
        assignment = pricing.assign(book, account_id=quill.id, by=gwen.actor)
        draft = pricing.draft_of(book, by=gwen.actor)
        read = importing.Read("rules", (RuleInput("percent", Decimal(7)),))
        upload_id = importing.keep_upload(book, read, file_name="rules.csv", by=gwen.actor).id
        rate_id = pricing.set_rate("GBP", "USD", Decimal("1.3"), by=gwen.actor).id
        finding = MarginFinding(
            offer_id=offer, currency="GBP", quantity=1, unit_price=Decimal(1), unit_cost=Decimal(2),
            least_price=Decimal(2), reason="under_cost", cause="night", seen_at=clock.now(),
        )  # fmt: skip
        session().add(finding)
        session().flush()
        finding_id = finding.id
        approvals.save_view("Theirs", "view=all", by=gwen.actor)
        today = clock.today("Europe/London")
        delegation_id = people.delegate(raj.id, today, today, by=gwen.actor).id
        book_id, assignment_id, version = book.id, assignment.id, draft.id
        mail = notices.send("new_password", to=find_person(tess.id), link_purpose="password")
        told = notices.notify("order_placed", to=find_person(tess.id), facts={}, path="/", event_id=new_id())
        mail_id, notice_id = mail.id, told.id
    with in_scope() as current:
        waiting = current.query(ApprovalRequest).filter_by(tenant_id=gwen.tenant_id).first()
        proposal = ApprovalProposal(
            tenant_id=gwen.tenant_id, account_id=waiting.account_id, approval_request_id=waiting.id, digest="0" * 64,
            quantities=[], person_id=raj.id, person_name="Raj Patel",
        )  # fmt: skip
        current.add(proposal)
        current.flush()
        proposal_id, view_id = proposal.id, current.query(SavedView).one().id
        current.add(
            StoredImage(
                tenant_id=gwen.tenant_id, digest="ab" * 32, mime="image/png", width=1, height=1, body=b"x"
            )
        )
        ids = {
            table: [str(row[0]) for row in current.execute(_IDS[table])]
            for table in ("approval_request", "cart_line", "price_rule", "drift", "program_request")
        }
        numbers = [row[0] for table in ("order", "subscription") for row in current.execute(_IDS[table])]
        changes = [row[0] for row in current.execute(_IDS["subscription_change"])]
    assert held is not None
    assert version is not None
    return {
        "account_id": [str(quill.id), str(borealis.id)],
        "owner": [str(quill.id)],
        "person_id": [str(tess.id), str(gwen.id), str(raj.id)],
        "request_id": ids["approval_request"],
        "line_id": ids["cart_line"],
        "book_id": [str(book_id)],
        "rule_id": ids["price_rule"],
        "assignment_id": [str(assignment_id)],
        "rate_id": [str(rate_id)],
        "upload_id": [str(upload_id)],
        "finding_id": [str(finding_id)],
        "view_id": [str(view_id)],
        "proposal_id": [str(proposal_id)],
        "delegation_id": [str(delegation_id)],
        "number": numbers,
        "change_number": changes,
        "drift_id": ids["drift"],
        "program_request_id": ids["program_request"],
        "digest": ["ab" * 32],
        "mail_id": [str(mail_id)],
        "notice_id": [str(notice_id)],
    }


def _in_a_program(in_scope, gwen, shop) -> None:
    """A request of Globex's to be let into a vendor's program."""
    with in_scope() as current:
        current.add(Program(vendor_id=shop.vendor, name="Theirs"))
    with in_scope(gwen) as current:
        program = current.scalars(select(Program.id)).one()
        request_program(program, partner_number="4711", by=gwen.actor)


def _subscribed(app, in_scope, tess) -> None:
    """A change that waits and a difference with the vendor, of the subscription that Tess has."""
    with in_scope(tess) as current:
        subscription = current.scalars(select(Subscription)).one()
        wanted = Wanted("seat_change", quantity=90)
        intent = intent_for(subscription, tess.actor)
        request_change(subscription.id, wanted, intent_id=intent, by=tess.actor)
        current.add(
            Drift(
                subscription_id=subscription.id,
                aspect="quantity",
                ours="1",
                theirs="2",
                currency="GBP",
                effect_amount=Decimal(10),
                found_at=clock.now(),
                seen_at=clock.now(),
            )
        )


def _sql(statement: str):
    from sqlalchemy import text

    return text(statement)


_IDS = {
    "approval_request": _sql("SELECT id FROM approval_request"),
    "cart_line": _sql("SELECT id FROM cart_line"),
    "price_rule": _sql("SELECT id FROM price_rule"),
    "drift": _sql("SELECT id FROM drift"),
    "program_request": _sql("SELECT id FROM program_request"),
    "subscription": _sql("SELECT number FROM subscription"),
    "subscription_change": _sql("SELECT number FROM subscription_change"),
    "order": _sql('SELECT number FROM "order"'),
}

SAME_FOR_ALL = {
    "kind", "product_id", "sheet_id", "promotion_id", "program_id", "member_id", "base", "quote", "nickname", "name",
    "token", "kind_name", "position",
}  # fmt: skip
"""Arguments that name nothing of a tenant's: the catalogue is everybody's, the distributor sees all resellers, a token is
no id (`tests/web/auth/test_links.py`), everybody's mails are of the same kinds, a position is a place on a list whose owner
stands before it."""

SAME_FOR_ALL |= {"offer_id"}  # of the catalogue, too


def _random_like(value: str) -> str:
    if re.fullmatch(r"[0-9a-f]{64}", value):
        return uuid4().hex + uuid4().hex
    if "-" in value and len(value) == 36:
        return str(new_id())
    return re.sub(r"[0-9]{6}$", "987654", value)


def _bare(page, asked: str) -> list[str]:
    """Status, headers and body, without what differs at every request and without the id that was asked for."""
    body = re.sub(r'(name="csrf_token"[^>]*value=)"[^"]*"', r"\1", page.html)
    headers = sorted(
        f"{name}: {value}"
        for name, value in page.response.headers
        if name not in ("Content-Length", "Set-Cookie")
    )
    return [line.replace(asked, "…") for line in (str(page.status), *headers, *body.splitlines())]


@pytest.mark.parametrize(
    "key",
    [
        "ann",
        "olivia",
        pytest.param("paul", marks=pytest.mark.full),
        pytest.param("otto", marks=pytest.mark.full),
    ],
)
def test_anothers_id_answers_like_one_that_does_not_exist(app, seeds, browser_for, theirs, nimbus, key):
    met = seeds.meet(key)
    browser = browser_for(met)
    side = "shop" if met.realm == "storefront" else "platform"
    browser.get("/profile" if side == "shop" else "/console/profile")
    token = browser.csrf()
    own = {"account_id": str(nimbus.id)}
    tried = 0
    for rule in app.url_map.iter_rules():
        if app.extensions["gates"][rule.endpoint].side not in (side, area.BOTH):
            continue
        for name in sorted(rule.arguments - SAME_FOR_ALL):
            assert name in theirs, f"{rule.rule}: give this test one of Globex's for {name}"
            rest = {other: value for other, value in own.items() if other != name}
            for value in theirs[name]:
                random = _random_like(value)
                for method in _methods(rule):
                    answers = []
                    for asked in (value, random):
                        data = dict(token) if method == "POST" else None
                        page = browser.open(
                            method, _path(rule, rest | {name: asked}), follow=False, data=data
                        )
                        answers.append(_bare(page, asked))
                        if page.status == 303:
                            browser.get(
                                "/profile" if side == "shop" else "/console/profile"
                            )  # takes the message away
                    tried += 1
                    told_apart = [pair for pair in zip(*answers, strict=False) if pair[0] != pair[1]]
                    assert answers[0] == answers[1], (
                        f"{method} {rule.rule} tells {name} apart: {told_apart[:3]}"
                    )
                    assert page.status in (403, 404, 303) or name == "digest", (
                        f"{method} {rule.rule}: {page.status}"
                    )
    assert tried > 5


def test_a_loader_that_forgets_the_tenant_is_caught(app, browser_for, olivia, quill, monkeypatch, database):
    """The mutant of the test above: the wall down, and another's customer is shown."""
    from sqlalchemy import event

    from app.core import db as wall

    event.remove(wall.Session, "do_orm_execute", wall.keep_to_scope)
    for table in ("account", "person"):
        database.owner.execute(f'ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY')
    try:
        page = browser_for(olivia).get(f"/admin/accounts/{quill.id}/people")
        assert page.status == 200
        assert "Quill" in page.text
    finally:
        for table in ("account", "person"):
            database.owner.execute(f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY')
        event.listen(wall.Session, "do_orm_execute", wall.keep_to_scope)
