"""The worked examples of docs/pricing.md, executed."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

from app.domain.pricing.rules.cycles import charge_cycle
from app.domain.pricing.rules.guard import judge
from app.domain.pricing.rules.kinds import FLOORS, KINDS, Rule
from app.domain.pricing.rules.quote import NoPrice
from app.domain.pricing.rules.rates import RateRow, RateTable
from app.domain.pricing.rules.resolution import Applied, Ask, Buyer, Line, Promotion, work_out
from app.domain.pricing.rules.rounding import ROUNDINGS
from app.domain.pricing.rules.running import RunningTerms, Term, changes_on
from config.settings import PROJECT_DIR

D = Decimal
NOW = datetime(2026, 11, 22, tzinfo=UTC)
ID = UUID(int=1)
TEXT = (PROJECT_DIR / "docs" / "pricing.md").read_text()


def table(heading: str) -> list[dict[str, str]]:
    """The rows of the table whose header begins with `heading`."""
    lines = [line.strip() for line in TEXT.splitlines()]
    start = next(n for n, line in enumerate(lines) if line.startswith(f"| {heading} |"))
    names = _cells(lines[start])
    rows = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        rows.append(dict(zip(names, _cells(line), strict=True)))
    assert rows
    return rows


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]


def rule(words: str, **more) -> Applied:
    kind, value = words.split()
    return Applied(ID, "Book", ID, 1, NOW, Rule(ID, "default", kind, D(value), "EUR", **more))


def price(cost, listed, own, theirs=None, currency="EUR", rates=(), term="P1M", plan="monthly", quantity=1):
    line = Line(ID, quantity, term, plan, Ask(ID, currency, D(cost), D(listed), NOW), theirs, own)
    return work_out(line, Buyer(None, "EUR", NOW, RateTable(rates)))


def test_the_table_of_terms():
    terms = {"1 month": "P1M", "1 year": "P1Y", "3 years": "P3Y"}
    for row in table("term"):
        cycle = charge_cycle(terms[row["term"]], row["billing plan"])
        assert (str(cycle.count), cycle.words()) == (row["charges"], row["shown as"])


def test_the_table_of_rules():
    for row in table("cost"):
        floor, _, least = row["floor"].partition(" ")
        answer = price(
            row["cost"],
            row["list"],
            rule(
                row["rule"],
                floor=floor or "none",
                floor_value=D(least) if least else None,
                is_capped=row["cap"] == "list",
                rounding=row["rounding"] or "none",
            ),
        )
        got = "none" if isinstance(answer, NoPrice) else str(answer.unit_cycle_price)
        assert got == row["price"], row


def test_the_table_of_promotions():
    for row in table("vendor asks | list"):
        granted = Promotion(ID, "Summer", D(row["promotion"]), NOW)
        by = replace(rule(row["rule"]), passes_promotions=row["passed on"] == "yes")
        line = Line(
            ID,
            1,
            "P1M",
            "monthly",
            Ask(ID, "EUR", D(row["vendor asks"]), D(row["list"]), NOW),
            None,
            by,
            granted,
        )
        quote = work_out(line, Buyer(None, "EUR", NOW, RateTable()))
        got = [
            str(amount or "")
            for amount in (quote.unit_cycle_cost, quote.unit_cycle_price, quote.unit_cycle_regular)
        ]
        assert got == [row["cost"], row["price"], row["was"]], row


def test_the_table_of_running_terms():
    for row in table("runs"):
        term, plan = row["runs"].split()
        days = [date.fromisoformat(row[name]) for name in ("began", "renews")]
        settings = RunningTerms(row["longer terms"], row["monthly terms"])
        found = changes_on(Term(term, plan, days[0], days[1], days[1]), date(2026, 12, 1), settings)
        assert (found.isoformat() if found else "never") == row["new price from"], row


def test_the_table_of_the_guard():
    for row in table("price"):
        quote = price(row["cost"], "20", rule(f"fixed {row['price']}"))
        quote = replace(quote, is_at_floor=row["from the floor"] == "yes")
        assert (judge(quote, D(row["least margin"] or 0)) or "") == row["reason"], row


def test_the_table_of_currencies():
    for row in table("vendor asks | the bank says"):
        amount, currency = row["vendor asks"].split()
        rate = re.fullmatch(r"1 EUR = ([0-9.]+) ([A-Z]{3})", row["the bank says"])
        assert rate is not None
        quote = price(
            amount, amount, rule(row["rule"]), None, currency,
            [RateRow("ecb", "EUR", rate[2], D(rate[1]), D(0), NOW)],
        )  # fmt: skip
        assert str(quote.unit_cycle_price) == row["price in EUR"]


def test_the_whole_example():
    quote = price("120", "144", rule("percent 18"), rule("percent 4"), term="P1Y", quantity=40)
    amounts = {row["step"]: row["amount"] for row in table("step")}
    assert amounts == {
        "vendor's cost, per charge": str(quote.steps[0].after),
        "Acme's cost": str(quote.unit_cycle_cost),
        "Nimbus's price, per user and month": str(quote.unit_cycle_price),
        "40 users, one month": str(quote.line_amount.amount),
        "40 users, the year": str(quote.commitment_amount.amount),
        "margin, per cent of the price": str(quote.margin_percent),
    }


def test_every_kind_floor_and_rounding_is_told():
    assert {row["kind"].strip("`") for row in table("kind")} == set(KINDS)
    for name in (*FLOORS, *ROUNDINGS):
        assert name == "none" or f"`{name}`" in TEXT
