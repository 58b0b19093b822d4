"""What happens to the catalogue: sheets are handed in and taken, shops choose what they show."""

from app.domain.catalog.actions.choices import choose
from app.domain.catalog.actions.sheets import (
    add_vendor,
    cancel_sheet,
    import_sheet,
    register_file,
    take_good_rows,
)

__all__ = ["add_vendor", "cancel_sheet", "choose", "import_sheet", "register_file", "take_good_rows"]
