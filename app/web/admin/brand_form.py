"""The form of a theme's settings: one field per setting, of the kind the theme's schema says. What is allowed is decided
in `tenants/rules/brand`.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, StringField, TextAreaField
from wtforms.fields import FileField

from app.domain.tenants.rules.schema import Schema, Setting
from app.web.kit.forms import Form, RadioField


class BrandForm(Form):
    """Base of the forms that `form_for` makes; `theme` says which one it is about."""

    theme = HiddenField()

    def use(self, values: Mapping[str, str]) -> None:
        """Types `values` into their fields: the form then stands there unsaved, as if a person had."""
        for name, value in values.items():
            self[name].data = value


def form_for(schema: Schema, values: Mapping[str, str], theme: str) -> BrandForm:
    """A form of `schema`'s settings that shows `values`."""
    fields: dict[str, Any] = {}
    for setting in schema:
        fields[setting.id] = _field(setting)
        if setting.kind == "image":
            fields[f"{setting.id}_file"] = FileField(setting.label)
            fields[f"{setting.id}_away"] = BooleanField(_l("Take this picture away"))
    return type("ThemeForm", (BrandForm,), fields)(data={**values, "theme": theme})


def _field(setting: Setting) -> Any:
    if setting.kind in ("font", "choice"):
        return RadioField(
            setting.label, choices=[(c.value, c.label) for c in setting.choices], validate_choice=False
        )
    if setting.kind == "image":
        return HiddenField(setting.label)
    return TextAreaField(setting.label) if setting.is_multiline else StringField(setting.label)


def pictures_of(schema: Schema) -> Iterator[Setting]:
    """The settings that are pictures."""
    return (setting for setting in schema if setting.kind == "image")


def typed_in(form: BrandForm, schema: Schema) -> dict[str, str]:
    """What the form says about every setting; a picture that is to be taken away is empty."""
    typed = {setting.id: str(form[setting.id].data or "") for setting in schema}
    for setting in pictures_of(schema):
        if form[f"{setting.id}_away"].data:
            typed[setting.id] = ""
    return typed
