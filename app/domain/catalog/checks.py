"""What must always be true of the catalogue; run by `flask verify`. Here stands what foreign keys would cost too much for."""

from sqlalchemy import text

from app.core.db import session


def _ids(statement: str) -> list[str]:
    return [str(found) for found in session().scalars(text(statement + " LIMIT 1000"))]


def prices_without_offer() -> list[str]:
    return _ids(
        "SELECT v.id FROM vendor_price v WHERE NOT EXISTS (SELECT FROM offer o WHERE o.id = v.offer_id)"
    )


def prices_without_sheet() -> list[str]:
    return _ids(
        "SELECT min(v.id::text) FROM vendor_price v LEFT JOIN price_sheet s ON s.revision = v.revision"
        " WHERE s.id IS NULL GROUP BY v.revision"
    )


def offers_of_no_sku() -> list[str]:
    return _ids(
        "SELECT o.id FROM offer o WHERE NOT EXISTS"
        " (SELECT FROM sku s WHERE s.id = o.sku_id AND s.product_id = o.product_id)"
    )


def turns_that_are_not_noted() -> list[str]:
    return _ids(
        "SELECT min(v.id::text) FROM vendor_price v, LATERAL (VALUES (effective_from), (effective_to)) AS edge(at)"
        " WHERE at IS NOT NULL AND NOT EXISTS (SELECT FROM catalog_turn t WHERE t.at = edge.at) GROUP BY at"
    )


def half_taken_sheets() -> list[str]:
    return _ids("SELECT id FROM price_sheet WHERE (state = 'taken') <> (revision IS NOT NULL)")


CHECKS = [
    ("every vendor price belongs to an offer", prices_without_offer),
    ("every vendor price came with a price sheet", prices_without_sheet),
    ("every offer is of a sku of its product", offers_of_no_sku),
    ("every instant at which a price begins or ends is noted", turns_that_are_not_noted),
    ("a price sheet has a revision exactly when it was taken", half_taken_sheets),
]
