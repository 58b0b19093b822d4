"""Every kind of page, for everybody who may see it: nothing that axe objects to, in light or dark, and nothing that has to
be scrolled sideways on a small screen.

Pages are found by following links, one address to a URL rule; what no link leads to is named here.
"""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit
from zlib import crc32

import pytest
from flask import Flask
from playwright.sync_api import Page, Response
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from app.domain.people.rules.roles import permissions_of
from app.web.kit import area
from config.settings import PROJECT_DIR
from tests.browser.world import World, is_whole
from tests.support.chromium import Heard

pytestmark = pytest.mark.browser

AXE = PROJECT_DIR / "node_modules" / "axe-core" / "axe.min.js"
WIDTHS = (320, 820, 390)
SETTLED = """
    new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 50))))
        .then(() => Promise.allSettled(document.getAnimations().map(one => one.finished)))
"""

NO_PAGE = re.compile(
    r"^/(parts|assets|media|theme|healthz|ui)\b|/parts/|^/admin/brand/preview|^/admin/email-templates/<kind_name>/preview|/letter$|<token>|/file\.pdf$|/export\.|\.(csv|xlsx)$"
)
"""What a GET answers with something else than a page of its own, and pages behind links in mails."""


@dataclass(frozen=True)
class Round:
    """One person's way through their side of the house; `also` are addresses that no link leads to.

    A long way is walked `parts` times, side by side: every page is opened each time, and those of one part are looked at.
    """

    who: str
    host: str
    also: tuple[str, ...] = ()
    parts: int = 1


SHOP_STRANGER = ("/", "/catalogue?q=zzzz", "/forgotten-password", "/terms", "/nowhere", "/invitations/none")
SHOP_BUYER = (
    "/catalogue?q=premium",
    "/checkout",
    "/profile/password",
    "/orders/O-2020-1",
    "/profile/away",
    "/cloud-accounts/none/deletion",
)
NOT_HERE = "00000000-0000-4000-8000-000000000001"
"""What the small world has none of still answers, with a page that says so."""
OWNER = (
    "/console/profile/password", "/admin/orders?q=zzzz", "{draft}", "{asked}/decision", "/admin/exchange-rates/EUR/USD",
    "/admin/cloud-accounts/none/deletion", "/admin/cloud-accounts/requests/none", f"/admin/drift/{NOT_HERE}",
    f"/admin/policies/{NOT_HERE}/lifting", f"/admin/vendor-programs/{NOT_HERE}/request",
)  # fmt: skip
STAFF = (
    "/console/profile/password", "/console/profile/away", f"/distributor/programs/{NOT_HERE}",
    f"/distributor/program-requests/{NOT_HERE}",
)  # fmt: skip
ROUNDS = {
    "a stranger, calm theme": Round("", "acme.localhost", SHOP_STRANGER),
    "a stranger, market theme": Round("", "globex.localhost", SHOP_STRANGER),
    "a buyer, calm theme": Round(
        "ann", "", (*SHOP_BUYER, "{held}", "{delivered}", "{refused}", "{held}/withdrawal")
    ),
    "a buyer and approver, market theme": Round(
        "tess",
        "",
        (
            *SHOP_BUYER,
            "{held abroad}",
            "{held abroad}/withdrawal",
            "{asked abroad}/decision",
            "/approval-rules/rules/1",
        ),
    ),
    "a stranger at the console": Round(
        "", "console.localhost", ("/console/forgotten-password", "/ui", "/nowhere")
    ),
    "an owner": Round("olivia", "", (*OWNER, "{draft changes}", "{draft upload}"), parts=3),
    "distributor staff": Round("dora", "", (*STAFF, "{their draft}", "{their changes}", "{their upload}")),
}


def rules_for(app: Flask, side: str, permissions: frozenset[str] | None) -> set[str]:
    """Every page that is there for this visitor: to a stranger what is public, to others what they signed in for."""
    gates = app.extensions["gates"]
    return {
        rule.rule
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ())
        and gates[rule.endpoint].side in (side, area.BOTH)
        and not NO_PAGE.search(rule.rule)
        and gates[rule.endpoint].can
        in ({area.PUBLIC} if permissions is None else {area.SIGNED_IN, *permissions})
    }


class Walk:
    """Opens pages, one to a rule, and notes what is wrong with them; looks closely at those of its part."""

    def __init__(self, world: World, page: Page, origin: str, part: int = 0, parts: int = 1):
        self.world, self.page, self.origin = world, page, origin
        self.part, self.parts = part, parts
        self.adapter = world.app.url_map.bind(str(urlsplit(origin).hostname))
        self.seen: set[str] = set()
        self.wrong: list[str] = []
        self.axe = AXE.read_text()

    def rule_of(self, path: str) -> str | None:
        try:
            rule, _ = self.adapter.match(path, method="GET", return_rule=True)
        except (HTTPException, RequestRedirect):
            return None
        return rule.rule

    def all(self, first: list[str]) -> None:
        """From these addresses on, wherever links lead."""
        queue, named = list(first), len(first)
        while queue:
            path, named = queue.pop(0), named - 1
            rule = self.rule_of(urlsplit(path).path)
            if named < 0 and (rule is None or rule in self.seen or NO_PAGE.search(rule)):
                continue
            self.look(path)
            for link in self.page.locator("a[href]").evaluate_all("links => links.map(a => a.href)"):
                if link.startswith(self.origin + "/"):
                    queue.append(link.removeprefix(self.origin).split("#")[0])

    def look(self, path: str) -> None:
        response: Response | None = self.page.goto(self.origin + path)
        landed = self.rule_of(urlsplit(self.page.url).path)
        self.seen.update(filter(None, (landed, self.rule_of(urlsplit(path).path))))
        assert response is not None
        if response.status not in (200, 404, 410):
            self.wrong.append(f"{path}: {response.status}")
        if crc32((landed or path).encode()) % self.parts != self.part:
            return
        self.page.evaluate(self.axe)
        self.check(path, "light", None)
        self.page.emulate_media(color_scheme="dark")
        self.page.evaluate(SETTLED)  # until then some colours are still the light ones
        self.check(path, "dark", ["color-contrast", "link-in-text-block"])
        self.page.evaluate("document.fonts.ready.then(() => true)")  # a stand-in's letters may be wider
        for width in WIDTHS:
            self.page.set_viewport_size({"width": width, "height": 800})
            if not is_whole(self.page):
                self.wrong.append(f"{path}: has to be scrolled sideways at {width} px")
        self.check(path, "narrow, dark", None)
        self.page.emulate_media(color_scheme="light")
        self.page.set_viewport_size({"width": 1280, "height": 900})

    def check(self, path: str, how: str, only: list[str] | None) -> None:
        options: dict[str, Any] = {"resultTypes": ["violations"], "elementRef": False}
        if only:
            options["runOnly"] = {"type": "rule", "values": only}
        found = self.page.evaluate("options => axe.run(document, options)", options)
        if found["violations"] and how != "light":
            # a busy machine may paint the old colours a little longer; what is really wrong is still wrong then
            self.page.wait_for_timeout(600)
            self.page.evaluate(SETTLED)
            found = self.page.evaluate("options => axe.run(document, options)", options)
        for violation in found["violations"]:
            nodes = violation["nodes"]
            self.wrong.append(
                f"{path} ({how}): {violation['id']}: {violation['help']}: {len(nodes)} ×, "
                f"first {nodes[0]['html'][:200]} {nodes[0].get('failureSummary', '')[:300]!r}"
            )


@pytest.mark.parametrize(
    ("name", "part"), [(name, part) for name, round_ in ROUNDS.items() for part in range(round_.parts)]
)
def test_every_page_is_open_to_everybody_and_fits_every_screen(
    world: World, heard: Heard, name: str, part: int
) -> None:
    round_ = ROUNDS[name]
    met = world.people[round_.who] if round_.who else None
    host = met.host if met else round_.host
    context = world.context(met, heard=heard, bypass_csp=True, viewport={"width": 1280, "height": 900})
    walk = Walk(world, context.new_page(), world.origin(host), part, round_.parts)
    walk.all(["/", *(urljoin("/", path.format_map(world.places)) for path in round_.also)])
    context.close()
    side = area.PLATFORM if host == "console.localhost" else area.SHOP
    permissions = permissions_of(met.realm, met.roles) if met else None
    missed = rules_for(world.app, side, permissions) - walk.seen
    if walk.wrong:
        pytest.fail("\n".join(walk.wrong), pytrace=False)
    assert not missed, f"no link leads to {sorted(missed)}"
