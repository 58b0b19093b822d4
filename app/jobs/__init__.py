"""The job runner's door: the Procrastinate app, the clock, and the list of modules that hold handlers."""

from importlib import import_module, util

from flask import Flask

DOMAINS = ("catalog", "pricing", "approvals", "orders", "subscriptions", "people", "notices")


def install(app: Flask) -> None:
    """Imports every handler, so that `core.jobs.registry` is complete before anything is deferred."""
    for name in DOMAINS:
        module = f"app.domain.{name}.jobs"
        if util.find_spec(module) is not None:
            import_module(module)
    import_module("app.jobs.clock")
