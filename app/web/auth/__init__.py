"""The door at which people say who they are: one set of views, at the shops' hosts and at the console's.

Shops: /sign-in, /sign-out, /forgotten-password, /new-password/<token>, /invitations/<token>, /profile. The console has the
same below /console. Who may do what is no matter of this door.
"""

from app.web.auth import away, links, login, notifications, profile, signing_in
from app.web.kit.area import PLATFORM, SHOP, Area

shop = Area("auth", __name__, side=SHOP, signs_in=True)
console = Area("console_auth", __name__, side=PLATFORM, signs_in=True, url_prefix="/console")
shop_profile = Area("profile", __name__, side=SHOP)
console_profile = Area("console_profile", __name__, side=PLATFORM, url_prefix="/console")

for area in (shop, console):
    signing_in.add_to(area)
    links.add_to(area)
    notifications.add_to(area)
for area in (shop_profile, console_profile):
    profile.add_to(area)
    away.add_to(area)
    notifications.add_to_profile(area)

shop.record_once(login.install)

AREAS = [shop, console, shop_profile, console_profile]
