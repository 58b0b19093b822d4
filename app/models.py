"""Imports every table, so that migrations and tests see the whole schema. Nothing else lives here."""

from importlib import import_module
from pkgutil import iter_modules

from app import domain
from app.core import events as events
from app.core import numbers as numbers

for _package in iter_modules(domain.__path__):
    for _module in iter_modules([f"{next(iter(domain.__path__))}/{_package.name}"]):
        if _module.name == "models":
            import_module(f"app.domain.{_package.name}.models")
