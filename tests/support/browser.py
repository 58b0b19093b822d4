"""A browser without a screen or scripts: follows links, fills in forms as they stand on the page, keeps hosts apart.

It is built on Flask's test client. A field that the form does not have cannot be filled, so a test breaks when a page
loses its form; what a page did not offer has to be forged on purpose, with `post`.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any
from urllib.parse import urljoin, urlsplit

from bs4 import BeautifulSoup, Tag
from flask import Flask
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from app.core import clock
from app.core.db import db
from app.domain.people.models import WebSession
from app.web.kit.sessions import cookie_name, hash_token
from tests.support.seeding import Met

REDIRECTS = (301, 302, 303, 307, 308)


class Page:
    """What the browser shows: the answer and, for HTML, its elements."""

    def __init__(self, url: str, response: TestResponse, hops: list[int]):
        self.url = url
        self.response = response
        self.status = response.status_code
        self.hops = hops
        self._soup: BeautifulSoup | None = None

    @property
    def path(self) -> str:
        """Path and query of the address."""
        parts = urlsplit(self.url)
        return parts.path + (f"?{parts.query}" if parts.query else "")

    @property
    def html(self) -> str:
        return self.response.get_data(as_text=True)

    @property
    def soup(self) -> BeautifulSoup:
        if self._soup is None:
            self._soup = BeautifulSoup(self.html, "html.parser")
        return self._soup

    @property
    def text(self) -> str:
        """The words on the page, blanks folded."""
        return " ".join(self.soup.get_text(" ").split())

    def all(self, css: str) -> list[Tag]:
        return list(self.soup.select(css))

    def one(self, css: str) -> Tag:
        """The one element that `css` finds."""
        found = self.soup.select(css)
        assert len(found) == 1, f"{len(found)} elements match {css!r} at {self.url}"
        return found[0]

    def link(self, words: str) -> str:
        """Where the first link with these words leads."""
        for tag in self.soup.select("a[href]"):
            if words in " ".join(tag.get_text(" ").split()):
                return str(tag["href"])
        raise AssertionError(
            f"no link says {words!r} at {self.url}: {[a.get_text(' ', strip=True) for a in self.all('a')]}"
        )

    def form(self, which: str = "") -> Tag:
        """The form found by a CSS selector, its action or words on its button; without `which` the only one in `main`."""
        forms = self.soup.select("form")
        if not which:
            main = self.soup.select("main form") or forms
            assert len(main) == 1, f"{len(main)} forms at {self.url}: say which"
            return main[0]
        for form in forms:
            buttons = [" ".join(button.get_text(" ").split()) for button in self._buttons(form)]
            if form.get("action") == which or form.get("id") == which or which in buttons:
                return form
        found = self.soup.select(which) if which[:1] in "#.[" or which.startswith("form") else []
        assert found, f"no form {which!r} at {self.url}: {[(f.get('action'), f.get('id')) for f in forms]}"
        return found[0]

    def _buttons(self, form: Tag) -> list[Tag]:
        return [tag for tag in self._fields(form) if tag.name == "button"]

    def _fields(self, form: Tag) -> list[Tag]:
        inside = form.select("input, select, textarea, button")
        name = form.get("id")
        outside = [tag for tag in self.soup.select(f'[form="{name}"]') if tag not in inside] if name else []
        return [tag for tag in inside if not tag.has_attr("form") or tag["form"] == name] + outside

    def filled(
        self, which: str = "", press: str = "", /, **values: Any
    ) -> tuple[Tag, MultiDict[str, Any], Tag | None]:
        """The form's data as it stands, with `values` typed over it and the button that says `press` pressed.

        A value may be a list (several), None (leave it empty, untick it), True (tick it) or, for a file,
        `(stream, name)`. Raises AssertionError for a field or choice that the form does not offer.
        """
        form = self.form(which)
        data: MultiDict[str, Any] = MultiDict()
        offered: dict[str, list[Tag]] = {}
        pressed: Tag | None = None
        for tag in self._fields(form):
            name = str(tag.get("name") or "")
            if tag.name == "button" or tag.get("type") == "submit":
                words = " ".join(tag.get_text(" ").split())
                wanted = press in (words, tag.get("value")) if press else which == words
                if pressed is None and wanted:
                    pressed = tag
                continue
            if not name or tag.has_attr("disabled"):
                continue
            offered.setdefault(name, []).append(tag)
            for value in _standing(tag):
                data.add(name, value)
        for name, value in values.items():
            tags = offered.get(name)
            assert tags, f"no field {name!r} in the form at {self.url}: {sorted(offered)}"
            data.setlist(name, _typed(tags, value))
        assert not press or pressed is not None, f"no button {press!r} in the form at {self.url}"
        if pressed is not None and pressed.get("name"):
            data.add(str(pressed["name"]), str(pressed.get("value", "")))
        return form, data, pressed


def _standing(tag: Tag) -> list[str]:
    if tag.name == "textarea":
        return [tag.get_text().removeprefix("\n")]
    if tag.name == "select":
        options = tag.select("option")
        chosen = [o for o in options if o.has_attr("selected")] or (
            [] if tag.has_attr("multiple") else options[:1]
        )
        return [_worth(option) for option in chosen]
    kind = tag.get("type", "text")
    if kind in ("checkbox", "radio"):
        return [str(tag.get("value", "on"))] if tag.has_attr("checked") else []
    return [] if kind in ("file", "reset", "image") else [str(tag.get("value", ""))]


def _worth(option: Tag) -> str:
    return str(option["value"]) if option.has_attr("value") else option.get_text(strip=True)


def _typed(tags: list[Tag], value: Any) -> list[Any]:
    kind = tags[0].get("type")
    if value is None:
        return [] if kind in ("checkbox", "radio", "file") else [""]
    if kind == "file":
        return value if isinstance(value, list) else [value]
    if value is True:
        return [str(tags[0].get("value", "on"))]
    wanted = [str(one) for one in (value if isinstance(value, list | tuple) else [value])]
    choices: list[str] | None = None
    if tags[0].name == "select":
        choices = [_worth(option) for option in tags[0].select("option")]
    elif kind in ("radio", "checkbox"):
        choices = [str(tag.get("value", "on")) for tag in tags]
    assert choices is None or set(wanted) <= set(choices), f"{wanted} is not on offer: {choices}"
    return wanted


class Browser:
    """One person's browser. `page` is what it shows; `host` is where paths without a host go."""

    def __init__(
        self, app: Flask, host: str, *, address: str = "127.0.0.1", agent: str = "Mozilla/5.0 (test)"
    ):
        self.app = app
        self.host = host
        self.settings = app.config["SETTINGS"]
        self.client = app.test_client()
        self.address = address
        self.agent = agent
        self.page: Page = None  # type: ignore[assignment]

    def _whole(self, url: str) -> str:
        base = (
            self.page.url if self.page is not None and urlsplit(self.page.url).hostname == self.host else None
        )
        return urljoin(base or self.settings.origin(self.host) + "/", url)

    def open(
        self, method: str, url: str, *, follow: bool = True, headers: Any = None, **options: Any
    ) -> Page:
        """Sends a request as a browser does, follows where it is sent, and shows the page."""
        hops: list[int] = []
        url = self._whole(url)
        while True:
            parts = urlsplit(url)
            sent = {"User-Agent": self.agent, **dict(headers or {})}
            if method == "POST":
                sent.setdefault("Origin", self.settings.origin(self.host))
            response = self.client.open(
                parts.path + (f"?{parts.query}" if parts.query else ""),
                method=method,
                base_url=f"{parts.scheme}://{parts.netloc}",
                headers=sent,
                environ_overrides={"REMOTE_ADDR": self.address},
                **options,
            )
            self.host = str(parts.hostname)
            self.page = Page(url, response, hops)
            if not follow or response.status_code not in REDIRECTS:
                return self.page
            hops.append(response.status_code)
            assert len(hops) < 10, f"sent round in circles: {url}"
            url, method, options = urljoin(url, response.headers["Location"]), "GET", {}

    def get(self, url: str, **options: Any) -> Page:
        return self.open("GET", url, **options)

    def post(self, url: str, data: Any = None, **options: Any) -> Page:
        """A POST of exactly this data: forged where no form offers it. Add `csrf()` to get past the token."""
        return self.open("POST", url, data=data, **options)

    def follow(self, words: str) -> Page:
        """Clicks the link with these words."""
        return self.get(self.page.link(words))

    def submit(self, which: str = "", press: str = "", /, *, follow: bool = True, **values: Any) -> Page:
        """Fills in a form of the page and sends it; see `Page.form` for `which` and `Page.filled` for the rest."""
        form, data, pressed = self.page.filled(which, press, **values)
        action = str(
            (pressed is not None and pressed.get("formaction")) or form.get("action") or self.page.url
        )
        method = str(
            (pressed is not None and pressed.get("formmethod")) or form.get("method") or "get"
        ).upper()
        if method == "GET":
            return self.open("GET", action.split("?")[0], query_string=data, follow=follow)
        if form.get("enctype") == "multipart/form-data":
            return self.open("POST", action, data=data, content_type="multipart/form-data", follow=follow)
        return self.open("POST", action, data=data, follow=follow)

    def csrf(self) -> dict[str, str]:
        """The CSRF token of the page that is shown, for forging a POST."""
        return {"csrf_token": str(self.page.all("input[name=csrf_token]")[0]["value"])}

    def sign_in(self, who: Met, password: str) -> Page:
        """Signs in through the form of the person's own host."""
        self.host = who.host
        self.get("/sign-in" if who.realm == "storefront" else "/console/sign-in")
        return self.submit("", email=who.email, password=password)

    def sign_in_as(self, who: Met) -> Browser:
        """Signed in at once: the session's row is written directly, as if the form had been filled in before."""
        token = secrets.token_urlsafe(32)
        with self.app.app_context(), db.engine.begin() as connection:
            connection.execute(
                WebSession.__table__.insert().values(
                    token_hash=hash_token(token),
                    host=who.host,
                    realm=who.realm,
                    tenant_id=who.tenant_id,
                    account_id=who.account_id,
                    person_id=who.id,
                    data={},
                    expires_at=clock.now() + timedelta(hours=1),
                )
            )
        self.host = who.host
        self.set_cookie(who.host, token)
        return self

    def set_cookie(self, host: str, token: str) -> None:
        """Puts a session's token into the jar, for `host` only."""
        self.client.set_cookie(cookie_name(self.app), token, domain=host, path="/")

    def cookie(self, host: str | None = None) -> str | None:
        """The session's token that this browser holds for `host`."""
        found = self.client.get_cookie(cookie_name(self.app), domain=host or self.host, path="/")
        return found.value if found is not None else None
