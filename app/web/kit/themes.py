"""Themes: found in ``themes/``, one Jinja environment each, and the page rendered in the right one.

A theme is reviewed code. Look-up goes from the theme through its parents and ``base`` to ``app/web/templates``. Each
environment keeps its own cache, so one shop's template can never be served in another's. A brand is data: see
``domain/tenants/rules/brand``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask, current_app, g, request
from jinja2 import ChoiceLoader, Environment, FileSystemLoader

from app.domain.tenants.rules import brand as brand_rules
from app.domain.tenants.rules.schema import Schema, SchemaError, read_schema
from app.web.kit.area import SHOP

BASE = "base"
#: Shops' stylesheets held in memory, about 2 kB each.
KEPT_SHEETS = 2000


@dataclass(frozen=True)
class Theme:
    """One theme as its ``theme.toml`` describes it. ``chain`` names it and its ancestors, nearest first."""

    name: str
    label: str
    summary: str
    version: str
    folder: Path
    schema: Schema
    chain: tuple[str, ...]

    @property
    def stylesheets(self) -> tuple[str, ...]:
        """The assets to link, ancestors first. A theme without a stylesheet of its own uses its parent's."""
        folders = (self.folder.parent / name for name in reversed(self.chain))
        return tuple(f"themes/{f.name}/theme.css" for f in folders if (f / "static" / "theme.css").is_file())


class Themes:
    """All themes there are. Reads every ``theme.toml`` at once, so a wrong one stops the start and not a shop."""

    def __init__(self, app: Flask, folder: Path) -> None:
        self._app = app
        documents = {
            path.parent.name: tomllib.loads(path.read_text(encoding="utf-8"))
            for path in sorted(folder.glob("*/theme.toml"))
        }
        if BASE not in documents:
            raise SchemaError(f"there is no theme called {BASE!r} in {folder}")
        self.all = {name: _theme(folder, name, documents) for name in documents}
        self._environments: dict[str, Environment] = {}
        self._sheets: dict[Any, tuple[str, str]] = {}

    def get(self, name: str) -> Theme:
        """The theme called ``name``; ``base`` if it has been taken away, so that a shop never goes dark."""
        return self.all.get(name) or self.all[BASE]

    def environment(self, name: str) -> Environment:
        """The theme's own Jinja environment; filters, globals and extensions are the application's."""
        theme = self.get(name)
        if theme.name not in self._environments:
            folders = [theme.folder.parent / link / "templates" for link in theme.chain]
            loaders = [FileSystemLoader(folder) for folder in folders if folder.is_dir()]
            ours = self._app.jinja_loader
            loader = ChoiceLoader([*loaders, ours] if ours else loaders)
            self._environments[theme.name] = self._app.jinja_env.overlay(loader=loader)
        return self._environments[theme.name]

    def brand(self, name: str, stored: Mapping[str, Any]) -> dict[str, str]:
        """The brand's values to print in pages: what is stored where it fits, the theme's defaults elsewhere."""
        return brand_rules.settled(self.get(name).schema, stored)

    def sheet(self, name: str, stored: Mapping[str, Any]) -> tuple[str, str]:
        """The brand's stylesheet as ``(digest, css)``, worked out once per brand and process."""
        key = (self.get(name).name, tuple(sorted((key, str(value)) for key, value in stored.items())))
        kept = self._sheets.get(key)
        if kept is None:
            css = brand_rules.stylesheet(self.get(name).schema, stored)
            if len(self._sheets) >= KEPT_SHEETS:
                self._sheets.pop(next(iter(self._sheets)))
            kept = self._sheets[key] = (brand_rules.digest(css), css)
        return kept


def _theme(folder: Path, name: str, documents: Mapping[str, Mapping[str, Any]]) -> Theme:
    document = documents[name]
    if document.get("name") != name:
        raise SchemaError(f"{name}: theme.toml calls itself {document.get('name')!r}")
    chain: list[str] = []
    link = name
    while link:
        if link in chain:
            raise SchemaError(f"{name}: its parents go round in a circle")
        if link not in documents:
            raise SchemaError(f"{name}: there is no parent theme {link!r}")
        chain.append(link)
        link = str(documents[link].get("parent", ""))
    if chain[-1] != BASE:
        raise SchemaError(f"{name}: every theme ends at {BASE!r}")
    return Theme(
        name=name,
        label=str(document["label"]),
        summary=str(document.get("summary", "")),
        version=str(document["version"]),
        folder=folder / name,
        schema=read_schema(name, document),
        chain=tuple(chain),
    )


def themes() -> Themes:
    """The running application's themes."""
    return current_app.extensions["awning.themes"]


def render_page(template: str, /, **context: Any) -> str:
    """``template`` as a whole page: in the shop's theme on a shop's host, in the plain environment on the platform's.

    Every page knows ``scheme``; a shop's page also ``theme``, ``brand`` (texts and pictures) and ``brand_href`` (its
    stylesheet).
    """
    arrival = g.arrival
    values = {"scheme": scheme()}
    if arrival.side == SHOP and arrival.shop is not None:
        return render_shop(arrival.shop.theme, arrival.shop.brand, template, values | context)
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    return _render(app, app.jinja_env, template, values | context)


def render_shop(theme_name: str, stored: Mapping[str, Any], template: str, context: Mapping[str, Any]) -> str:
    """``template`` as the theme and brand given would show it; the brand may be one that is not saved yet."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    found = themes()
    digest, _ = found.sheet(theme_name, stored)
    values = {
        "theme": found.get(theme_name),
        "brand": found.brand(theme_name, stored),
        "brand_href": f"/theme/{digest}.css",
    }
    return _render(app, found.environment(theme_name), template, values | dict(context))


def scheme() -> str:
    """``light`` or ``dark`` when the visitor has chosen, else nothing: then the device decides."""
    chosen = request.cookies.get("scheme", "")
    return chosen if chosen in ("light", "dark") else ""


def _render(app: Flask, environment: Environment, template: str, values: dict[str, Any]) -> str:
    app.update_template_context(values)
    return environment.get_template(template).render(values)


def init_app(app: Flask, root: Path) -> None:
    """Find the themes and plug them in."""
    app.extensions["awning.themes"] = Themes(app, root / "themes")
