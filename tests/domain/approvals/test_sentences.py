"""The sentences of a policy as pure rules: what meets them, whom they ask, working days, and replaying the past."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.approvals.rules.asked import Asked, Item, Spent
from app.domain.approvals.rules.calendar import WorkingCalendar, reminder_of
from app.domain.approvals.rules.entitlement import Standing, right_of
from app.domain.approvals.rules.replay import Past, Replay
from app.domain.approvals.rules.sentences import in_order, problems_of, rule_from, rule_to
from app.domain.approvals.rules.steps import Step
from app.domain.approvals.rules.verdict import Rule, Verdict, evaluate

A, B, C, D, E = (UUID(int=number) for number in range(1, 6))
OFFICE = Item(A, B, C, D, E, 12, Decimal("8.50"))
BERLIN = WorkingCalendar("Europe/Berlin", holidays=frozenset({date(2026, 12, 25)}))


def met(rule, asked=None, spent=None):
    verdict = evaluate([rule], asked or Asked({"EUR": Decimal(100)}, (OFFICE,)), spent or {})
    return verdict.must_ask


@pytest.mark.parametrize(
    ("selects", "selects_id", "is_met"),
    [("offer", A, True), ("product", B, True), ("family", C, True), ("category", D, True), ("vendor", E, True),
     ("family", A, False), ("vendor", B, False)],
)  # fmt: skip
def test_something_selected_is_met_by_what_is_in_it(selects, selects_id, is_met):
    rule = Rule(1, "selection", selects=selects, selects_id=selects_id, selects_name="Office")
    assert met(rule) is is_met
    assert met(rule, Asked({}, None)), "what is in it is not known: fail closed"
    assert not met(rule, Asked({}, ()))


def test_more_units_than_allowed_are_met_above_the_number():
    assert not met(Rule(1, "quantity", quantity=12))
    assert met(Rule(1, "quantity", quantity=11))
    assert not met(Rule(1, "quantity", quantity=11, selects="family", selects_id=A))
    assert met(Rule(1, "quantity", quantity=99), Asked({}, None))


def test_a_margin_is_met_below_the_percent_and_where_no_cost_is_known():
    assert not met(Rule(1, "margin_under", percent=Decimal("8.5")))
    assert met(Rule(1, "margin_under", percent=Decimal("8.51")))
    unknown = Item(A, B, C, D, E, 1, None)
    assert met(Rule(1, "margin_under", percent=Decimal(-100)), Asked({}, (unknown,)))
    reasons = evaluate([Rule(1, "margin_under", percent=Decimal(10))], Asked({}, (OFFICE,)), {}).reasons
    assert "8.5" not in reasons[0].sentence, "no customer reads a margin"


def test_first_orders_and_kinds_of_change():
    assert met(Rule(1, "first_order"), Asked({}, (), "order", True))
    assert not met(Rule(1, "first_order"), Asked({}, (), "seat_change", True))
    assert met(Rule(1, "change", subject_type="cancellation"), Asked({}, (), "cancellation"))
    assert not met(Rule(1, "change", subject_type="cancellation"), Asked({}, (), "order"))


def test_a_month_is_counted_by_itself():
    rule = Rule(1, "window_spend", amount=Decimal(1000), currency="EUR", period="month")
    spent = {("month", "EUR"): Spent(Decimal(820))}
    verdict = evaluate([rule], {"EUR": Decimal(412)}, spent)
    assert verdict.met[0].sentence == "820.00 this month + 412.00 ≥ 1,000.00 EUR"
    assert evaluate([rule], {"EUR": Decimal(1)}, {}).must_ask, "a sum that was not given is not known"


STEPS = (
    Step("customer", None, 3),
    Step("reseller", None, 2, people=(str(A), str(B)), names=("Ann", "Bea"), needs="all"),
    Step("reseller", "operations", 2, on_expiry="escalate", to_asks="reseller", to_role="owner"),
)


def test_steps_come_in_order_each_once_and_survive_being_stored():
    verdict = evaluate(
        [Rule(2, "always", steps=STEPS), Rule(1, "always", steps=STEPS[:1])], Asked({}, ()), {}
    )
    assert verdict.steps == STEPS
    assert Verdict.from_dict(verdict.to_dict()) == verdict
    rule = in_order([Rule(7, "always", amount=Decimal(5), currency="EUR", steps=STEPS)])[0]
    assert (rule.position, rule.amount) == (1, None), "a published sentence holds only what its trigger uses"
    assert rule_from(rule_to(rule)) == rule


def test_named_people_who_stand_behind_the_request_are_not_asked():
    step = STEPS[1].without({A})
    assert (step.people, step.names, step.places) == ((str(B),), ("Bea",), 1)
    assert STEPS[1].without({A, B}).people == ()
    assert STEPS[0].without({A}).people is None, "everybody of the role is asked still"


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        (Rule(1, "order_total"), "amount"),
        (Rule(1, "selection"), "selects_id"),
        (Rule(1, "quantity"), "quantity"),
        (Rule(1, "margin_under", percent=Decimal(101)), "percent"),
        (Rule(1, "change", subject_type="order"), "subject_type"),
        (Rule(1, "always", steps=(Step("reseller", "sales", 3),)), "role"),
        (Rule(1, "always", steps=(Step("reseller", None, 0),)), "expires_after_days"),
        (Rule(1, "always", steps=(Step("reseller", None, 3, needs="all"),)), "needs"),
        (Rule(1, "always", steps=(Step("reseller", None, 3, people=()),)), "people"),
        (Rule(1, "always", steps=(Step("reseller", None, 3, on_expiry="escalate"),)), "to"),
        (Rule(1, "always", steps=(STEPS[0], Step("nobody", None, 3))), "steps-1-asks"),
    ],
)
def test_what_is_wrong_with_a_sentence_is_said_at_its_field(rule, field):
    assert field in dict(problems_of(rule))


def test_a_customers_own_rules_ask_only_its_own_people():
    assert "asks" in dict(problems_of(Rule(1, "always"), "customer"))
    assert not problems_of(Rule(1, "always", asks="customer"), "customer")
    assert "trigger" in dict(problems_of(Rule(1, "margin_under", "customer", percent=Decimal(1)), "customer"))


@pytest.mark.parametrize(
    ("asked", "days", "ends"),
    [
        ("2026-11-27T15:00", 1, "2026-11-30T15:00"),  # Friday, to Monday
        ("2026-11-28T15:00", 1, "2026-12-01T00:00"),  # Saturday counts from Monday morning on
        ("2026-12-24T10:00", 1, "2026-12-28T10:00"),  # Christmas Day is Friday
        (
            "2026-10-23T12:00",
            1,
            "2026-10-26T12:00",
        ),  # over the end of summer time: the same hour by the clock
    ],
)
def test_deadlines_count_working_days(asked, days, ends):
    zone = "Europe/Berlin"

    start = datetime.fromisoformat(asked).replace(tzinfo=ZoneInfo(zone))
    assert BERLIN.after(start, days).astimezone(ZoneInfo(zone)).isoformat()[:16] == ends


def test_a_reminder_comes_a_working_day_before_or_half_way():
    monday = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
    assert reminder_of(BERLIN, monday, BERLIN.after(monday, 3)) == BERLIN.after(monday, 2)
    assert reminder_of(BERLIN, monday, BERLIN.after(monday, 1)) == monday + timedelta(hours=12)


def standing(person, roles=("operations",), email=""):
    return Standing(
        frozenset({person}), email, "console", None, frozenset(roles), frozenset({"approval:decide"})
    )


def test_in_whose_right_somebody_decides():
    nobody = Standing(frozenset({D}), "", "console", None, frozenset({"sales"}), frozenset())
    asked = {
        "asks": "reseller", "role": None, "account_id": E, "people": [A], "requester_ids": [C],
        "requester_emails": ["c@x.example"],
    }  # fmt: skip
    assert right_of(nobody, [standing(A)], **asked) == standing(A)
    assert right_of(standing(A), [standing(B)], **asked) == standing(A)
    assert right_of(nobody, [standing(B)], **asked) is None
    assert right_of(nobody, [standing(A)], **asked | {"requester_ids": [A]}) is None, (
        "the absent one asked for it"
    )
    assert right_of(nobody, [standing(A, email="c@x.example")], **asked) is None, (
        "or did under another account"
    )
    assert right_of(nobody, [standing(A)], **asked, taken=[A]) is None, "or has decided already"


RULES = [
    Rule(1, "window_spend", amount=Decimal(300), currency="EUR", window_days=7),
    Rule(2, "window_spend", amount=Decimal(500), currency="EUR", period="month"),
    Rule(3, "order_total", amount=Decimal(150), currency="EUR"),
    Rule(4, "quantity", quantity=15),
    Rule(5, "first_order"),
]
START = datetime(2026, 1, 28, 22, 30, tzinfo=UTC)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 90), st.integers(1, 200), st.integers(1, 20)), min_size=1, max_size=25),
    st.sets(st.sampled_from(RULES), min_size=1),
)
def test_a_replay_says_what_the_gate_would_have_said(orders, rules):
    """Against the gate's own arithmetic, with every sum worked out anew by brute force."""
    at, pasts, spent_before = START, [], []
    for number, (hours, euros, units) in enumerate(orders):
        at += timedelta(hours=hours)
        item = Item(A, B, C, D, E, units, Decimal(20))
        pasts.append(Past(UUID(int=number), "order", at, {"EUR": Decimal(euros)}, (item,), number == 0))
    replayed = list(Replay(sorted(rules, key=lambda rule: rule.position), "Europe/Berlin").of_customer(pasts))
    for past, answer in zip(pasts, replayed, strict=True):
        there = past.placed_at + timedelta(
            hours=1
        )  # Berlin in winter; March ends within summer time, orders do not
        month = datetime(there.year, there.month, 1, tzinfo=UTC) - timedelta(hours=1)
        begins = {7: past.placed_at - timedelta(days=7), "month": month}
        spent = {
            rule.window: Spent(
                sum((amount for when, amount in spent_before if when >= begins[rule.window[0]]), Decimal(0))
            )
            for rule in rules
            if rule.trigger == "window_spend"
        }
        verdict = evaluate(rules, Asked(past.amounts, past.items, "order", past.is_first), spent)
        if past.placed_at < datetime(2026, 3, 28, tzinfo=UTC):
            assert answer.steps == verdict.steps
        if not answer.steps:
            spent_before.append((past.placed_at, past.amounts["EUR"]))
