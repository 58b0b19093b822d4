"""The brand studio: theme, colours, letters, words and pictures of the shop, shown beside the form before they are saved."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from urllib.parse import urlencode

from flask import Response, flash, g, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.core.actor import Actor
from app.core.errors import Invalid
from app.domain.tenants import actions as tenants
from app.domain.tenants import images
from app.domain.tenants.rules import brand as rules
from app.web.admin.brand_form import BrandForm, form_for, pictures_of, typed_in
from app.web.kit.area import PLATFORM, Area
from app.web.kit.pages import page, see_other
from app.web.kit.security import POLICY
from app.web.kit.showcase import showcase
from app.web.kit.themes import Theme, render_shop, themes

area = Area("admin_brand", __name__, side=PLATFORM, url_prefix="/admin/brand")

MAX_FORM = 2 * images.MAX_BYTES + 1_000_000
"""Two pictures and the texts; one that is too large shall be told so in a sentence."""

FRAMED = POLICY.replace("frame-ancestors 'none'", "frame-ancestors 'self'")
"""The preview alone may stand in a frame of our own pages."""


@area.route("", methods=["GET", "POST"], can="brand:edit", max_body=MAX_FORM)
def edit_brand() -> ResponseReturnValue:
    """The form for the theme that is asked for (the shop's own without `?theme=`); saving puts the shop into it."""
    theme = _chosen(request.values)
    stored = themes().brand(theme.name, g.arrival.shop.brand)
    form = form_for(theme.schema, stored, theme.name)
    wished = _nearest_wished(theme)
    if wished:
        form.use(wished)
        return _studio(form, theme, typed_in(form, theme.schema))
    if form.taken():
        try:
            _save(form, theme, g.arrival.actor)
            flash(_("Your shop wears its new brand now."), "good")
            return see_other(".edit_brand")
        except Invalid as invalid:
            form.blame(invalid)
    return _studio(form, theme, typed_in(form, theme.schema) if request.method == "POST" else stored)


def _studio(form: BrandForm, theme: Theme, draft: Mapping[str, str]) -> ResponseReturnValue:
    _good, faults = rules.check(theme.schema, draft)
    return page(
        "admin/brand/edit.html",
        422 if form.has_errors else 200,
        form=form,
        theme=theme,
        all_themes=sorted(themes().all.values(), key=lambda one: one.name != "base"),
        nearest={name: fault.nearest for name, fault in faults.items() if fault.nearest},
        preview_query=urlencode({"theme": theme.name, **draft}),
    )


def _nearest_wished(theme: Theme) -> dict[str, str]:
    """The settings whose "use it" button was pressed, with the colour on it; a browser sends one at most."""
    names = {f"use_{setting.id}": setting.id for setting in theme.schema if setting.kind == "color"}
    return {names[key]: value for key, value in request.form.items() if key in names}


def _chosen(values: Mapping[str, str]) -> Theme:
    return themes().get(values.get("theme") or g.arrival.shop.theme)


def _save(form: BrandForm, theme: Theme, by: Actor) -> None:
    tenant = tenants.find(g.arrival.shop.id)
    typed = typed_in(form, theme.schema)
    for setting in pictures_of(theme.schema):
        upload = form[f"{setting.id}_file"].data
        if upload:
            typed[setting.id] = tenants.keep_picture(upload.read(), field=f"{setting.id}_file", by=by)
    tenants.dress(tenant, theme.schema, typed, by)


@area.route("/preview", methods=["GET", "POST"], can="brand:edit", max_body=MAX_FORM)
def preview() -> ResponseReturnValue:
    """The shop's home page in a brand that is not saved. What cannot be taken yet is shown as it is now."""
    theme = _chosen(request.values)
    stored = g.arrival.shop.brand
    typed = {
        setting.id: request.values.get(setting.id, "")
        for setting in theme.schema
        if setting.id in request.values
    }
    typed |= _uploaded(theme)
    good, _faults = rules.check(theme.schema, {**themes().brand(theme.name, stored), **typed})
    draft = {**themes().brand(theme.name, stored), **good}
    looks = {setting.id: draft[setting.id] for setting in theme.schema if setting.var}
    context = showcase(replace(g.arrival.shop, theme=theme.name, brand=draft))
    context["brand_href"] = f"/admin/brand/preview.css?{urlencode({'theme': theme.name, **looks})}"
    # nothing in it can be pressed, and nobody's keyboard gets lost in it
    html = render_shop(theme.name, draft, "shop/home.html", context).replace("<body", "<body inert", 1)
    return Response(html, headers={"Content-Security-Policy": FRAMED})


def _uploaded(theme: Theme) -> dict[str, str]:
    """Pictures that came with the form, kept in the library so that the page can show them; bad ones are not shown."""
    found = {}
    for setting in pictures_of(theme.schema):
        upload = request.files.get(f"{setting.id}_file")
        data = upload.read() if upload else b""
        if data:
            with suppress(Invalid):
                found[setting.id] = tenants.keep_picture(data, field=setting.id, by=g.arrival.actor)
    return found


@area.post("/pictures", can="brand:edit", max_body=images.MAX_BYTES + 100_000)
def keep_picture() -> ResponseReturnValue:
    """Takes a picture into the library, for the preview: its name, or a sentence that says why not. Saving is another matter."""
    upload = request.files.get("picture")
    try:
        return {
            "digest": tenants.keep_picture(
                upload.read() if upload else b"", field="picture", by=g.arrival.actor
            )
        }
    except Invalid as invalid:
        return {"message": invalid.message}, 422


@area.get("/preview.css", can="brand:edit")
def preview_sheet() -> Response:
    """The stylesheet of the brand in the address: custom properties and nothing else, whatever is asked."""
    theme = _chosen(request.args)
    typed = {setting.id: request.args[setting.id] for setting in theme.schema if setting.id in request.args}
    return Response(rules.stylesheet(theme.schema, typed), mimetype="text/css")
