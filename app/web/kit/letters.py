"""A mail's own HTML in a frame of our pages: shown as written, and able to do nothing at all."""

from flask import Response

CSP = "; ".join(
    [
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        "form-action 'none'",
        "base-uri 'none'",
        "frame-ancestors 'self'",
        "sandbox",
    ]
)


def letter_page(html: str) -> Response:
    """The mail `html`; nothing in it can be pressed, and nobody's keyboard gets lost in it."""
    shown = html.replace("<body", "<body inert", 1)
    return Response(shown, headers={"Content-Security-Policy": CSP, "Cache-Control": "no-store"})
