"""The job runner's door: the Procrastinate app, the clock, and the list of modules that hold handlers."""

from importlib import import_module, util

from flask import Flask, current_app

from app.domain.notices import ports as notices_ports
from app.domain.orders import ports as orders_ports

DOMAINS = (
    "catalog",
    "pricing",
    "approvals",
    "orders",
    "subscriptions",
    "cloud_accounts",
    "people",
    "notices",
)


def install(app: Flask) -> None:
    """Imports every handler, so that `core.jobs.registry` is complete before anything is deferred, and gives them what
    they reach outside with: the plugs of the application at hand.
    """
    notices_ports.plug(lambda: current_app.extensions["post"])
    notices_ports.plug_resolver(lambda: current_app.extensions["dns"])
    orders_ports.plug(lambda: current_app.extensions["vendors"])
    for name in DOMAINS:
        module = f"app.domain.{name}.jobs"
        if util.find_spec(module) is not None:
            import_module(module)
    import_module("app.jobs.clock")
