"""The bell of the reseller's people."""

from app.web.kit import notifications
from app.web.kit.area import PLATFORM, Area
from app.web.kit.pages import page

area = Area("admin_notifications", __name__, side=PLATFORM, url_prefix="/admin")
notifications.add_to(
    area, render=page, can="console:enter", layout="console/layout.html", is_shop=False, home="/admin"
)
