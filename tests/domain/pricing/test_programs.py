"""Books for resellers in a vendor's program: who is in, since when, and that nobody else even reads the book."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text

from app.core import clock
from app.core.errors import Conflict, Invalid
from app.domain.pricing import actions
from app.domain.pricing.queries import quotes
from app.domain.pricing.rules.checks import RuleInput

NOW = datetime(2026, 7, 1, tzinfo=UTC)
D = Decimal


@pytest.fixture
def gold(in_scope, acme, globex, dora, shelf):
    """A program of vendor 0's for which resellers pay 5 % less; Acme is in it, Globex is not."""
    with in_scope(), clock.at(NOW):
        put = shelf.put()
        actions.set_rate("EUR", "GBP", D(1), by=dora.actor)
        program = actions.make_program(put.vendor, "Gold", by=dora.actor)
        book = actions.make_book("Gold", "EUR", [RuleInput("percent", D(-5))], by=dora.actor)
        actions.assign(book, program_id=program.id, by=dora.actor)
        actions.join_program(program, acme.id, by=dora.actor)
        return put, program.id, book.id


def cost(in_scope, whose, put, at=NOW):
    with in_scope(whose):
        return quotes([(put.offer, 1)], account_id=None, instant=at)[put.offer].unit_cycle_cost


def test_who_is_in_the_program_pays_by_its_book(in_scope, acme, globex, gold):
    assert cost(in_scope, acme, gold[0]) == D("9.50")
    assert cost(in_scope, globex, gold[0]) == D("10.00")


def test_who_is_not_does_not_read_its_book(in_scope, acme, globex, gold):
    for whose, count in ((acme, 1), (globex, 0)):
        with in_scope(whose) as session:
            for table in ("price_book", "price_book_version", "price_rule", "price_book_assignment"):
                assert session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() == count, table


def test_a_resellers_own_book_goes_before_its_programs(in_scope, acme, dora, gold):
    with in_scope(), clock.at(NOW):
        book = actions.make_book("Acme", "EUR", [RuleInput("percent", D(-7))], by=dora.actor)
        actions.assign(book, for_tenant_id=acme.id, by=dora.actor)
    assert cost(in_scope, acme, gold[0]) == D("9.30")


def test_another_program_of_the_vendors_takes_its_place_and_leaving_ends_it(in_scope, acme, dora, gold):
    from app.domain.pricing.models import Program, ProgramMember

    put, program_id, _ = gold
    later = NOW + timedelta(days=1)
    with in_scope() as session, clock.at(later):
        silver = actions.make_program(put.vendor, "Silver", by=dora.actor)
        with pytest.raises(Invalid):
            actions.make_program(put.vendor, " Silver ", by=dora.actor)
        member = actions.join_program(silver, acme.id, by=dora.actor)
        with pytest.raises(Conflict):
            actions.join_program(silver, acme.id, by=dora.actor)
        assert [m.ends_at for m in session.query(ProgramMember).order_by(ProgramMember.starts_at)] == [
            later,
            None,
        ]
        actions.leave_program(member, by=dora.actor)
        assert session.get_one(Program, program_id).name == "Gold"
    assert cost(in_scope, acme, put, later - timedelta(microseconds=1)) == D("9.50")
    assert cost(in_scope, acme, put, later) == D("10.00")


def test_a_program_brings_its_vendor_and_nothing_else(in_scope, acme, dora, gold):
    from app.domain.pricing.models import PriceBook

    put, program_id, book_id = gold
    with in_scope() as session, clock.at(NOW):
        book = session.get_one(PriceBook, book_id)
        with pytest.raises(Invalid):
            actions.assign(book, program_id=program_id, for_tenant_id=acme.id, by=dora.actor)
    with in_scope(acme), clock.at(NOW):
        own = actions.make_book("Own", "EUR", [RuleInput("inherit")], by=dora.actor)
        with pytest.raises(Invalid):
            actions.assign(own, program_id=program_id, by=dora.actor)
        with pytest.raises(Conflict):
            actions.make_program(put.vendor, "Mine", by=dora.actor)


def test_a_rounding_can_differ_by_currency(in_scope, acme, nimbus, dora, shelf):
    with in_scope(), clock.at(NOW):
        put = shelf.put("10.13")
        actions.set_rate("EUR", "CHF", D("0.9"), by=dora.actor)
    with in_scope(acme) as session, clock.at(NOW):
        rules = [RuleInput("inherit", rounding=".99", roundings={"CHF": "0.05"})]
        actions.set_default(actions.make_book("Round", "EUR", rules, by=dora.actor), by=dora.actor)
        first = quotes([(put.offer, 1)], account_id=None)[put.offer]
        session.execute(text("UPDATE account SET currency = 'CHF'"))
        second = quotes([(put.offer, 1)], account_id=nimbus.id)[put.offer]
    assert (first.unit_cycle_price, second.unit_cycle_price) == (D("9.99"), D("9.10"))
