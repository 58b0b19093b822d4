"""Files that browsers fetch: hashed assets, the brand's stylesheet, pictures; the choice of light or dark; and the answer
to "are you well?".
"""

from flask import Response, current_app, g, redirect, render_template, request
from flask.typing import ResponseReturnValue
from markupsafe import escape
from sqlalchemy import select, text

from app.core.db import session
from app.core.errors import NotFound
from app.domain.tenants.models import StoredImage
from app.domain.tenants.rules.contrast import ink_on
from app.web.kit import assets
from app.web.kit.area import BOTH, PLATFORM, PUBLIC, SHOP, Area
from app.web.kit.filters import initials
from app.web.kit.themes import themes

files = Area("assets", __name__, side=BOTH)
shop_files = Area("shop_assets", __name__, side=SHOP)
gallery = Area("gallery", __name__, side=PLATFORM)

YEAR = 31_536_000


@files.get("/assets/<path:name>", can=PUBLIC, viewed=True)
def serve(name: str) -> Response:
    return assets.serve(name)


@files.get("/healthz", can=PUBLIC, viewed=True)
def health() -> Response:
    """200 when the database answers; 503 comes from the error page when it does not."""
    session().execute(text("SELECT 1"))
    return Response("well\n", content_type="text/plain; charset=utf-8")


@shop_files.get("/theme/<digest>.css", can=PUBLIC, viewed=True)
def show_brand_sheet(digest: str) -> Response:
    """The shop's custom properties. An address from before the last change gets today's, not to be kept."""
    shop = g.arrival.shop
    current, css = themes().sheet(shop.theme, shop.brand)
    response = Response(css, mimetype="text/css")
    response.headers["Cache-Control"] = assets.FOREVER if digest == current else "no-store"
    return response


@shop_files.get("/theme/<digest>.svg", can=PUBLIC, viewed=True)
def show_favicon(digest: str) -> Response:
    """The shop's initial on its brand colour, for the browser's tab."""
    shop = g.arrival.shop
    current, _ = themes().sheet(shop.theme, shop.brand)
    colour = themes().brand(shop.theme, shop.brand)["brand_color"]
    drawing = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="{colour}"/>'
        f'<text x="16" y="22.5" font-family="system-ui,sans-serif" font-size="19" font-weight="700" text-anchor="middle" '
        f'fill="{ink_on(colour)}">{escape(initials(shop.name)[0])}</text></svg>'
    )
    response = Response(drawing, mimetype="image/svg+xml")
    response.headers["Cache-Control"] = assets.FOREVER if digest == current else "no-store"
    return response


@files.get("/media/<digest>.png", can=PUBLIC, viewed=True)
def show_picture(digest: str) -> Response:
    """A picture of this tenant. The scope decides whose it is, so another's is simply not there."""
    if g.arrival.shop is None:
        raise NotFound()
    found = session().execute(select(StoredImage).where(StoredImage.digest == digest)).scalar_one_or_none()
    if found is None:
        raise NotFound()
    response = Response(found.body, mimetype=found.mime)
    response.headers["Cache-Control"] = assets.FOREVER
    response.set_etag(found.digest)
    return response.make_conditional(request)


@files.post("/appearance", can=PUBLIC)
def choose_scheme() -> ResponseReturnValue:
    """Remember light, dark or the device's own, and go back to the page."""
    chosen = request.form.get("scheme", "")
    back = request.form.get("back", "/")
    inside = back.startswith("/") and not back.startswith(("//", "/\\"))
    response = redirect(back if inside else "/", 303)
    if chosen in ("light", "dark"):
        response.set_cookie(
            "scheme", chosen, max_age=YEAR, samesite="Lax", httponly=True, secure=request.is_secure
        )
    else:
        response.delete_cookie("scheme", samesite="Lax", httponly=True, secure=request.is_secure)
    return response  # type: ignore[return-value]


@gallery.get("/ui", can=PUBLIC)
def show_gallery() -> ResponseReturnValue:
    """Every component on one page, for those who build pages. It does not exist in production."""
    if current_app.config["SETTINGS"].is_production:
        raise NotFound()
    from app.web.kit.gallery import samples

    return render_template("gallery/ui.html", **samples())


AREAS = [files, shop_files, gallery]
