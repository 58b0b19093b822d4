"""The verifier's checks: quiet about a healthy database, and each of them notices what it is there for."""

from datetime import timedelta
from decimal import Decimal

import pytest

from app.core import clock
from app.core.actor import SYSTEM
from app.domain.pricing import actions
from app.domain.pricing.checks import CHECKS
from app.domain.pricing.rules.checks import RuleInput
from app.domain.pricing.rules.promotions import PromotionInput
from tests.domain.pricing.shelf import Shelf
from tests.support.database import connect

BREAKS = {
    "every published version has one rule": "DELETE FROM price_rule WHERE selector = 'default'",
    "a rule belongs to": "UPDATE price_rule SET tenant_id = NULL",
    "a version belongs to": "UPDATE price_book_version SET tenant_id = NULL",
    "nobody pays by a book": "UPDATE price_book_assignment SET tenant_id = NULL",
    "no rule of a published version is younger": "UPDATE price_rule SET created_at = now() + interval '1 day'",
    "every instant at which a version": "DELETE FROM price_turn",
    "every instant at which a rule": "UPDATE price_rule SET ends_at = ends_at + interval '1 hour'",
    "every instant at which a promotion": "UPDATE promotion SET ends_at = ends_at + interval '1 hour'",
    "every instant at which a reseller": "UPDATE program_member SET starts_at = starts_at - interval '1 hour'",
    "a promotion is about": "DELETE FROM promotion_offer",
    "a finding that is not": "UPDATE margin_finding SET unit_price = least_price",
}


def make_books(acme, in_scope):
    now = clock.now()
    with in_scope(acme):
        rules = [
            RuleInput("percent", Decimal(18)),
            RuleInput("percent", Decimal(5), starts_at=now, ends_at=now + timedelta(days=1)),
        ]
        actions.set_default(actions.make_book("Standard", "EUR", rules, by=SYSTEM), by=SYSTEM)
    with in_scope():
        shelf = Shelf()
        put = shelf.put("20", "15", vendor=0)
        wanted = PromotionInput("P:1", "Summer", Decimal(1), now, now + timedelta(days=9))
        actions.enter_promotion(put.vendor, wanted, [put.offer], by=SYSTEM)
        actions.join_program(actions.make_program(put.vendor, "Gold", by=SYSTEM), acme.id, by=SYSTEM)
    with in_scope(acme):
        book = actions.make_book("Loss", "EUR", [RuleInput("fixed", Decimal(2))], by=SYSTEM)
        actions.set_default(book, vendor_id=put.vendor, by=SYSTEM)
        assert actions.sweep("night").found == 1


def offending(in_scope) -> dict[str, list[str]]:
    with in_scope():
        return {name: found for name, check in CHECKS if (found := check())}


def test_a_healthy_database_passes(acme, in_scope):
    make_books(acme, in_scope)
    assert offending(in_scope) == {}


@pytest.mark.parametrize("name", BREAKS)
def test_each_check_notices(name, acme, in_scope, app, server):
    make_books(acme, in_scope)
    database = app.config["OWNER_DATABASE_URL"].rpartition("/")[2].partition("?")[0]
    with connect(server.sweeper_url(database)) as admin:
        admin.execute("SELECT set_config('awning.scope', 'everyone', false)")
        admin.execute("SET session_replication_role = replica")  # no triggers, no foreign keys
        admin.execute(BREAKS[name])
    assert [found for found in offending(in_scope) if found.startswith(name)]


def test_every_check_has_its_break():
    assert len(BREAKS) == len(CHECKS)
    assert all(any(check.startswith(name) for check, _ in CHECKS) for name in BREAKS)
