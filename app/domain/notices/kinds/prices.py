"""What is told about prices: to customers before they rise for what runs, and to the reseller when a margin has gone."""

from app.core.language import mark as _
from app.domain.notices.kinds.kind import Kind

PRICES = (
    Kind(
        name="prices_rise",
        tag="prices",
        title=_("Prices will rise"),
        subject=_("New prices from {day} on"),
        body=_(
            "Hello {person_name},\n\nthe prices of some of your subscriptions change. Each keeps its price until the day that"
            " stands beside it.\n\n{price_lines}\n\nIf you have questions, just answer this mail.\n\n{button}"
        ),
        names=("company_name", "day", "price_lines", "count", "link", "button"),
        why=_("You get this mail because prices of what your company runs change."),
        button=_("See your subscriptions"),
        icon="tags",
        tone="warn",
        group="prices",
    ),
    Kind(
        name="margins_gone",
        tag="prices",
        title=_("To you: something sells under its margin"),
        subject=_("{count} prices earn too little now"),
        body=_(
            "Hello {person_name},\n\nafter a change of prices or rates, the margin guard found {count} offers that sell under"
            " their cost, their floor or your least margin.\n\nAccept them for a time, change the rule, or close"
            " them.\n\n{button}"
        ),
        names=("count", "link", "button"),
        why=_("You get this mail because you look after the prices of {shop_name}."),
        button=_("Look at the margin guard"),
        icon="shield-alert",
        tone="bad",
        group="trouble",
    ),
)
