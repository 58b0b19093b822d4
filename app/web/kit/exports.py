"""A list as a file: the same rows under the same filters and in the same order as its page, all of them, as CSV or Excel.

A list declares its columns once, beside its view:

    export_list(area, "/orders", can="order:read", named="orders", rows=lambda: _found(_ask().whole()),
                columns=[text(_l("Order"), "Order.number"), amount(_l("Total"), "Order.total_amount", "Order.currency"),
                         number(_l("Cost"), "cost", can="cost:read"), moment(_l("Placed"), "Order.placed_at")])

and its template puts `{% block exports %}{{ export_menu() }}{% endblock %}` (console) or `{{ export_menu() }}` (shop) into
its head. `rows` answers a `Page` or anything to iterate; a query that is asked for pages of `ALL` rows streams them. A
column is read by a dotted path or a function of the row; one with `can` is left out for whom may not see it.
"""

import io
import logging
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import chain
from operator import attrgetter
from typing import Any, BinaryIO, cast
from zoneinfo import ZoneInfo

from flask import g, request, send_file
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.core import clock, tables
from app.core.errors import NotFound
from app.core.money import Money, exponent
from app.core.paging import Page
from app.web.kit.area import Area
from app.web.kit.words import state_look

log = logging.getLogger("awning.exports")

MEMORY = 1024 * 1024
"""A file up to this size never touches the disk."""
KINDS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

Read = str | Callable[[Any], Any]
"""How a column finds its value in a row: a dotted path, or a function."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its heading, how its cell is made from a row, and who may see it."""

    title: Any
    cell: Callable[[Any], tables.Value]
    can: str = ""
    zone: bool = False


def text(title: Any, read: Read, can: str = "") -> Column:
    """A text; None is empty, a list is joined by commas."""
    get = _getter(read)

    def cell(row: Any) -> str:
        value = get(row)
        if value is None:
            return ""
        return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)

    return Column(title, cell, can)


def number(title: Any, read: Read, can: str = "") -> Column:
    """A count, or an exact decimal number without the zeros at its end."""
    get = _getter(read)

    def cell(row: Any) -> int | Decimal | None:
        value = get(row)
        return Decimal(f"{value.normalize():f}") if isinstance(value, Decimal) else value

    return Column(title, cell, can)


def amount(title: Any, read: Read, currency: Read = "", can: str = "") -> Column:
    """An amount with the digits of its currency, more where a unit price has more; the currency is a column of its own.

    `read` finds a Decimal, then `currency` its currency; or a Money.
    """
    get, get_currency = _getter(read), _getter(currency) if currency else None

    def cell(row: Any) -> Decimal | None:
        value = get(row)
        if value is None:
            return None
        money = value if isinstance(value, Money) else Money(value, get_currency(row))  # type: ignore[misc]
        exact = money.amount.normalize()
        places = max(exponent(money.currency), -int(exact.as_tuple().exponent))
        return money.amount.quantize(Decimal(1).scaleb(-places))

    return Column(title, cell, can)


def day(title: Any, read: Read, can: str = "") -> Column:
    """A calendar day; a moment's day is taken in the zone of the pages."""
    get = _getter(read)

    def cell(row: Any) -> date | None:
        value = get(row)
        return _local(value).date() if isinstance(value, datetime) else value

    return Column(title, cell, can)


def moment(title: Any, read: Read, can: str = "") -> Column:
    """A moment to the second, in the zone of the pages, which the heading names."""
    get = _getter(read)

    def cell(row: Any) -> datetime | None:
        value = get(row)
        return None if value is None else _local(value)

    return Column(title, cell, can, zone=True)


def state(title: Any, kind: str, read: Read) -> Column:
    """A state by the word that pages show for it."""
    get = _getter(read)
    return Column(title, lambda row: str(state_look(kind, get(row)).word))


def yes(title: Any, read: Read, can: str = "") -> Column:
    """Yes or no."""
    get = _getter(read)
    return Column(title, lambda row: _("yes") if get(row) else _("no"), can)


def export_list(
    area: Area,
    rule: str,
    *,
    can: str,
    named: str,
    columns: Sequence[Column],
    rows: Callable[..., Page[Any] | Iterable[Any]],
) -> None:
    """Adds `GET <rule>/export.csv` and `.xlsx` to `area`. `named` is the file's name; `rows` gets what the rule names."""

    def export(kind: str, **where: Any) -> ResponseReturnValue:
        if kind not in KINDS:
            raise NotFound()
        shown = [column for column in columns if not column.can or g.arrival.actor.can(column.can)]
        return _send(kind, named, shown, rows(**where))

    area.get(f"{rule}/export.<kind>", can=can, endpoint=f"export_{named.replace('-', '_')}")(export)


def _send(
    kind: str, named: str, columns: Sequence[Column], rows: Page[Any] | Iterable[Any]
) -> ResponseReturnValue:
    """Writes everything to a file first and sends that: a slow reader holds no transaction, and nobody gets half a list."""
    headings = [f"{column.title} ({_zone()})" if column.zone else str(column.title) for column in columns]
    file = cast(BinaryIO, tempfile.SpooledTemporaryFile(MEMORY))  # noqa: SIM115 - the response closes it
    try:
        cells = _cells(columns, rows.rows if isinstance(rows, Page) else rows)
        if kind == "csv":
            count = tables.write_csv(file, headings, cells)
        else:
            count = tables.write_xlsx(file, named, headings, cells)
        size = file.tell()
        file.seek(0)
        if size <= MEMORY:
            small = io.BytesIO(file.read())
            file.close()
            file = small
        today = _local(clock.now()).date().isoformat()
        response = send_file(
            file, KINDS[kind], as_attachment=True, download_name=f"{named}-{today}.{kind}", etag=False
        )
    except BaseException:
        file.close()
        raise
    response.content_length = size
    response.headers["Cache-Control"] = "no-store"
    log.info("%s rows of %s as %s for %s", count, request.path, kind, g.arrival.actor.person_id)
    return response


def _cells(columns: Sequence[Column], rows: Iterable[Any]) -> Iterator[list[tables.Value]]:
    makers = [column.cell for column in columns]
    return ([make(row) for make in makers] for row in chain(rows))


def _getter(read: Read) -> Callable[[Any], Any]:
    return attrgetter(read) if isinstance(read, str) else read


def _zone() -> str:
    shop = g.arrival.shop
    return shop.time_zone if shop is not None else "UTC"


def _local(moment: datetime) -> datetime:
    zone = ZoneInfo(_zone()) if g.arrival.shop is not None else UTC
    return moment.astimezone(zone).replace(tzinfo=None)
