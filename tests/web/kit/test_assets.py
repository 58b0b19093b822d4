"""Files for browsers: found by name, served by content, and nothing else on disk can be reached."""

import re

import pytest

from app.web.kit.assets import Assets, NoSuchAsset
from config.settings import PROJECT_DIR


@pytest.fixture(scope="module")
def assets():
    return Assets(PROJECT_DIR)


def test_a_url_names_the_content_and_may_be_kept_for_ever(assets, acme, browser_for):
    page = browser_for(host=acme.host).get(assets.get("css/core.css").url)
    assert page.status == 200
    assert page.response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert page.response.mimetype == "text/css"


def test_an_address_from_yesterday_gets_todays_file_and_is_not_kept(assets, acme, browser_for):
    page = browser_for(host=acme.host).get("/assets/css/core.0123456789ab.css")
    assert page.status == 200
    assert page.response.headers["Cache-Control"] == "no-store"


def test_text_is_sent_compressed_to_those_who_take_it(assets, acme, browser_for):
    url = assets.get("css/core.css").url
    small = browser_for(host=acme.host).get(url, headers={"Accept-Encoding": "gzip"})
    assert small.response.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in small.response.headers["Vary"]
    plain = browser_for(host=acme.host).get(url, headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.response.headers


@pytest.mark.parametrize(
    "name",
    [
        "../../config/settings.py",
        "css/../../kit/assets.py",
        "themes/base/../../../wsgi.py",
        "/etc/passwd",
        "css/core.css/",
        "npm/lucide-static/icons/check.svg",
        "npm/inter/../../htmx.org/package.json",
        "npm/inter/evil.woff2",
        "CSS/core.css",
        "css//core.css",
        ".gitignore",
        "css/.hidden",
        "themes/base/theme.toml",
        "themes/nothing/theme.css",
        "css\\core.css",
        "",
    ],
)
def test_nothing_but_the_listed_files_can_be_reached(assets, name):
    with pytest.raises(NoSuchAsset):
        assets.get(name)


@pytest.mark.parametrize(
    "path",
    [
        "/assets/../config/settings.py",
        "/assets/css/core.css",
        "/assets/%2e%2e/wsgi.py",
        "/assets/x.0123456789ab.css",
    ],
)
def test_an_address_that_names_no_asset_is_not_found(acme, browser_for, path):
    assert browser_for(host=acme.host).get(path).status == 404


def test_every_file_a_stylesheet_or_module_names_is_there(assets):
    for name in (
        "css/core.css",
        "css/console.css",
        "themes/base/theme.css",
        "themes/market/theme.css",
        "js/app.js",
    ):
        text = assets.get(name).body.decode()
        named = re.findall(r'url\("(/assets/[^"]+)"\)', text) + re.findall(
            r'import\s*"(/assets/[^"]+)"', text
        )
        assert '"./' not in text
        assert "@import" not in text
        for url in named:
            found, is_current = assets.find(url.removeprefix("/assets/"))
            assert is_current
            assert found.body


def test_no_file_of_ours_asks_another_host_for_anything(assets):
    for name in (
        "css/core.css",
        "css/console.css",
        "themes/base/theme.css",
        "themes/market/theme.css",
        "js/app.js",
    ):
        assert not re.search(r"https?://|//[a-z]+\.", assets.get(name).body.decode())


def test_an_icon_is_hidden_from_screen_readers_and_carries_no_script(app):
    with app.app_context():
        from app.web.kit.assets import icon

        drawn = icon("check")
    assert 'aria-hidden="true"' in drawn
    assert "script" not in drawn
    assert "style=" not in drawn


def test_an_icon_that_is_not_there_is_a_programmers_mistake(assets):
    with pytest.raises(NoSuchAsset):
        assets.icon("../../../package")
