"""What all web doors share: areas and gates, arrival, sessions, forms, pages, themes."""

from babel.numbers import format_currency
from flask import Flask, g
from flask_babel import Babel
from htmx_flask import Htmx
from werkzeug.middleware.proxy_fix import ProxyFix

from app.web.kit import arrival, assets, filters, keeping, language, pages, remember, security, themes
from app.web.kit.sessions import ServerSessions
from config.settings import PROJECT_DIR


def install(app: Flask) -> None:
    """Everything between the socket and a view, in the order in which a request meets it."""
    settings = app.config["SETTINGS"]
    keeping.install(app, 0 if settings.debug else settings.kept_pages_mb * 1_000_000)
    _trust_proxies(app, settings.proxy_hops)
    app.session_interface = ServerSessions()
    Htmx(app)
    Babel(app, locale_selector=language.choose_locale, timezone_selector=_time_zone)
    app.before_request(arrival.come_in)
    security.install(app)
    app.before_request(security.check_origin)
    app.after_request(arrival.leave)
    app.after_request(security.harden)
    app.teardown_appcontext(arrival.clean_up)
    pages.install(app)
    assets.init_app(app, PROJECT_DIR)
    language.init_app(app)
    filters.init_app(app)
    remember.init_app(app)
    themes.init_app(app, PROJECT_DIR)
    app.context_processor(_who_and_where)


def _trust_proxies(app: Flask, hops: int) -> None:
    """Takes the visitor's address from as many proxies as are said to stand in front; a forged header counts nothing.

    The host is never taken from a proxy's header: proxies pass Host on as it came.
    """
    if hops:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign]


def _time_zone() -> str:
    return g.arrival.shop.time_zone if g.arrival.shop is not None else "UTC"


def _who_and_where() -> dict[str, object]:
    arrival = g.get("arrival")
    return {
        "shop": arrival and arrival.shop,
        "me": arrival and arrival.actor,
        "person": arrival and arrival.person,
        "account": arrival and arrival.account,
        "viewing": arrival and arrival.viewing,
        "can": (lambda permission: arrival.actor.can(permission)) if arrival else (lambda _: False),
        "format_currency": format_currency,
    }
