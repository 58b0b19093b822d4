"""Takes the pictures in `docs/screenshots/` from a running demo, the same pages in the same sizes under the same names.

Run it with `bin/screenshots`. A fresh demo (`bin/demo --fresh`) gives the pictures that are documented.
"""

import argparse
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from PIL import Image
from playwright.sync_api import Browser, Page

from app.demo.cast import PEOPLE, RESELLERS
from app.demo.supervisor import demo_settings
from app.demo.world.password import password_file
from config.settings import Settings
from tests.support.chromium import running

FOLDER = Path(__file__).with_name("screenshots")
DESK, PHONE = (1440, 900), (390, 844)
MOST_BYTES = 300_000
PREMIUM = "Microsoft 365 Business Premium"


@dataclass(frozen=True)
class Picture:
    """`path` is opened; then the first link that each of `steps` (CSS, or words) finds is followed."""

    name: str
    who: str  # of the cast; a reseller's key: a stranger in its shop
    path: str
    steps: tuple[str, ...] = ()
    size: tuple[int, int] = DESK
    scheme: str = "light"
    height: int = 0  # another one than the screen's


PICTURES = (
    Picture("shop-home", "acme", "/"),
    Picture("shop-catalogue", "ann", "/catalogue?q=business"),
    Picture(
        "shop-product-dark", "ann", "/catalogue?q=business+premium", (f"text='{PREMIUM}'",), scheme="dark"
    ),
    Picture("shop-order-waiting", "ann", "/orders?state=on_hold", ("main table tbody tr a",)),
    Picture("shop-product-phone", "ann", "/catalogue?q=business+premium", (f"text='{PREMIUM}'",), size=PHONE),
    Picture("market-home", "tess", "/"),
    Picture("market-catalogue-phone-dark", "tess", "/catalogue", size=PHONE, scheme="dark"),
    Picture("console-overview-dark", "olivia", "/admin", scheme="dark"),
    Picture(
        "console-approval",
        "olivia",
        "/admin/approvals",
        ("main table tbody tr:last-of-type th a",),
        height=1180,
    ),
    Picture("console-price-book", "olivia", "/admin/price-books", ("main >> text=Nimbus",)),
    Picture("console-brand", "olivia", "/admin/brand"),
    Picture(
        "distributor-price-sheet",
        "dora",
        "/distributor/price-sheets",
        ("main table tbody tr:last-of-type th a",),
    ),
)


def main() -> None:
    """Takes every picture, or those named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--port", type=int, help="the demo's port, if it is not the one that was started last"
    )
    parser.add_argument("names", nargs="*", help="only these pictures")
    said = parser.parse_args()
    settings = demo_settings(os.environ, said.port or _port_of_the_running_demo())
    if not password_file(settings).exists():
        sys.exit(f"There is no demo world in {settings.data_dir}: start bin/demo first.")
    wanted = [picture for picture in PICTURES if not said.names or picture.name in said.names]
    FOLDER.mkdir(exist_ok=True)
    with running() as chromium:
        for who, pictures in groupby(wanted, key=lambda picture: picture.who):
            with _page_of(chromium, settings, who) as page:
                for picture in pictures:
                    _take(page, _origin(settings, who), picture)


def _port_of_the_running_demo() -> int | None:
    noted = Path(os.environ.get("AWNING_DATA_DIR") or "var") / "demo.env"
    return int(noted.read_text().split("=")[1]) if noted.exists() else None


def _origin(settings: Settings, who: str) -> str:
    if who in RESELLERS:
        return settings.origin(settings.shop_host(who))
    player = PEOPLE[who]
    if player.realm != "storefront":
        return settings.origin(settings.platform_host)
    from app.demo.cast import CUSTOMERS

    return settings.origin(settings.shop_host(CUSTOMERS[player.at].reseller))


@contextmanager
def _page_of(chromium: Browser, settings: Settings, who: str) -> Iterator[Page]:
    """A window in which `who` is signed in."""
    context = chromium.new_context(locale="en-GB", reduced_motion="reduce")
    page = context.new_page()
    if who in PEOPLE:
        sign_in = "/sign-in" if PEOPLE[who].realm == "storefront" else "/console/sign-in"
        page.goto(_origin(settings, who) + sign_in)
        page.locator("[name=email]").fill(PEOPLE[who].email)
        page.locator("[name=password]").fill(password_file(settings).read_text().strip())
        page.locator("main").get_by_role("button", name="Sign in").click()
        page.locator(".who-summary").wait_for()
    yield page
    context.close()


def _take(page: Page, origin: str, picture: Picture) -> None:
    width, height = picture.size
    page.set_viewport_size({"width": width, "height": picture.height or height})
    page.emulate_media(color_scheme="dark" if picture.scheme == "dark" else "light")
    page.goto(origin + picture.path)
    for step in picture.steps:
        page.goto(page.locator(step).first.evaluate("link => link.closest('a').href"))
    page.wait_for_load_state("networkidle")
    page.evaluate("document.fonts.ready")
    page.mouse.move(0, 0)
    size = _keep(page.screenshot(), FOLDER / f"{picture.name}.png")
    sys.stdout.write(f"  {picture.name}.png  {size // 1000} kB\n")


def _keep(shot: bytes, path: Path) -> int:
    """Fewer colours, so that the pictures stay small in the repository."""
    image = Image.open(io.BytesIO(shot)).convert("RGB")
    for colours in (256, 128, 64):
        image.quantize(colours, dither=Image.Dither.NONE).save(path, optimize=True)
        if path.stat().st_size <= MOST_BYTES:
            break
    return path.stat().st_size


if __name__ == "__main__":
    main()
