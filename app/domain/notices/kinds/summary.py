"""The day's summary, for people who want to be told once a day."""

from app.core.language import mark as _
from app.domain.notices.kinds.kind import Kind

SUMMARY = (
    Kind(
        name="daily_summary",
        tag="summary",
        title=_("The day's summary"),
        subject=_("{shop_name}: what happened, {day}"),
        body=_(
            "Hello {person_name},\n\nthis is what happened since the last summary:\n\n{notices}\n\n{button}"
        ),
        button=_("See all of it"),
        names=("count", "day", "notices", "link", "button"),
        why=_("You get this mail because you chose a summary once a day."),
        icon="newspaper",
        group="summary",
    ),
)
