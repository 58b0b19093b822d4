"""Events as people read them in a timeline: a sentence, an icon, a tone. Doors show them; `core/events` writes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from app.core.events import Event


class Telling(NamedTuple):
    """How one kind of event is told. `sentence` may name values of the event's data as %(name)s."""

    sentence: str
    icon: str = "circle"
    tone: str = ""


TELLINGS: dict[str, Telling] = {
    "tenant.branded": Telling(_l("Changed the brand of the shop"), "palette"),
    "tenant.introduced": Telling(_l("Changed the company profile"), "building-2"),
    "tenant.opened": Telling(_l("Opened the shop"), "store", "good"),
    "tenant.closed": Telling(_l("Closed the shop"), "store", "warn"),
}

_COMMENTS = ("comment", "reason", "note")


def tell(event: Event, *, about: str = "", href: str = "") -> dict[str, Any]:
    """One entry of the timeline macro (`ui/timeline.html`). `about` names the customer where the page does not."""
    telling = TELLINGS.get(event.name) or Telling(event.name.replace(".", " ").replace("_", " ").capitalize(), "circle")
    return {
        "what": _filled(str(telling.sentence), event.data),
        "who": " · ".join(part for part in (_who(event), about) if part),
        "at": event.created_at,
        "icon": telling.icon,
        "tone": telling.tone,
        "comment": next((str(event.data[key]) for key in _COMMENTS if event.data.get(key)), ""),
        "href": href,
    }


def timeline(events: Iterable[Event]) -> list[dict[str, Any]]:
    """Entries for events in the order given."""
    return [tell(event) for event in events]


def _who(event: Event) -> str:
    return gettext("Awning") if event.realm == "system" else event.person_name


class _Blank(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return ""


def _filled(sentence: str, data: Mapping[str, Any]) -> str:
    try:
        return " ".join((sentence % _Blank(data)).split())
    except (TypeError, ValueError):
        return sentence
