"""What the margin guard says, in words: why a line was found, and what had changed."""

from flask_babel import lazy_gettext as _l

REASON_WORDS = {
    "under_cost": _l("Under cost"),
    "under_margin": _l("Under the least margin"),
    "at_floor": _l("Held up by its floor"),
}
CAUSE_WORDS = {
    "price_sheet": _l("A price sheet was taken"),
    "exchange_rate": _l("An exchange rate changed"),
    "promotion": _l("A promotion began or ended"),
    "distributors_book": _l("The distributor's prices changed"),
    "price_book": _l("A price book of yours changed"),
    "setting": _l("The least margin was changed"),
    "night": _l("Found overnight"),
}
