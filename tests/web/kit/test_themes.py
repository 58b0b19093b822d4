"""Themes: what every one of them must hold, and that no shop is ever shown in another's clothes."""

import re
from pathlib import Path

import pytest

from app.domain.catalog.queries import shelf
from app.domain.tenants import actions as tenants
from app.domain.tenants.rules.schema import SchemaError
from app.web.kit.themes import Themes
from config.settings import PROJECT_DIR
from tests.support.shopping import Shopping, over

THEMES = sorted(path.parent.name for path in (PROJECT_DIR / "themes").glob("*/theme.toml"))
#: What htmx aims at. A theme that loses one breaks pages in ways only JavaScript shows.
PLACES = {
    "/": ("main", "flash", "cart-badge"),
    "/catalogue": ("results", "facets", "filters"),
    "/cart": ("cart",),
    "/checkout": ("errors",),
    "/orders": ("results",),
}


def dress(in_scope, person, app, theme, **brand):
    with in_scope(person):
        schema = app.extensions["awning.themes"].get(theme).schema
        tenants.dress(tenants.find(person.tenant_id), schema, brand, by=person.actor)


@pytest.fixture
def shopping(app, ann, otto, nimbus):
    shelf._kept.clear()  # these offers come without a sheet
    shop = Shopping(app)
    shop.policy(otto, nimbus, over("500"))
    offer = shop.offer("10.00")
    shop.order(ann, [(offer, 60)])
    shop.fill(ann, [(offer, 3)])
    return shop


@pytest.mark.parametrize("theme", THEMES)
def test_every_page_of_a_theme_keeps_the_contract(theme, app, shopping, ann, olivia, in_scope, browser_for):
    dress(in_scope, olivia, app, theme)
    browser = browser_for(ann)
    paths = [
        "/",
        "/catalogue",
        "/cart",
        "/checkout",
        "/orders",
        "/orders/O-2026-000001",
        "/subscriptions",
        "/company",
        "/terms",
        "/profile",
        "/orders/O-2026-000001/withdrawal",
        "/nothing-here",
    ]
    paths.append(browser.get("/catalogue").link("Product 1"))
    for path in paths:
        page = browser.get(path)
        assert page.status == (404 if path == "/nothing-here" else 200), path
        assert len(page.all("h1")) == 1, path
        assert len(page.all("main#main")) == 1, path
        assert page.all("a.skip[href='#main']"), path
        assert page.one("html")["lang"] == "en"
        assert page.one("html")["class"][-1] == theme or theme in page.one("html")["class"]
        assert not page.all("[style], style, [onclick], [onload], [hx-on]"), path
        assert all(tag.get("src") for tag in page.all("script")), path
        assert not re.search(r"(?:src|href)=\"(?:https?:)?//", page.html.replace("mailto:", "")), path
        for form in page.all("form[method=post]"):
            assert form.select("input[name=csrf_token]"), (path, form.get("action"))
        for field in page.all("main input:not([type=hidden]), main select, main textarea"):
            assert page.all(f"label[for='{field.get('id')}']") or field.find_parent("label"), (path, field)
        ids = [tag["id"] for tag in page.all("[id]")]
        assert len(ids) == len(set(ids)), (path, sorted(one for one in ids if ids.count(one) > 1))
        for place in PLACES.get(path, ()):
            assert page.all(f"#{place}"), (path, place)


@pytest.mark.parametrize("theme", THEMES)
def test_a_theme_overrides_only_templates_that_the_base_has(theme):
    ours = {
        str(path.relative_to(PROJECT_DIR / "themes/base/templates"))
        for path in (PROJECT_DIR / "themes/base/templates").rglob("*.html")
    }
    theirs = PROJECT_DIR / "themes" / theme / "templates"
    assert {str(path.relative_to(theirs)) for path in theirs.rglob("*.html")} <= ours


def test_shops_with_different_themes_in_turn_are_never_mixed_up(app, ann, tess, browser_for):
    acme, globex = browser_for(ann), browser_for(tess)
    for _ in range(3):
        assert not acme.get("/").all(".awning")
        assert globex.get("/").all(".awning")
        assert not acme.get("/nothing").all(".awning")
        assert globex.get("/nothing").all(".awning")


def test_a_brand_is_a_cached_stylesheet_that_changes_its_address(app, ann, olivia, in_scope, browser_for):
    browser = browser_for(ann)
    href = browser.get("/").one("link[rel=stylesheet][href^='/theme/']")["href"]
    sheet = browser.get(href)
    assert sheet.response.headers["Cache-Control"].endswith("immutable")
    assert "--brand: light-dark(#1d4ed8" in sheet.html
    dress(in_scope, olivia, app, "base", brand_color="#7c2d12")
    after = browser.get("/").one("link[rel=stylesheet][href^='/theme/']")["href"]
    assert after != href
    assert "--brand: light-dark(#7c2d12" in browser.get(after).html
    assert browser.get(href).response.headers["Cache-Control"] == "no-store"


def test_what_a_reseller_types_is_shown_as_it_was_typed_and_never_run(
    app, ann, olivia, in_scope, browser_for
):
    nasty = "</title><script>alert(1)</script>{{7*7}}"
    dress(
        in_scope,
        olivia,
        app,
        "base",
        headline=nasty,
        announcement="<img src=x onerror=alert(1)>",
        intro="{% raw %}",
    )
    page = browser_for(ann).get("/")
    assert nasty in page.one("h1").get_text()
    assert page.one(".announcement").get_text() == "<img src=x onerror=alert(1)>"
    assert not page.all("script:not([src]), img[src=x]")


def test_a_logo_is_served_on_its_own_shop_and_nowhere_else(app, ann, tess, olivia, in_scope, browser_for):
    import io

    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (64, 32), "red").save(out, "PNG")
    with in_scope(olivia):
        digest = tenants.keep_picture(out.getvalue(), field="logo", by=olivia.actor)
    dress(in_scope, olivia, app, "base", logo=digest)
    browser = browser_for(ann)
    logo = browser.get("/").one("img.logo")
    assert logo["alt"] == "Acme Cloud"
    served = browser.get(logo["src"])
    assert served.response.mimetype == "image/png"
    assert served.response.headers["X-Content-Type-Options"] == "nosniff"
    assert browser_for(tess).get(logo["src"]).status == 404


def test_a_theme_that_was_taken_away_leaves_the_shop_in_the_calm_one(app):
    assert app.extensions["awning.themes"].get("gone").name == "base"


@pytest.mark.parametrize(
    ("toml", "words"),
    [
        ('name = "other"', "calls itself"),
        ('name = "t"\nparent = "gone"', "no parent"),
        ('name = "t"\nparent = "t"', "circle"),
        ('name = "t"\nparent = ""', "ends at"),
    ],
)
def test_a_wrong_theme_stops_the_start(app, tmp_path: Path, toml, words):
    for name, text in (("base", (PROJECT_DIR / "themes/base/theme.toml").read_text()), ("t", toml)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "theme.toml").write_text(text)
    with pytest.raises(SchemaError, match=words):
        Themes(app, tmp_path)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_light_or_dark_can_be_chosen_and_unchosen(app, ann, browser_for, scheme):
    browser = browser_for(ann)
    browser.get("/orders")
    page = browser.submit("form.scheme", {"light": "Light", "dark": "Dark"}[scheme])
    assert page.path == "/orders"
    assert page.one("html")["data-scheme"] == scheme
    assert not browser.submit("form.scheme", "As the device").one("html").has_attr("data-scheme")


def test_choosing_a_scheme_never_leads_to_another_site(app, ann, browser_for):
    browser = browser_for(ann)
    browser.get("/")
    for back in ("https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"):
        page = browser.post("/appearance", {"scheme": "dark", "back": back, **browser.csrf()})
        assert page.path == "/"
        assert page.url.startswith("http://acme.localhost")


def test_the_gallery_shows_every_component(app, browser_for):
    page = browser_for(host=app.config["SETTINGS"].platform_host).get("/ui")
    assert page.status == 200
    for css in (
        ".badge",
        ".table",
        "dialog",
        "details.menu",
        ".timeline",
        ".pager",
        ".stat",
        ".stepper",
        ".tabs",
        ".chip.on",
        ".errors",
        ".empty",
        ".avatar",
        ".crumbs",
        "progress",
        ".note",
        ".field .error",
    ):
        assert page.all(css), css
    names = {path.stem for path in (PROJECT_DIR / "app/web/templates/ui").glob("*.html")}
    showing = ("gallery/ui.html", "console/layout.html")
    source = "".join((PROJECT_DIR / "app/web/templates" / name).read_text() for name in showing)
    assert {name for name in names if f'"ui/{name}.html"' not in source} == set()
