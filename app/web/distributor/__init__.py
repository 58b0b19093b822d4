"""The distributor's console: price sheets, exchange rates, vendors, resellers. Views translate and decide nothing."""

AREAS = []
