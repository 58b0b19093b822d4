"""Everything that people are told: one `Kind` each, with its words in English, its placeholders and its group.

The words are sentences for translation; a reseller may replace them (`actions/templates.py`). Which event tells whom is in
`telling.py`. A new kind is one entry in one of these files, and one line there.
"""

from app.domain.notices.kinds.access import ACCESS
from app.domain.notices.kinds.approvals import APPROVALS
from app.domain.notices.kinds.kind import GROUPS, HOWS, Group, Kind
from app.domain.notices.kinds.orders import ORDERS
from app.domain.notices.kinds.prices import PRICES
from app.domain.notices.kinds.summary import SUMMARY

KINDS: dict[str, Kind] = {kind.name: kind for kind in (*ORDERS, *APPROVALS, *ACCESS, *PRICES, *SUMMARY)}
"""By name, in the order in which a reseller reads them."""


def kind_of(name: str) -> Kind:
    """The kind called `name`. KeyError when there is none."""
    return KINDS[name]


__all__ = ["GROUPS", "HOWS", "KINDS", "Group", "Kind", "kind_of"]
