"""The goods of the demo world: names as vendors use them, list prices invented (US cents per unit and month)."""

from app.demo.products.line import Line
from app.demo.products.microsoft import microsoft
from app.demo.products.microsoft_business import microsoft_business
from app.demo.products.others import aws, google, ibm, meridian

LINES: dict[str, list[Line]] = {
    "microsoft": [*microsoft(), *microsoft_business()],
    "aws": aws(),
    "google": google(),
    "ibm": ibm(),
    "meridian": meridian(),
}
"""By the vendor's key."""

__all__ = ["LINES", "Line"]
