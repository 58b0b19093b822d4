"""The catalogue's closed lists: terms, billing plans, segments, markets, and which go together.

The words on the left of each table are the vendor's (Microsoft price sheet and Partner Center enumerations), those on
the right are ours.
"""

TERMS = {"P1M": 1, "P1Y": 12, "P3Y": 36}
"""Term durations, and how many months each lasts."""

BILLING_PLANS = {"Monthly": "monthly", "Annual": "annual", "Triennial": "triennial", "None": "none"}
PLAN_MONTHS = {"monthly": 1, "annual": 12, "triennial": 36, "none": 0}
"""Months between two charges; `none` (trials) is never charged."""

PLANS_OF_TERM = {
    "P1M": frozenset({"monthly", "none"}),
    "P1Y": frozenset({"monthly", "annual"}),
    "P3Y": frozenset({"monthly", "annual", "triennial"}),
}
"""A plan may not be longer than its term (Partner Center error 900270)."""

SEGMENTS = {
    "Commercial": "commercial",
    "Education": "education",
    "Charity": "nonprofit",
    "Government": "government",
}

CHANGES = {
    "Unchanged": "unchanged",
    "Change": "change",
    "Add": "add",
    "Delete": "delete",
    # the legacy sheet's words for the same
    "UNC": "unchanged",
    "CHG": "change",
    "ADD": "add",
    "DEL": "delete",
    "": "unchanged",
}

_MARKETS = (
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ "
    "CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO "
    "FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE "
    "JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO "
    "MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW "
    "PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM "
    "TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW"
)
MARKETS = frozenset(_MARKETS.split())
"""ISO 3166-1 alpha-2, and XK."""

TERM_ORDER = ("P1Y", "P1M", "P3Y")
PLAN_ORDER = ("monthly", "annual", "triennial", "none")
SEGMENT_ORDER = ("commercial", "nonprofit", "education", "government")
"""The order in which choices are offered; the first is what a product's card shows."""

VENDORS = {"microsoft": "Microsoft", "aws": "Amazon Web Services", "google": "Google", "ibm": "IBM"}
"""Vendors that are known from the start; the distributor's own and others are added."""
