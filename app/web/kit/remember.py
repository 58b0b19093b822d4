"""What was worked out for a kept page is remembered under the marks it follows from, so that the next page of the same shop
or the same person need not ask for it again. As exact as the pages themselves; see `marks.py`.

Nothing here may be changed by whoever is given it: it is shared by requests.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, TypeVar, cast

from flask import Flask, current_app, g, request
from markupsafe import Markup

from app.web.kit.language import spoken

T = TypeVar("T")
MOST = 400
"""Of each kind, in each process."""
MOST_PIECES = 4_000
"""Of each kind of piece of a page; a piece is some hundred bytes."""

_kept: dict[str, OrderedDict[Hashable, Any]] = {}
_guard = Lock()


def of_the_shop(name: str, about: Hashable, make: Callable[[], T]) -> T:
    """`make()`, or what it made when the shop's marks were these. For what is the same for everybody who asks `about` it."""
    return _recall(name, (about, g.arrival.tenant_id, g.arrival.shop_marks), make)


def of_the_person(name: str, make: Callable[[], T]) -> T:
    """`make()`, or what it made when all marks, the shop's and the person's, were these."""
    return _recall(name, (g.arrival.shop_marks, g.arrival.marks), make)


def remembered(name: str, *about: Hashable, caller: Callable[[], Markup]) -> Markup:
    """For templates: a piece of a page that is the same for everybody in the shop, made once for each `about`.

        {% call remembered("maker", card.vendor, card.family) %}<p>{{ card.vendor }} …</p>{% endcall %}

    Between the tags nothing may be shown but what `about` names, the shop's own things and words: never who came, their
    prices, a token or a number of theirs. `tests/web/kit/test_keeping.py` looks at every page as several people in turn.
    """
    if not is_exact():
        return caller()
    arrival = g.arrival
    key = (about, spoken().locale, arrival.tenant_id, arrival.shop_marks)
    return _recall(name, key, caller, MOST_PIECES)


def forget() -> None:
    """All of it: for tests, which look at how things are worked out."""
    with _guard:
        _kept.clear()


def is_exact() -> bool:
    """Whether this request has marks: a page of a shop, of a route whose pages may be kept, read and not written."""
    known: bool | None = g.get("_is_exact")
    if known is None:
        arrival, gate = g.get("arrival"), current_app.extensions["gates"].get(request.endpoint)
        known = g._is_exact = bool(
            gate is not None and gate.kept and request.method == "GET" and arrival and arrival.shop_marks
        )
    return known


def init_app(app: Flask) -> None:
    """Templates may remember pieces."""
    app.jinja_env.globals["remembered"] = remembered


def _recall(name: str, key: Hashable, make: Callable[[], T], most: int = MOST) -> T:
    if not is_exact():
        return make()
    with _guard:
        shelf = _kept.setdefault(name, OrderedDict())
        if key in shelf:
            shelf.move_to_end(key)
            return cast(T, shelf[key])
    made = make()
    with _guard:
        shelf[key] = made
        while len(shelf) > most:
            shelf.popitem(last=False)
    return made
