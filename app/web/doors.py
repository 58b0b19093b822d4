"""The list of doors. Each is registered with its gates; a route without one stops the app here."""

from importlib import import_module, util

from flask import Flask

from app.web.kit import area

DOORS = ("assets", "auth", "storefront", "admin", "distributor")


def install(app: Flask) -> None:
    """Registers every area of every door, then refuses to go on if a route names no permission."""
    for door in DOORS:
        name = f"app.web.{door}"
        if util.find_spec(name) is not None:
            area.install(app, *import_module(name).AREAS)
    area.refuse_ungated(app)
