"""Files a browser fetches: our own, the themes', and the few that come from npm, each at a URL that names its content.

``asset('css/core.css')`` gives ``/assets/css/core.<hash>.css``, which may be cached for ever. Stylesheets are joined from
their imports and modules find each other by hash; there is no build step. Nothing else on disk can be reached.
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
import posixpath
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from flask import Flask, Response, current_app, request
from markupsafe import Markup

FOREVER = "public, max-age=31536000, immutable"
_FONTS = {
    "inter": "inter",
    "bricolage": "bricolage-grotesque",
    "source-serif": "source-serif-4",
    "jetbrains-mono": "jetbrains-mono",
}
#: The files from npm a browser may have: public name -> path below node_modules. Fonts are added below.
NPM = {"npm/htmx.js": "htmx.org/dist/htmx.min.js"} | {
    f"npm/{name}.css": f"@fontsource-variable/{package}/wght.css" for name, package in _FONTS.items()
}

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*(?:[./][a-z0-9][a-z0-9_-]*)*\Z")
_HASHED = re.compile(r"(?P<stem>.+)\.(?P<hash>[0-9a-f]{12})\.(?P<ending>[a-z0-9]{2,5})\Z")
_FONT = re.compile(r"npm/(?P<font>[a-z-]+)/(?P<file>[a-z0-9-]+-wght-normal\.woff2)\Z")
_ICON = re.compile(r"[a-z0-9-]{1,40}\Z")
_IMPORT = re.compile(r'@import "(?P<name>[^"]+)"(?: layer\((?P<layer>[a-z]+)\))?;')
_URL = re.compile(r"""url\((?P<quote>["']?)(?P<name>\./[^"')]+)(?P=quote)\)""")
_MODULE = re.compile(r'(?P<before>\b(?:from|import)\s*)"(?P<name>\./[^"]+)"')
_COMMENT = re.compile(r"/\*.*?\*/\s*", re.DOTALL)
_INDENT = re.compile(r"\n\s+")
_TEXT = {".css", ".js", ".svg", ".txt", ".json"}

mimetypes.add_type("font/woff2", ".woff2")
mimetypes.add_type("text/javascript", ".js")


class NoSuchAsset(LookupError):
    """No file of that name may be served. In a template this is a programmer's mistake and says so."""


@dataclass(frozen=True)
class Asset:
    """One file, ready to send."""

    name: str
    mime: str
    body: bytes
    stamps: tuple[tuple[Path, int], ...]

    @cached_property
    def hash(self) -> str:
        """Twelve hexadecimal digits of the SHA-256 of the body."""
        return hashlib.sha256(self.body).hexdigest()[:12]

    @cached_property
    def url(self) -> str:
        """The URL that names this very content."""
        stem, ending = posixpath.splitext(self.name)
        return f"/assets/{stem}.{self.hash}{ending}"

    @cached_property
    def zipped(self) -> bytes | None:
        """The body compressed, where that is worth it."""
        if posixpath.splitext(self.name)[1] not in _TEXT or len(self.body) < 600:
            return None
        return gzip.compress(self.body, 9, mtime=0)

    @property
    def is_fresh(self) -> bool:
        """Whether no file it was made of has changed since. Asked in development only."""
        return all(path.is_file() and path.stat().st_mtime_ns == stamp for path, stamp in self.stamps)


class Assets:
    """All files that may be served, read on first use. ``root`` is the project's folder."""

    def __init__(self, root: Path, *, reload: bool = False) -> None:
        self.static = root / "app" / "web" / "static"
        self.themes = root / "themes"
        self.modules = root / "node_modules"
        self.reload = reload
        self._kept: dict[str, Asset] = {}
        self._icons: dict[str, str] = {}

    def get(self, name: str) -> Asset:
        """The asset called ``name`` (no hash). Raises NoSuchAsset."""
        kept = self._kept.get(name)
        if kept is None or (self.reload and not kept.is_fresh):
            kept = self._kept[name] = self._read(name)
        return kept

    def find(self, url_path: str) -> tuple[Asset, bool]:
        """The asset behind the part of a URL after ``/assets/``, and whether the hash in it is the content's own."""
        match = _HASHED.match(url_path)
        if not match:
            raise NoSuchAsset(url_path)
        asset = self.get(f"{match['stem']}.{match['ending']}")
        return asset, asset.hash == match["hash"]

    def icon(self, name: str) -> str:
        """The inside of an icon's SVG: its shapes, without the outer element. Raises NoSuchAsset."""
        if name not in self._icons:
            path = self.modules / "lucide-static" / "icons" / f"{name}.svg"
            if not _ICON.match(name) or not path.is_file():
                raise NoSuchAsset(f"icon {name}")
            drawing = path.read_text(encoding="utf-8")
            inner = drawing[drawing.index(">", drawing.index("<svg")) + 1 : drawing.rindex("</svg>")]
            self._icons[name] = re.sub(r"\s*\n\s*", "", inner).strip()
        return self._icons[name]

    def _path(self, name: str) -> Path:
        if not _NAME.match(name):
            raise NoSuchAsset(name)
        font = _FONT.match(name)
        if font and font["font"] in _FONTS:
            path = self.modules / "@fontsource-variable" / _FONTS[font["font"]] / "files" / font["file"]
        elif name in NPM:
            path = self.modules / NPM[name]
        elif name.startswith("themes/"):
            _, theme, *rest = name.split("/")
            path = self.themes.joinpath(theme, "static", *rest)
        else:
            path = self.static / name
        if not path.is_file():
            hint = " (run `npm ci`)" if name.startswith("npm/") else ""
            raise NoSuchAsset(f"{name}{hint}")
        return path

    def _read(self, name: str) -> Asset:
        mime = mimetypes.guess_type(name)[0] or "application/octet-stream"
        if name.endswith(".css"):
            text, stamps = self._join(name)
            return Asset(
                name, mime, _INDENT.sub("\n", _COMMENT.sub("", text)).strip().encode(), tuple(stamps)
            )
        path = self._path(name)
        body, stamps = path.read_bytes(), [(path, path.stat().st_mtime_ns)]
        if name.startswith("js/"):
            body = _MODULE.sub(
                lambda m: f'{m["before"]}"{self._beside(name, m["name"]).url}"', body.decode()
            ).encode()
        return Asset(name, mime, body, tuple(stamps))

    def _join(self, name: str) -> tuple[str, list[tuple[Path, int]]]:
        """A stylesheet with its imports in place and its url()s hashed."""
        path = self._path(name)
        stamps = [(path, path.stat().st_mtime_ns)]
        text = path.read_text(encoding="utf-8")

        def in_place(match: re.Match[str]) -> str:
            wanted = match["name"]
            inner, more = self._join(wanted if wanted.startswith("npm/") else self._sibling(name, wanted))
            stamps.extend(more)
            return f"@layer {match['layer']} {{\n{inner}}}\n" if match["layer"] else inner

        def hashed(match: re.Match[str]) -> str:
            wanted = match["name"]
            if name.startswith("npm/"):  # a font package's own ./files/x.woff2
                wanted = f"{name.removesuffix('.css')}/{posixpath.basename(wanted)}"
                return f'url("{self.get(wanted).url}")'
            return f'url("{self._beside(name, wanted).url}")'

        return _IMPORT.sub(in_place, _URL.sub(hashed, text)), stamps

    def _sibling(self, name: str, wanted: str) -> str:
        return posixpath.normpath(posixpath.join(posixpath.dirname(name), wanted))

    def _beside(self, name: str, wanted: str) -> Asset:
        return self.get(self._sibling(name, wanted))


def assets() -> Assets:
    """The running application's assets."""
    return current_app.extensions["awning.assets"]


def asset(name: str) -> str:
    """URL of an asset, for templates."""
    return assets().get(name).url


def icon(name: str, kind: str = "") -> Markup:
    """An icon in the text's colour, for templates. It says nothing to a screen reader: the words beside it do."""
    shapes = assets().icon(name)
    return Markup(  # noqa: S704 - the shapes are read from a pinned package, the class is a template's literal
        f'<svg class="icon {kind}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-linecap="round" '
        f'stroke-linejoin="round" aria-hidden="true" focusable="false">{shapes}</svg>'
    )


def serve(name: str) -> Response:
    """Answer ``/assets/<name>``. A URL whose hash is out of date gets today's file, not to be kept."""
    try:
        found, is_current = assets().find(name)
    except NoSuchAsset:
        return Response("Not found\n", 404, mimetype="text/plain")
    response = Response(mimetype=found.mime)
    body = found.body
    if found.zipped is not None:
        response.headers["Vary"] = "Accept-Encoding"
        if request.accept_encodings["gzip"]:
            body = found.zipped
            response.headers["Content-Encoding"] = "gzip"
    response.set_data(body)
    response.headers["Cache-Control"] = FOREVER if is_current else "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.set_etag(found.hash)
    return response.make_conditional(request)


def init_app(app: Flask, root: Path) -> None:
    """Plug the assets into the application. The route itself is added by the door-keeper, as a public one."""
    app.extensions["awning.assets"] = Assets(root, reload=app.debug)
    app.jinja_env.globals.update(asset=asset, icon=icon)
