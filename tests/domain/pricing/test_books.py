"""Making and publishing books: what is refused and how it is told, and that what is published stays as it is."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from app.core import clock
from app.core.actor import SYSTEM
from app.core.errors import Conflict, Invalid, NotFound
from app.core.events import timeline
from app.domain.pricing import actions
from app.domain.pricing.models import PriceBook, PriceBookVersion, PriceRule
from app.domain.pricing.queries import (
    assignments_of,
    book,
    books,
    books_of_account,
    defaults,
    rules_with_names,
    versions_of,
)
from app.domain.pricing.rules.checks import RuleInput, read_rule
from tests.support.database import connect

D = Decimal


def percent(value, **more):
    return RuleInput("percent", D(value), **more)


# -- what may be typed ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"kind": "fixed", "value": "-1"}, "value", "negative"),
        ({"kind": "fixed", "value": "1.123456789"}, "value", "eight digits"),
        ({"kind": "fixed", "value": "1_000"}, "value", "plain number"),
        ({"kind": "fixed", "value": "٣"}, "value", "plain number"),
        ({"kind": "fixed", "value": "1e9"}, "value", "plain number"),
        ({"kind": "fixed", "value": "NaN"}, "value", "plain number"),
        ({"kind": "fixed", "value": ""}, "value", "Enter a number"),
        ({"kind": "margin", "value": "100"}, "value", "under 100"),
        ({"kind": "margin", "value": "-100"}, "value", "from 0"),
        ({"kind": "percent", "value": "-100"}, "value", "above -100"),
        ({"kind": "list_minus", "value": "100"}, "value", "under 100"),
        ({"kind": "list_minus", "value": "-5"}, "value", "from 0"),
        ({"kind": "split", "value": "101"}, "value", "from 0 to 100"),
        ({"kind": "inherit", "value": "1"}, "value", "no number"),
        ({"kind": "gift", "value": "1"}, "kind", "Choose"),
        ({"kind": "percent", "value": "1", "min_quantity": "0"}, "min_quantity", "from 1"),
        ({"kind": "percent", "value": "1", "min_quantity": "9" * 5000}, "min_quantity", "from 1"),
        ({"kind": "percent", "value": "1", "min_quantity": "²"}, "min_quantity", "from 1"),
        ({"kind": "percent", "value": "1", "selector": "offer"}, "target_id", "Choose the offer"),
        ({"kind": "percent", "value": "1", "target_id": "x"}, "target_id", "list"),
        ({"kind": "percent", "value": "1", "starts_at": "2026-12-01"}, "starts_at", "date and a time"),
        ({"kind": "percent", "value": "1", "starts_at": "2026-12-02T00:00Z", "ends_at": "2026-12-02T00:00Z"}, "ends_at", "after"),
        ({"kind": "percent", "value": "1", "floor": "margin", "floor_value": "100"}, "floor_value", "under 100"),
        ({"kind": "percent", "value": "1", "floor": "cost", "floor_value": "1"}, "floor_value", "no number"),
        ({"kind": "percent", "value": "1", "rounding": ".42"}, "rounding", "Choose"),
    ],
)  # fmt: skip
def test_what_cannot_be_taken_is_told_at_its_field(typed, field, words):
    with pytest.raises(Invalid) as wrong:
        read_rule(typed)
    assert words in wrong.value.errors[field]


def test_a_rule_is_read_as_it_was_typed():
    target = uuid4()
    rule = read_rule(
        {"kind": "list_minus", "value": " 5.5 ", "selector": "product", "target_id": str(target), "min_quantity": "25",
         "starts_at": "2026-12-01T00:00+01:00", "floor": "cost", "rounding": ".99", "is_capped": "on"}
    )  # fmt: skip
    assert (rule.value, rule.target_id, rule.min_quantity, rule.is_capped) == (D("5.5"), target, 25, True)


@pytest.mark.parametrize(
    ("currency", "words"),
    [("HRK", "taken by EUR"), ("BGN", "taken by EUR"), ("XXX", "not a currency"), ("eur", "not")],
)
def test_a_book_is_in_a_currency_that_is_money_today(currency, words, acme, in_scope):
    with in_scope(acme), pytest.raises(Invalid) as wrong:
        actions.create_book("Standard", currency, by=SYSTEM)
    assert words in wrong.value.errors["currency"]


def test_a_books_name_is_its_owners_only_one(acme, globex, in_scope):
    with in_scope():
        actions.create_book("Standard", "EUR", by=SYSTEM)
    with in_scope(acme):
        actions.create_book("Standard", "EUR", by=SYSTEM)
    with in_scope(globex):
        actions.create_book("Standard", "GBP", by=SYSTEM)
        with pytest.raises(Invalid) as wrong:
            actions.create_book(" Standard ", "GBP", by=SYSTEM)
        assert "name" in wrong.value.errors


def test_two_rules_that_could_apply_alike_are_refused_naming_both(acme, shelf, in_scope):
    with in_scope():
        put = shelf.put()
    now = clock.now()
    with in_scope(acme):
        version = actions.draft_of(actions.create_book("Standard", "EUR", by=SYSTEM), by=SYSTEM)

        def add(value, start=None, end=None, quantity=1):
            window = [None if day is None else now + timedelta(days=day) for day in (start, end)]
            return actions.add_rule(
                version,
                RuleInput("percent", D(value), "product", put.product, quantity, window[0], window[1]),
                by=SYSTEM,
            )

        add(10)
        with pytest.raises(Invalid) as wrong:
            add(12)
        assert "“cost plus 12 %”" in wrong.value.errors[""]
        assert "“cost plus 10 %”" in wrong.value.errors[""]
        add(12, quantity=10)
        first = add(5, 1, 5)
        for window in [(0, 2), (4, 9), (2, 3), (0, 9), (None, 2), (4, None), (None, 9)]:
            with pytest.raises(Invalid, match="just as well"):
                add(6, *window)
        add(6, 5, 7)  # half-open: they touch
        add(7, None, 1)
        with pytest.raises(Invalid, match="just as well"):
            actions.change_rule(
                first,
                RuleInput(
                    "percent", D(5), "product", put.product, 1, first.starts_at, now + timedelta(days=6)
                ),
                by=SYSTEM,
            )


def test_the_database_itself_refuses_two_rules_that_could_apply_alike(acme, in_scope):
    now = clock.now()
    with in_scope(acme) as session:
        version = actions.draft_of(actions.create_book("Standard", "EUR", by=SYSTEM), by=SYSTEM)
        plain = {
            "version_id": version.id,
            "book_id": version.book_id,
            "tenant_id": acme.id,
            "kind": "inherit",
        }
        for window in ({}, {"starts_at": now, "ends_at": now + timedelta(days=2)}):
            row = plain | {"selector": "default"} | window
            if window:
                session.execute(insert(PriceRule), [row])
                row["starts_at"] += timedelta(days=1)
            with (
                pytest.raises(DBAPIError, match=r"one_lasting_rule|one_rule_at_a_time"),
                session.begin_nested(),
            ):
                session.execute(insert(PriceRule), [row])


def test_the_default_rule_can_change_but_not_go(acme, in_scope):
    with in_scope(acme):
        version = actions.draft_of(actions.create_book("Standard", "EUR", by=SYSTEM), by=SYSTEM)
        rule = rules_with_names(version)[0].rule
        actions.change_rule(rule, percent(18), by=SYSTEM)
        with pytest.raises(Conflict):
            actions.remove_rule(rule, by=SYSTEM)
        with pytest.raises(Invalid):
            actions.change_rule(rule, percent(18, min_quantity=5), by=SYSTEM)


def test_rules_are_for_things_that_exist(acme, in_scope):
    with in_scope(acme):
        version = actions.draft_of(actions.create_book("Standard", "EUR", by=SYSTEM), by=SYSTEM)
        for selector in ("offer", "product", "family", "category", "vendor"):
            with pytest.raises(Invalid) as wrong:
                actions.add_rule(version, RuleInput("fixed", D(1), selector, uuid4()), by=SYSTEM)
            assert "target_id" in wrong.value.errors


# -- versions ---------------------------------------------------------------------------------------------------------


def test_a_new_draft_starts_from_what_was_published_last(acme, shelf, in_scope):
    with in_scope():
        put = shelf.put()
    with in_scope(acme):
        book = actions.make_book(
            "Standard",
            "EUR",
            [percent(18), RuleInput("fixed", D("9.99"), "offer", put.offer, rounding=".99", floor="cost")],
            by=SYSTEM,
        )
        draft = actions.draft_of(book, by=SYSTEM)
        assert actions.draft_of(book, by=SYSTEM) is draft
        lines = rules_with_names(draft)
        assert [(line.rule.kind, line.rule.value, line.rule.floor, line.target) for line in lines] == [
            ("fixed", D("9.99"), "cost", "Product 1, 1 month, billed monthly"),
            ("percent", D(18), "none", ""),
        ]
        assert [state for _, state in versions_of(book)] == ["draft", "live"]
        actions.discard_draft(draft, by=SYSTEM)
        assert [state for _, state in versions_of(book)] == ["live"]


def test_versions_say_what_state_they_are_in(acme, in_scope):
    with in_scope(acme):
        book = actions.make_book("Standard", "EUR", [percent(1)], by=SYSTEM)
        later = clock.now() + timedelta(days=1)
        actions.publish(actions.draft_of(book, by=SYSTEM), by=SYSTEM)
        actions.publish(actions.draft_of(book, by=SYSTEM), by=SYSTEM, at=later)
        withdrawn = actions.draft_of(book, by=SYSTEM)
        actions.publish(withdrawn, by=SYSTEM, at=later)
        actions.withdraw(withdrawn, by=SYSTEM)
        actions.draft_of(book, by=SYSTEM)
        assert [state for _, state in versions_of(book)] == [
            "draft",
            "withdrawn",
            "scheduled",
            "live",
            "superseded",
        ]
        line = books()[0]
        assert (line.live.number, line.scheduled.number, line.draft.number) == (2, 3, 5)
        assert [state for _, state in versions_of(book, instant=later)][2:] == [
            "live",
            "superseded",
            "superseded",
        ]
        names = [event.name for event in timeline(book.id)]
        assert names.count("price_book.published") == 4
        assert names[-1] == "price_book.drafted"


def test_a_version_is_published_once_and_never_backdated(acme, in_scope):
    with in_scope(acme):
        version = actions.draft_of(actions.create_book("Standard", "EUR", by=SYSTEM), by=SYSTEM)
        with pytest.raises(Invalid):
            actions.publish(version, by=SYSTEM, at=clock.now() - timedelta(seconds=1))
        actions.publish(version, by=SYSTEM)
        with pytest.raises(Conflict):
            actions.publish(version, by=SYSTEM)
        for act in (
            lambda: actions.add_rule(version, percent(1, min_quantity=2), by=SYSTEM),
            lambda: actions.discard_draft(version, by=SYSTEM),
            lambda: actions.withdraw(version, by=SYSTEM),
            lambda: actions.change_rule(rules_with_names(version)[0].rule, percent(2), by=SYSTEM),
        ):
            with pytest.raises(Conflict):
                act()


TAMPERINGS = {
    "a rule changed": lambda v: update(PriceRule).where(PriceRule.version_id == v).values(kind="percent", value=D(1)),
    "a rule added": lambda v: insert(PriceRule).from_select(
        ["id", "created_at", "tenant_id", "version_id", "book_id", "selector", "kind", "value", "min_quantity", "floor",
         "is_capped", "rounding"],
        select(text("gen_random_uuid()"), PriceRule.created_at, PriceRule.tenant_id, PriceRule.version_id,
               PriceRule.book_id, PriceRule.selector, PriceRule.kind, PriceRule.value, PriceRule.min_quantity + 1,
               PriceRule.floor,
               PriceRule.is_capped, PriceRule.rounding).where(PriceRule.version_id == v),
    ),
    "a rule removed": lambda v: delete(PriceRule).where(PriceRule.version_id == v),
    "the version moved in time": lambda v: update(PriceBookVersion).where(PriceBookVersion.id == v).values(
        effective_at=clock.now() + timedelta(days=9)
    ),
    "the version unpublished": lambda v: update(PriceBookVersion).where(PriceBookVersion.id == v).values(
        published_at=None, effective_at=None
    ),
    "its author changed": lambda v: update(PriceBookVersion).where(PriceBookVersion.id == v).values(
        published_by_name="Somebody else"
    ),
    "the version removed": lambda v: delete(PriceBookVersion).where(PriceBookVersion.id == v),
    "the book's currency changed": lambda v: update(PriceBook).values(currency="JPY"),
    "the book's base changed": lambda v: update(PriceBook).values(base="list"),
}  # fmt: skip


@pytest.mark.parametrize("what", TAMPERINGS)
def test_the_database_keeps_what_is_published(what, acme, in_scope):
    with in_scope(acme):
        book = actions.create_book("Standard", "EUR", by=SYSTEM)
        version = actions.draft_of(book, by=SYSTEM)
        actions.publish(version, by=SYSTEM, at=clock.now() + timedelta(days=1))
        version_id = version.id
    with pytest.raises(DBAPIError, match=r"published|permission denied"), in_scope(acme) as session:
        session.execute(TAMPERINGS[what](version_id))


def test_without_its_triggers_the_database_would_let_it_be_changed(acme, in_scope, server, app, database):
    """The guard's mutant: the same tampering, with the triggers off, goes through."""
    with in_scope(acme):
        version = actions.draft_of(actions.create_book("Standard", "EUR", by=SYSTEM), by=SYSTEM)
        actions.publish(version, by=SYSTEM, at=clock.now() + timedelta(days=1))
        version_id = version.id
    owner = app.config["OWNER_DATABASE_URL"]
    with connect(owner) as admin:
        admin.execute("ALTER TABLE price_rule DISABLE TRIGGER USER")
        admin.execute("ALTER TABLE price_book_version DISABLE TRIGGER USER")
    try:
        for what in (
            "a rule changed",
            "a rule added",
            "a rule removed",
            "its author changed",
            "the version removed",
        ):
            with in_scope(acme) as session:
                assert session.execute(TAMPERINGS[what](version_id)).rowcount != 0, what
    finally:
        with connect(owner) as admin:
            admin.execute("ALTER TABLE price_rule ENABLE TRIGGER USER")
            admin.execute("ALTER TABLE price_book_version ENABLE TRIGGER USER")


# -- whose ------------------------------------------------------------------------------------------------------------


def test_nobody_touches_anothers_books(acme, globex, nimbus, quill, in_scope):
    with in_scope(acme):
        ours = actions.make_book("Ours", "EUR", [percent(1)], by=SYSTEM).id
    with in_scope():
        theirs = actions.make_book("To resellers", "EUR", [percent(1)], by=SYSTEM)
        actions.set_default(theirs, by=SYSTEM)
        theirs = theirs.id
        with pytest.raises(NotFound):
            book(ours)
        assert [line.book.name for line in books()] == ["To resellers"]
    with in_scope(globex):
        for book_id in (ours, theirs):
            with pytest.raises(NotFound):
                book(book_id)
        assert books() == []
        assert defaults() == []
    with in_scope(acme):
        with pytest.raises(NotFound):
            actions.assign(book(ours), account_id=quill.id, by=SYSTEM)
        with pytest.raises(Invalid):
            actions.assign(book(ours), for_tenant_id=globex.id, by=SYSTEM)


def test_row_level_security_shows_a_reseller_only_the_distributors_books_for_it(acme, globex, in_scope):
    with in_scope():
        everybody = actions.make_book("Everybody", "EUR", [percent(3)], by=SYSTEM)
        actions.set_default(everybody, by=SYSTEM)
        globexs = actions.make_book("Globex only", "EUR", [percent(1)], by=SYSTEM)
        actions.assign(globexs, for_tenant_id=globex.id, by=SYSTEM)
        actions.make_book("Nobody's", "EUR", [percent(2)], by=SYSTEM)
        actions.draft_of(everybody, by=SYSTEM)
    with in_scope(globex):
        actions.make_book("Own", "GBP", [percent(9)], by=SYSTEM)
    for whose, names, versions in (
        (acme, {"Everybody"}, 1),
        (globex, {"Everybody", "Globex only", "Own"}, 3),
    ):
        with in_scope(whose) as session:
            run = session.connection().exec_driver_sql
            assert {row[0] for row in run("SELECT name FROM price_book")} == names
            assert run("SELECT count(*) FROM price_book_version").scalar() == versions
            assert run("SELECT count(*) FROM price_book_assignment").scalar() == len(names - {"Own"})
            values = {row[0] for row in run("SELECT value FROM price_rule WHERE tenant_id IS NULL")}
            assert values == ({D(3)} if whose is acme else {D(3), D(1)})
            # and none of it is the reseller's to change
            assert run("UPDATE price_book SET name = 'x' WHERE tenant_id IS NULL").rowcount == 0
            assert run("DELETE FROM price_rule WHERE tenant_id IS NULL").rowcount == 0


def test_a_childs_parent_has_the_same_owner_even_without_a_tenant(acme, in_scope):
    with in_scope(acme):
        book_id = actions.create_book("Ours", "EUR", by=SYSTEM).id
    now = {"published_at": clock.now(), "effective_at": clock.now() + timedelta(days=1)}
    with pytest.raises(DBAPIError, match="foreign key"), in_scope() as session:
        session.execute(
            insert(PriceBookVersion), [{"tenant_id": None, "book_id": book_id, "number": 9} | now]
        )


# -- assignments ------------------------------------------------------------------------------------------------------


def test_another_book_ends_the_one_before_and_history_stays(acme, nimbus, in_scope):
    with in_scope(acme):
        first, second = (actions.make_book(name, "EUR", [percent(1)], by=SYSTEM) for name in ("One", "Two"))
        before = actions.assign(first, account_id=nimbus.id, by=SYSTEM)
        after = actions.assign(second, account_id=nimbus.id, by=SYSTEM)
        assert before.ends_at == after.starts_at
        assert [found.name for _, found in books_of_account(nimbus.id)] == ["Two"]
        assert assignments_of(first) == []
        with pytest.raises(Conflict, match="in use"):
            actions.archive_book(second, by=SYSTEM)
        actions.unassign(after, by=SYSTEM)
        assert books_of_account(nimbus.id) == []
        actions.archive_book(second, by=SYSTEM)
        with pytest.raises(Conflict):
            actions.assign(second, account_id=nimbus.id, by=SYSTEM)


def test_a_book_that_was_never_published_cannot_be_given(acme, nimbus, in_scope):
    with in_scope(acme):
        draft = actions.create_book("Draft", "EUR", by=SYSTEM)
        with pytest.raises(Conflict, match="Publish"):
            actions.assign(draft, account_id=nimbus.id, by=SYSTEM)
