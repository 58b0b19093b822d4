"""A door's room: a Blueprint whose routes must name a permission, on one side of the house.

`side` says on which hosts its paths exist at all: SHOP (tenants' hosts), PLATFORM (the console's host) or BOTH. The app
does not start when a route without a gate is registered (`refuse_ungated`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Flask

from app.domain.people.rules.roles import EVERY_PERMISSION

SHOP, PLATFORM, BOTH = "shop", "platform", "both"

PUBLIC = "public"
"""Anybody, signed in or not."""
SIGNED_IN = "signed-in"
"""Any person who belongs on this host."""


class Ungated(RuntimeError):
    """A route was registered without saying who may use it."""


@dataclass(frozen=True, slots=True)
class Gate:
    """Who may use an endpoint, and on which hosts it exists.

    `signs_in`: may look people up before it is known who they are. `max_body`: bytes it takes, where that is more than usual.
    `kept`: its pages may be kept and given again while nothing that they show has changed (`keeping.py`).
    `viewed`: open to somebody of the reseller's who sees the shop as a customer; all that is not is shut to them.
    """

    side: str
    can: str
    signs_in: bool = False
    csrf_exempt: bool = False
    max_body: int | None = None
    kept: bool = False
    viewed: bool = False


class Area(Blueprint):
    """A Blueprint with gates: `@area.get("/orders", can="order:read")`."""

    def __init__(self, name: str, import_name: str, *, side: str, signs_in: bool = False, **options: Any):
        super().__init__(name, import_name, **options)
        self.side = side
        self.signs_in = signs_in
        self.gates: dict[str, Gate] = {}

    def route(
        self,
        rule: str,
        *,
        can: str,
        csrf_exempt: bool = False,
        max_body: int | None = None,
        kept: bool = False,
        viewed: bool = False,
        **options: Any,
    ) -> Callable[..., Any]:  # type: ignore[override]
        """Like Flask's `route`, with `can=`: a permission of `people.rules.roles`, PUBLIC or SIGNED_IN."""
        if can not in EVERY_PERMISSION and can not in (PUBLIC, SIGNED_IN):
            raise Ungated(f"{self.name}: {rule} names the unknown permission {can!r}")
        plain = super().route

        def register(view: Callable[..., Any]) -> Callable[..., Any]:
            endpoint = options.setdefault("endpoint", view.__name__)
            gate = Gate(self.side, can, self.signs_in, csrf_exempt, max_body, kept, viewed)
            if self.gates.setdefault(f"{self.name}.{endpoint}", gate) != gate:
                raise Ungated(f"{self.name}.{endpoint} has two different gates")
            return plain(rule, **options)(view)

        return register

    def get(self, rule: str, *, can: str, **options: Any) -> Callable[..., Any]:  # type: ignore[override]
        return self.route(rule, can=can, methods=["GET"], **options)

    def post(self, rule: str, *, can: str, **options: Any) -> Callable[..., Any]:  # type: ignore[override]
        return self.route(rule, can=can, methods=["POST"], **options)


def install(app: Flask, *areas: Area) -> None:
    """Registers `areas`; their gates are kept in `app.extensions["gates"]`."""
    gates: dict[str, Gate] = app.extensions.setdefault("gates", {})
    for area in areas:
        app.register_blueprint(area)
        gates.update(area.gates)


def refuse_ungated(app: Flask) -> None:
    """Raises Ungated when any route of the finished app has no gate."""
    gates: dict[str, Gate] = app.extensions.get("gates", {})
    missing = sorted({rule.endpoint for rule in app.url_map.iter_rules()} - set(gates))
    if missing:
        raise Ungated(f"these routes name no permission: {', '.join(missing)}")
