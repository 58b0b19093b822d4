"""Headers on every answer, the CSRF token, and the same-origin check behind it."""

from flask import Flask, current_app, g, request
from flask.wrappers import Response
from flask_wtf.csrf import CSRFError, CSRFProtect

from app.core.errors import BadRequest
from app.web.kit.arrival import READING

csrf = CSRFProtect()

POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "frame-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)


def check_origin() -> None:
    """Refuses a write that another site's page sent; the token is checked by CSRFProtect besides."""
    gate = current_app.extensions["gates"].get(request.endpoint)
    if request.method in READING or gate is None or gate.csrf_exempt:
        return
    settings, origin = current_app.config["SETTINGS"], request.headers.get("Origin")
    # behind another port mapping the browser's own Host still names the same place
    ours = (None, settings.origin(g.arrival.host), f"{settings.scheme}://{request.headers.get('Host', '')}")
    if origin not in ours:
        raise BadRequest("This form was sent from another site.")
    csrf.protect()


def harden(response: Response) -> Response:
    """Strict headers; pages of people who are signed in are never stored."""
    headers = response.headers
    headers.setdefault("Content-Security-Policy", POLICY)
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()")
    if current_app.config["SETTINGS"].scheme == "https":
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if "Cache-Control" not in headers:
        arrival = getattr(g, "arrival", None)
        signed_in = arrival is not None and (arrival.person is not None or arrival.viewing is not None)
        headers["Cache-Control"] = (
            "no-store" if signed_in or response.status_code >= 400 else "private, no-cache"
        )
    return response


def install(app: Flask) -> None:
    """CSRF on for everything; `check_origin` calls it, so that exempt routes are those whose gate says so and no others."""
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    app.config["WTF_CSRF_TIME_LIMIT"] = None
    app.config["WTF_CSRF_SSL_STRICT"] = (
        False  # the Origin check above is stricter and does not need a Referer
    )
    csrf.init_app(app)


__all__ = ["CSRFError", "check_origin", "csrf", "harden", "install"]
