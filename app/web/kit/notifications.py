"""A person's notifications, the same in shop and console: the list, opening one, having read all, and the bell by itself."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import g, redirect
from flask.typing import ResponseReturnValue

from app.domain.notices import actions, queries
from app.web.kit.area import SIGNED_IN, Area
from app.web.kit.language import spoken
from app.web.kit.listing import asked
from app.web.kit.pages import page, see_other

Render = Callable[..., ResponseReturnValue]


def add_to(area: Area, *, render: Render, can: str = SIGNED_IN, **frame: Any) -> None:
    """Registers the views on `area`. `render` makes a whole page; `frame` says which (`layout`, `is_shop`, `home`)."""
    home = frame["home"]

    def list_notifications() -> ResponseReturnValue:
        """What this person was told, the newest first."""
        want = asked(view=("unread",))
        found = queries.bell(
            g.arrival.actor, spoken().locale, unread=want["view"] == "unread", page=want.page, size=want.size
        )
        return render("notifications/list.html", want=want, found=found, **frame)

    def open_notification(notice_id: UUID) -> ResponseReturnValue:
        """Notes that it was read and goes where it leads. A path of ours: nobody typed it."""
        return redirect(actions.mark_read(notice_id, g.arrival.actor).path, 303)

    def read_all() -> ResponseReturnValue:
        """Notes that all of them were read."""
        actions.mark_all_read(g.arrival.actor)
        return see_other(".list_notifications")

    def show_bell() -> ResponseReturnValue:
        """The bell by itself, for polling."""
        return page(
            "notifications/bell_link.html",
            bell_href=f"{home}/notifications",
            unread_count=queries.unread_count(g.arrival.actor),
        )

    area.get("/notifications", can=can)(list_notifications)
    area.post("/notifications/<uuid:notice_id>/opening", can=can)(open_notification)
    area.post("/notifications/reading", can=can)(read_all)
    area.get("/parts/bell", can=can)(show_bell)
