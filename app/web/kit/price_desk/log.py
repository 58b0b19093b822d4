"""The price-book log: who changed what, when and from where; narrowed down, and taken along as a file."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.core.events import Event
from app.domain.reports.queries import price_log
from app.web.kit.downloads import csv_of
from app.web.kit.happenings import tell
from app.web.kit.listing import asked, uuid_of
from app.web.kit.price_desk.desk import desk, desk_page


def show_log() -> ResponseReturnValue:
    """A page of the log."""
    ask = asked(size=50, book=None, kind=tuple(price_log.KINDS), who=None, since=None, until=None)
    found = price_log.log(**_asked(ask), page=ask.page, size=ask.size)
    return desk_page("log", ask=ask, found=found, told=_told, where_from=_where_from)


def export_log() -> ResponseReturnValue:
    """The whole log as narrowed down, as CSV. Instants are UTC."""
    ask = asked(book=None, kind=tuple(price_log.KINDS), who=None, since=None, until=None)
    values = _asked(ask)
    head = ["at", "who", "book", "version", "event", "what", "address", "device", "details"]

    def rows() -> Any:
        for row in price_log.whole_log(**values):
            event = row.Event
            place = event.data.get("origin") or {}
            details = "; ".join(
                f"{k}={v}" for k, v in event.data.items() if k != "origin" and v not in (None, "", {})
            )
            yield [
                event.created_at.isoformat(timespec="seconds"), event.person_name, row.book_name, row.version or "", event.name,
                _told(event), place.get("address", ""), place.get("device", ""), details,
            ]  # fmt: skip

    return csv_of("price-book-log.csv", head, rows)


def _asked(ask: Any) -> dict[str, Any]:
    zone = ZoneInfo(desk().time_zone)
    return {
        "book_id": uuid_of(ask["book"]),
        "kind": ask["kind"],
        "who": ask["who"],
        "since": _day(ask["since"], zone),
        "until": (found + timedelta(days=1)) if (found := _day(ask["until"], zone)) else None,
    }


def _day(text: str, zone: ZoneInfo) -> datetime | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return datetime(found.year, found.month, found.day, tzinfo=zone) if 1 < found.year < 9000 else None


def _told(event: Event) -> str:
    return str(tell(event)["what"])


def _where_from(event: Event) -> str:
    """ "203.0.113.7, a computer"; nothing for what no browser did."""
    place = event.data.get("origin") or {}
    devices = {"computer": _("computer"), "phone": _("phone"), "tablet": _("tablet"), "program": _("program")}
    return ", ".join(filter(None, (place.get("address", ""), devices.get(place.get("device", ""), ""))))
