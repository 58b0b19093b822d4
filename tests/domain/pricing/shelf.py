"""A small catalogue for pricing tests: two vendors, two families, two categories, and offers as a test wants them."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

from app.core.db import session
from app.core.ids import new_id
from app.domain.catalog.models import Category, Family, Offer, Product, Sku, Vendor, VendorPrice

LONG_AGO = datetime(2025, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Put:
    """An offer on the shelf and everything a rule can select it by."""

    offer: UUID
    product: UUID
    family: UUID
    category: UUID
    vendor: UUID
    term: str = "P1M"
    billing_plan: str = "monthly"


class Shelf:
    """Puts offers on the shelf; call it inside a unit that sees everyone."""

    def __init__(self) -> None:
        self.vendors = [self._add(Vendor(key=f"v{n}", name=f"Vendor {n}")) for n in range(2)]
        self.families = [
            self._add(Family(vendor_id=self.vendors[n % 2], key=f"f{n}", name=f"Family {n}"))
            for n in range(4)
        ]
        self.categories = [self._add(Category(key=f"c{n}", name=f"Category {n}")) for n in range(2)]
        self.count = 0

    def _add(self, row: object) -> UUID:
        session().add(row)
        session().flush()
        return row.id  # type: ignore[attr-defined]

    def put(
        self,
        cost: str | None = "10",
        list_price: str = "12.5",
        *,
        currency: str = "EUR",
        term: str = "P1M",
        billing_plan: str = "monthly",
        vendor: int = 0,
        family: int = 0,
        category: int = 0,
    ) -> Put:
        """One more product with one offer, priced unless `cost` is None. Families 0 and 2 are vendor 0's."""
        self.count += 1
        family = family * 2 + vendor
        product = self._add(
            Product(
                vendor_id=self.vendors[vendor],
                vendor_product_id=f"P{self.count:04}",
                title=f"Product {self.count}",
                publisher="Somebody",
                family_id=self.families[family],
                category_id=self.categories[category],
                sort_title=f"product {self.count:04}",
                texts_digest="",
                search_title=f"product {self.count}",
                search_more="",
            )
        )
        sku = self._add(Sku(product_id=product, vendor_sku_id="0001", title=f"Product {self.count}"))
        offer = self._add(
            Offer(
                product_id=product,
                sku_id=sku,
                term=term,
                billing_plan=billing_plan,
                segment="commercial",
                market="DE",
            )
        )
        made = Put(
            offer,
            product,
            self.families[family],
            self.categories[category],
            self.vendors[vendor],
            term,
            billing_plan,
        )
        if cost is not None:
            self.price(made, cost, list_price, currency)
        return made

    def price(
        self,
        put: Put,
        cost: str,
        list_price: str,
        currency: str = "EUR",
        *,
        since: datetime = LONG_AGO,
        until: datetime | None = None,
        min_quantity: int = 1,
        revision: int = 1,
    ) -> UUID:
        """One more price row of the vendor's for the whole term."""
        row = VendorPrice(
            id=new_id(),
            offer_id=put.offer,
            currency=currency,
            cost=Decimal(cost),
            list_price=Decimal(list_price),
            min_quantity=min_quantity,
            effective_from=since,
            effective_to=until,
            revision=revision,
        )
        return self._add(row)
