"""Random worlds of prices, small and full of edges: everything begins, ends and is asked for at the same few instants."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from random import Random
from uuid import UUID

from sqlalchemy import insert, text, update

from app.core.db import session
from app.core.ids import new_id
from app.domain.catalog.models import VendorPrice
from app.domain.people.models import Account
from app.domain.pricing.models import (
    ExchangeRate,
    PriceBook,
    PriceBookAssignment,
    PriceBookVersion,
    PriceRule,
    Program,
    ProgramMember,
    Promotion,
    PromotionOffer,
)
from app.domain.tenants.models import Tenant
from tests.domain.pricing import oracle
from tests.domain.pricing.shelf import Put, Shelf

START = datetime(2026, 6, 1, tzinfo=UTC)
EDGES = [START + timedelta(hours=n) for n in range(6)]
BEFORE = START - timedelta(days=30)
CURRENCIES = ["EUR", "USD", "JPY", "KWD"]


def rolled(random: Random, places: int, least: str, most: str) -> Decimal:
    step = Decimal(1).scaleb(-places)
    return random.randint(int(Decimal(least) / step), int(Decimal(most) / step)) * step


class Maker:
    """Makes one world, in the database and as plain records. Call inside a unit that sees everyone, then roll back."""

    def __init__(self, random: Random, shelf: Shelf):
        self.random = random
        self.shelf = shelf

    def make(self) -> None:
        random = self.random
        current = session()
        self.tenant, self.other = new_id(), new_id()
        self.currency = random.choice(CURRENCIES)
        for key, name in ((self.tenant, "ours"), (self.other, "another")):
            current.add(
                Tenant(
                    id=key, nickname=f"{name}-{key.hex[:12]}", name=name, currency=self.currency, country="DE"
                )
            )
        current.flush()
        self.accounts: dict[UUID, str] = {}
        for _ in range(2):
            account, currency = (
                new_id(),
                random.choice([self.currency, self.currency, random.choice(CURRENCIES)]),
            )
            current.add(
                Account(
                    id=account, tenant_id=self.tenant, name=f"a{account}", country="DE", currency=currency
                )
            )
            self.accounts[account] = currency
        current.flush()
        self.subscription = new_id()
        self.puts = [self._offer() for _ in range(4)]
        self.world = oracle.World(
            {
                put.offer: {
                    "offer": put.offer, "product": put.product, "family": put.family, "category": put.category,
                    "vendor": put.vendor, "term": put.term, "plan": put.billing_plan,
                }
                for put in self.puts
            }
        )  # fmt: skip
        self._prices()
        self._rates()
        self._programs()
        self._promotions()
        ours = [self._book(self.tenant, n) for n in range(random.choice([0, 2, 3, 4]))]
        theirs = [self._book(None, n) for n in range(random.choice([0, 1, 2, 3, 4]))]
        self._publish([*ours, *theirs])
        self._assign(ours, self.tenant)
        self._assign(theirs, None)

    def _offer(self) -> Put:
        random = self.random
        term, plan = random.choice(sorted(oracle.CHARGES))
        return self.shelf.put(
            None, term=term, billing_plan=plan, vendor=random.randint(0, 1), family=random.randint(0, 1),
            category=random.randint(0, 1),
        )  # fmt: skip

    def _window(self) -> tuple[datetime | None, datetime | None]:
        kind = self.random.random()
        if kind < 0.5:
            return None, None
        one, other = sorted(self.random.sample(EDGES, 2))
        return (one, other) if kind < 0.8 else (one, None) if kind < 0.9 else (None, other)

    def _prices(self) -> None:
        random, found = self.random, {}
        for put in self.puts:
            for turn in range(random.randint(1, 5)):
                since, until, quantity = BEFORE, None, 1
                if turn:  # the first one makes sure that most offers have a price
                    since, until = random.choice([BEFORE, *EDGES]), random.choice([None, None, None, *EDGES])
                    quantity = random.choice([1, 1, 10])
                asked = oracle.Price(
                    new_id(), put.offer, random.choice(CURRENCIES[:3]), rolled(random, 4, "0", "500"),
                    rolled(random, 4, "0", "900"), quantity, since, until, random.randint(1, 3),
                )  # fmt: skip
                found[asked.offer, asked.currency, asked.min_quantity, asked.begins, asked.revision] = asked
        self.world.prices = list(found.values())
        session().execute(
            insert(VendorPrice),
            [
                {
                    "id": p.id, "offer_id": p.offer, "currency": p.currency, "cost": p.cost, "list_price": p.listed,
                    "min_quantity": p.min_quantity, "effective_from": p.begins, "effective_to": p.ends,
                    "revision": p.revision,
                }
                for p in self.world.prices
            ],
        )  # fmt: skip

    def _programs(self) -> None:
        """One program per vendor; our reseller is in it for a time, the other one always."""
        random = self.random
        self.programs = {vendor: new_id() for vendor in self.shelf.vendors}
        for vendor, program in self.programs.items():
            session().execute(insert(Program).values(id=program, vendor_id=vendor, name=f"program {program}"))
            window = sorted(random.sample(EDGES, 2))
            self.world.members.append(oracle.Membership(program, self.other, BEFORE, None))
            if random.random() < 0.7:
                ends = random.choice([None, window[1]])
                self.world.members.append(
                    oracle.Membership(program, self.tenant, random.choice([BEFORE, window[0]]), ends)
                )
        vendors = {program: vendor for vendor, program in self.programs.items()}
        session().execute(
            insert(ProgramMember),
            [
                {
                    "tenant_id": m.whom, "program_id": m.program, "vendor_id": vendors[m.program],
                    "starts_at": m.begins, "ends_at": m.ends,
                }
                for m in self.world.members
            ],
        )  # fmt: skip

    def _promotions(self) -> None:
        random = self.random
        by_vendor: dict[UUID, list[UUID]] = {}
        for put in self.puts:
            by_vendor.setdefault(put.vendor, []).append(put.offer)
        percents = random.sample(
            range(1, 80), 4
        )  # no two alike: then the order among them would not matter either
        for number, percent in enumerate(percents[: random.randint(0, 4)]):
            vendor, offers = random.choice(list(by_vendor.items()))
            begins, ends = sorted(random.sample([BEFORE, *EDGES], 2))
            least = random.choice([1, 1, 10])
            made = oracle.Promotion(
                new_id(), set(random.sample(offers, random.randint(1, len(offers)))),
                Decimal(percent) + random.choice([Decimal(0), Decimal("0.5")]), begins, ends, least,
                random.choice([None, None, least, 24]),
            )  # fmt: skip
            self.world.promotions.append(made)
            session().execute(
                insert(Promotion).values(
                    id=made.id, vendor_id=vendor, code=f"P{number}:{made.id}", name=f"Promotion {number}",
                    percent=made.percent, starts_at=begins, ends_at=ends, min_quantity=least, max_quantity=made.most,
                )
            )  # fmt: skip
            session().execute(
                insert(PromotionOffer),
                [{"promotion_id": made.id, "offer_id": offer} for offer in sorted(made.offers)],
            )

    def _rates(self) -> None:
        random, found = self.random, {}
        for table in ("ecb", "ecb", "hand", "own"):
            for other in CURRENCIES[1:]:
                for _ in range(
                    random.choice([0, 1, 1, 1, 1, 2]) if table == "ecb" else random.choice([0, 0, 1, 2])
                ):
                    base, quote = ("EUR", other)
                    if table != "ecb":
                        base, quote = random.sample(CURRENCIES, 2)
                    rate = oracle.Rate(
                        table, base, quote, rolled(random, 5, "0.01", "200"), random.choice([Decimal(0), Decimal("1.5")]),
                        random.choice([BEFORE, *EDGES]), None if table == "ecb" else random.choice([None, None, *EDGES]),
                    )  # fmt: skip
                    if rate.ends is None or rate.ends >= rate.begins:
                        found[table, base, quote, rate.begins] = rate
        self.world.rates = list(found.values())
        rows = [
            {
                "tenant_id": self.tenant if r.table == "own" else None, "source": "ecb" if r.table == "ecb" else "hand",
                "base": r.base, "quote": r.quote, "rate": r.rate, "margin_percent": r.margin, "quoted_on": r.begins.date(),
                "effective_at": r.begins, "ends_at": r.ends,
            }
            for r in self.world.rates
        ]  # fmt: skip
        if rows:
            session().execute(insert(ExchangeRate), rows)

    def _book(self, owner: UUID | None, number: int) -> oracle.Book:
        random = self.random
        book = oracle.Book(new_id(), random.choice(CURRENCIES), random.choice(["cost", "list"]), [])
        session().execute(
            insert(PriceBook).values(
                id=book.id,
                tenant_id=owner,
                name=f"book {number} {book.id}",
                currency=book.currency,
                base=book.base,
            )
        )
        for n in range(1, random.randint(1, 3) + 1):
            withdrawn = random.random() < 0.15
            effective = random.choice([BEFORE + timedelta(days=9), *EDGES])
            passes = random.random() < 0.7
            book.versions.append(oracle.Version(new_id(), n, effective, withdrawn, self._rules(), passes))
        self._owners = getattr(self, "_owners", {}) | {book.id: owner}
        return book

    def _rules(self) -> list[oracle.Rule]:
        random = self.random
        rules: list[oracle.Rule] = []
        for _ in range(random.randint(0, 7)):
            selector = random.choice([*oracle.ORDER, "default"])
            target = (
                None if selector == "default" else self.world.offers[random.choice(self.puts).offer][selector]
            )
            begins, ends = self._window()
            rule = self._rule(selector, target, random.choice([1, 1, 10, 25]), begins, ends)
            if not any(_clash(rule, other) for other in rules):
                rules.append(rule)
        if random.random() < 0.9 and not any(
            _clash(self._rule("default", None, 1, None, None), r) for r in rules
        ):
            rules.append(self._rule("default", None, 1, None, None))
        return rules

    def _rule(self, selector, target, quantity, begins, ends) -> oracle.Rule:
        random = self.random
        kind = random.choice(
            ["inherit", "percent", "percent", "delta", "fixed", "margin", "list_minus", "split"]
        )
        value = {
            "inherit": lambda: None,
            "percent": lambda: rolled(random, 2, "-50", "150"),
            "delta": lambda: rolled(random, 3, "-90", "40"),
            "fixed": lambda: rolled(random, 3, "0", "300"),
            "margin": lambda: rolled(random, 2, "0", "90"),
            "list_minus": lambda: rolled(random, 2, "0", "60"),
            "split": lambda: rolled(random, 1, "0", "100"),
        }[kind]()
        floor = random.choice(["none", "none", "cost", "margin", "amount"])
        floor_value = {"margin": rolled(random, 1, "0", "60"), "amount": rolled(random, 2, "0", "90")}.get(
            floor
        )
        rounding = random.choice(["none", "none", ".99", ".95", ".00", "0.05"])
        return oracle.Rule(
            new_id(), selector, target, kind, value, quantity, begins, ends, floor, floor_value, random.random() < 0.15,
            rounding, random.choice([{}, {}, {"EUR": "none"}, {"USD": "0.05", "EUR": ".99"}]),
        )  # fmt: skip

    def _publish(self, books: list[oracle.Book]) -> None:
        """Round by round, because a book has one draft at a time and a published version takes no rules."""
        current = session()
        for turn in range(3):
            there = [(book, book.versions[turn]) for book in books if len(book.versions) > turn]
            if not there:
                return
            rules = [
                {
                    "id": r.id, "tenant_id": self._owners[book.id], "version_id": version.id, "book_id": book.id,
                    "selector": r.selector, "kind": r.kind, "value": r.value, "min_quantity": r.min_quantity,
                    "starts_at": r.begins, "ends_at": r.ends, "floor": r.floor, "floor_value": r.floor_value,
                    "is_capped": r.capped, "rounding": r.rounding, "roundings": r.roundings,
                    **{f"{name}_id": r.target if r.selector == name else None for name in oracle.ORDER[:-1]},
                }
                for book, version in there
                for r in version.rules
            ]  # fmt: skip
            current.execute(
                insert(PriceBookVersion),
                [
                    {
                        "id": v.id, "tenant_id": self._owners[b.id], "book_id": b.id, "number": v.number,
                        "passes_promotions": v.passes,
                    }
                    for b, v in there
                ],
            )  # fmt: skip
            if rules:
                current.execute(insert(PriceRule), rules)
            for _, version in there:
                current.execute(
                    update(PriceBookVersion)
                    .where(PriceBookVersion.id == version.id)
                    .values(
                        published_at=BEFORE,
                        effective_at=version.effective,
                        withdrawn_at=BEFORE if version.withdrawn else None,
                    )
                )

    def _assign(self, books: list[oracle.Book], owner: UUID | None) -> None:
        random = self.random
        whom = list(self.accounts) if owner else [self.tenant, self.other]
        vendors = self.shelf.vendors
        targets = [(None, None, None), *((None, v, None) for v in vendors), *((w, None, None) for w in whom)]
        targets += [(w, v, None) for w in whom for v in vendors]
        targets = [(*target, None) for target in targets]
        if owner:
            targets.append((None, None, self.subscription, None))
        else:
            targets += [(None, vendor, None, program) for vendor, program in self.programs.items()]
        made = []
        for account, vendor, subscription, program in targets:
            if not books or random.random() < 0.4:
                continue
            cuts = sorted({BEFORE, *random.sample(EDGES, random.randint(0, 2))})
            for begins, ends in [*pairwise(cuts), (cuts[-1], random.choice([None, None, EDGES[-1]]))]:
                if random.random() < 0.8 and (ends is None or begins < ends):
                    made.append(
                        oracle.Assignment(
                            random.choice(books), begins, ends, account, vendor, subscription, program
                        )
                    )
        rows = [
            {
                "tenant_id": owner, "book_id": a.book.id, "starts_at": a.begins, "ends_at": a.ends, "vendor_id": a.vendor,
                "subscription_id": a.subscription, "account_id": a.whom if owner else None,
                "for_tenant_id": None if owner else a.whom, "program_id": a.program,
            }
            for a in made
        ]  # fmt: skip
        if rows:
            session().execute(insert(PriceBookAssignment), rows)
        if owner:
            self.world.own = made
        else:
            self.world.theirs = made

    def as_the_reseller(self) -> None:
        """From here on, row-level security shows what it shows the reseller."""
        session().execute(
            text("SELECT set_config('awning.scope', :tenant, true)"), {"tenant": str(self.tenant)}
        )


def _clash(one: oracle.Rule, other: oracle.Rule) -> bool:
    if (one.selector, one.target, one.min_quantity) != (other.selector, other.target, other.min_quantity):
        return False
    dated = [rule.begins is not None or rule.ends is not None for rule in (one, other)]
    if dated[0] != dated[1]:
        return False
    return (other.ends is None or one.begins is None or one.begins < other.ends) and (
        one.ends is None or other.begins is None or other.begins < one.ends
    )
