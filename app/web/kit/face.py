"""The URLs behind a page's looks: hashed assets, the brand's stylesheet, pictures, and the choice of light or dark."""

from __future__ import annotations

from flask import Response, g, redirect, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from app.core.db import session
from app.core.errors import NotFound
from app.domain.tenants.models import StoredImage
from app.web.kit import assets
from app.web.kit.area import BOTH, PUBLIC, SHOP, Area
from app.web.kit.themes import themes

face = Area("face", __name__, side=BOTH)
shop_face = Area("shop_face", __name__, side=SHOP)

YEAR = 31_536_000


@face.get("/assets/<path:name>", can=PUBLIC)
def show_asset(name: str) -> Response:
    return assets.serve(name)


@shop_face.get("/theme/<digest>.css", can=PUBLIC)
def show_brand_sheet(digest: str) -> Response:
    """The shop's custom properties. An address from before the last change gets today's, not to be kept."""
    shop = g.arrival.shop
    current, css = themes().sheet(shop.theme, shop.brand)
    response = Response(css, mimetype="text/css")
    response.headers["Cache-Control"] = assets.FOREVER if digest == current else "no-store"
    return response


@face.get("/media/<digest>.png", can=PUBLIC)
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


@face.post("/appearance", can=PUBLIC)
def choose_scheme() -> ResponseReturnValue:
    """Remember light, dark or the device's own, and go back to the page."""
    chosen = request.form.get("scheme", "")
    back = request.form.get("back", "/")
    inside = back.startswith("/") and not back.startswith(("//", "/\\"))
    response = redirect(back if inside else "/", 303)
    if chosen in ("light", "dark"):
        response.set_cookie("scheme", chosen, max_age=YEAR, samesite="Lax", httponly=True, secure=request.is_secure)
    else:
        response.delete_cookie("scheme", samesite="Lax", httponly=True, secure=request.is_secure)
    return response
