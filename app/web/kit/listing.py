"""What an address asks of a list: words to search for, filters, order, page. What is on none of its lists is ignored."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from uuid import UUID

from flask import request

from app.core.paging import ALL

SIZE = 25


@dataclass(frozen=True)
class Asked:
    """`q` is trimmed text; `sort` one of the allowed keys, with `-` in front for descending; `filters` only known values."""

    q: str = ""
    sort: str = ""
    page: int = 1
    size: int = SIZE
    filters: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        return self.filters.get(name, "")

    @property
    def is_narrowed(self) -> bool:
        """Whether the list is not shown as a whole: then an empty one needs another sentence."""
        return bool(self.q or any(self.filters.values()))

    def whole(self) -> "Asked":
        """The same list as one endless page: for exports."""
        return replace(self, page=1, size=ALL)


def asked(
    sorts: Collection[str] = (), default: str = "", size: int = SIZE, **filters: Collection[str] | None
) -> Asked:
    """Reads the query string. `filters` maps a name to the values it may have; None takes any short text."""
    sort = request.args.get("sort", "")
    kept = {}
    for name, allowed in filters.items():
        value = request.args.get(name, "").strip()[:80]
        kept[name] = value if allowed is None or value in allowed else ""
    return Asked(
        q=" ".join(request.args.get("q", "").replace("\0", "").split())[:120],
        sort=sort if sort.removeprefix("-") in sorts else default,
        page=_page(request.args.get("page", "")),
        size=size,
        filters=kept,
    )


def uuid_of(text: str) -> UUID | None:
    """The id in `text`, or None: a filter that names nothing filters nothing."""
    try:
        return UUID(text)
    except ValueError:
        return None


def _page(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 1
