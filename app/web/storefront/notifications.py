"""The customer's bell: what they were told about their orders and requests."""

from app.web.kit import notifications
from app.web.kit.area import SHOP, Area
from app.web.storefront.frame import shop_page

area = Area("notifications", __name__, side=SHOP)
notifications.add_to(area, render=shop_page, layout="shop/layout.html", is_shop=True, home="")
