"""The distributor's first page: sheets that wait for a decision, the house in figures, the resellers."""

from flask.typing import ResponseReturnValue

from app.domain.catalog import queries as catalog
from app.domain.reports.queries import resellers
from app.web.kit.area import PLATFORM, Area
from app.web.kit.pages import page

area = Area("distributor_overview", __name__, side=PLATFORM)


@area.get("/distributor", can="distributor:enter")
def show_overview() -> ResponseReturnValue:
    """What waits, what sells."""
    sheets, total = catalog.sheets(size=5)
    return page(
        "distributor/overview.html",
        figures=resellers.house_figures(),
        sheets=sheets,
        sheets_total=total,
        resellers=resellers.resellers(sort="-last", size=8),
    )
