"""A reseller asks for a vendor's program; the distributor decides, once, and the reseller is in it."""

import pytest
from sqlalchemy import select

from app.core.errors import Conflict, Forbidden, Invalid, NotFound
from app.domain.pricing.models import Program, ProgramMember
from app.domain.vendors.programs import decide_program_request, program_requests, request_program
from tests.support.seeding import in_scope
from tests.support.shopping import Shopping


@pytest.fixture
def program(app, dora):
    shop = Shopping(app)
    with in_scope(app) as current:
        made = Program(vendor_id=shop.vendor, name="Solution Partner")
        current.add(made)
        current.flush()
        return made.id


def ask(app, who, program, **said):
    with in_scope(app, who):
        return request_program(program, **({"partner_number": "PN 4711"} | said), by=who.actor).id


def test_approved_lets_the_reseller_in_and_once_only(app, program, olivia, gwen, dora):
    request = ask(app, olivia, program)
    with pytest.raises(Conflict, match="the distributor decides"):
        ask(app, olivia, program)
    with in_scope(app, gwen):
        assert program_requests() == []
    with in_scope(app, olivia), pytest.raises(Forbidden):
        decide_program_request(request, "approved", by=olivia.actor)
    with in_scope(app, dora):
        decide_program_request(request, "approved", reference="D-1", by=dora.actor)
    with in_scope(app, dora), pytest.raises(Conflict):
        decide_program_request(request, "refused", comment="Too late.", by=dora.actor)
    with in_scope(app) as current:
        member = current.scalars(select(ProgramMember)).one()
        assert (member.tenant_id, member.program_id) == (olivia.tenant_id, program)
    with pytest.raises(Conflict, match="in this program already"):
        ask(app, olivia, program)


def test_refused_says_why_and_lets_nobody_in(app, program, olivia, dora):
    with pytest.raises(Invalid):
        ask(app, olivia, program, partner_number=" ")
    with pytest.raises(NotFound):
        ask(app, olivia, olivia.id)
    request = ask(app, olivia, program)
    with in_scope(app, dora), pytest.raises(Invalid, match="Say why"):
        decide_program_request(request, "refused", by=dora.actor)
    with in_scope(app, dora):
        decide_program_request(request, "refused", comment="Not enough certificates.", by=dora.actor)
    with in_scope(app) as current:
        assert current.scalars(select(ProgramMember)).all() == []


def test_from_the_resellers_page_to_the_distributors_and_back(app, program, olivia, dora, sam, browser_for):
    reseller, distributor = browser_for(olivia), browser_for(dora)
    reseller.get("/admin/vendor-programs")
    reseller.follow("Ask for it")
    assert reseller.submit("Ask the distributor").status == 422
    reseller.submit("Ask the distributor", partner_number="PN 4711", note="Since March.")
    assert "Asked" in reseller.page.text
    distributor.get("/distributor/program-requests")
    distributor.follow("Solution Partner")
    assert "PN 4711" in distributor.page.text
    distributor.submit("#decision", "Approve", reference="D-1")
    assert "Nothing waits" in distributor.page.text
    assert "You are in it" in reseller.get("/admin/vendor-programs").text
    assert browser_for(sam).get("/admin/vendor-programs").status == 403
