"""Price sheets for tests: one good row, changed where a test says so."""

from app.domain.catalog.rules.sheet_layout import COLUMNS

GOOD = {
    "ChangeIndicator": "Unchanged",
    "ProductTitle": "Microsoft 365 Business Basic",
    "ProductId": "CFQ7TTC0LH18",
    "SkuId": "0001",
    "SkuTitle": "Microsoft 365 Business Basic",
    "Publisher": "Microsoft Corporation",
    "SkuDescription": "Mail, calendar and Teams",
    "UnitOfMeasure": "",
    "TermDuration": "P1Y",
    "BillingPlan": "Monthly",
    "Market": "DE",
    "Currency": "EUR",
    "UnitPrice": "60.48",
    "PricingTierRangeMin": "",
    "PricingTierRangeMax": "",
    "EffectiveStartDate": "2025-04-01T00:00:00.0000000Z",
    "EffectiveEndDate": "9999-11-30T23:59:59.0000000Z",
    "Tags": "License",
    "ERP Price": "75.6",
    "Segment": "Commercial",
    "PreviousValues": "",
}
HEADER = ",".join(COLUMNS)


def cell(text: str) -> str:
    """`text` as a CSV cell."""
    return '"' + text.replace('"', '""') + '"' if any(ch in text for ch in '",\n\r') else text


def line(**changes: str) -> str:
    """One row; a column with a blank in its name is given with an underscore (`ERP_Price`)."""
    named = {column.replace("_", " "): text for column, text in changes.items()}
    assert set(named) <= set(GOOD), set(named) - set(GOOD)
    return ",".join(cell(text) for text in {**GOOD, **named}.values())


def sheet(*lines: str, header: str = HEADER, end: str = "\r\n") -> bytes:
    """A whole file."""
    return "".join(text + end for text in (header, *lines)).encode()
