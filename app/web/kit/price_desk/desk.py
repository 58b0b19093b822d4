"""At which desk one sits: a reseller's, who prices to customers, or the distributor's, who prices to resellers.

The pages are the same. What differs stands in a `Desk`; `desk()` is the one of this request.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import g, request
from flask.typing import ResponseReturnValue

from app.core import clock
from app.domain.pricing.models import PriceBook
from app.domain.pricing.queries.worked_out import Lens
from app.domain.reports.queries import resellers
from app.web.kit.pages import page


@dataclass(frozen=True, slots=True)
class Desk:
    """`home` is where its books are; `read`, `edit` and `cost` are the permissions that count there."""

    home: str
    read: str
    edit: str
    cost: str
    is_resellers: bool

    @property
    def may_edit(self) -> bool:
        return g.arrival.actor.can(self.edit)

    @property
    def may_see_cost(self) -> bool:
        return g.arrival.actor.can(self.cost)

    @property
    def time_zone(self) -> str:
        """In which times are typed and shown."""
        return g.arrival.shop.time_zone if self.is_resellers else "UTC"

    @property
    def tenant_id(self) -> UUID | None:
        """The reseller; None at the distributor's desk."""
        return g.arrival.shop.id if self.is_resellers else None

    @property
    def markets(self) -> list[str]:
        """The markets whose offers may be looked at: a shop's own, or those of all resellers."""
        if self.is_resellers:
            return [g.arrival.shop.country]
        if "desk_markets" not in g:
            g.desk_markets = resellers.markets()
        return g.desk_markets

    @property
    def market(self) -> str:
        """The market that is looked at now."""
        asked = request.values.get("market", "")
        return asked if asked in self.markets else self.markets[0]

    def currency_for(self, book: PriceBook) -> str:
        """In which currency this desk looks at the prices of a book: the shop's, or the book's own."""
        return g.arrival.shop.currency if self.is_resellers else book.currency

    def lens(self, book: PriceBook) -> Lens:
        """How this desk looks at the prices of a book now."""
        return Lens(self.tenant_id, self.currency_for(book), clock.now(), book.currency, book.base)


def desk() -> Desk:
    """The desk at which this request is made."""
    return g.desk


def desk_page(template: str, status: int = 200, /, **context: Any) -> ResponseReturnValue:
    """A page of the desk: it knows `desk`, `home`, `may_edit` and `may_see_cost`."""
    here = desk()
    return page(
        f"price_desk/{template}.html",
        status,
        desk=here,
        home=here.home,
        may_edit=here.may_edit,
        may_see_cost=here.may_see_cost,
        **context,
    )


def desk_form(template: str, form: Any, /, **context: Any) -> ResponseReturnValue:
    """The same with a form: 422 when it carries errors."""
    return desk_page(template, 422 if form.has_errors else 200, form=form, **context)
