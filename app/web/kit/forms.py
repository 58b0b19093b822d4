"""Forms: Flask-WTF, plus what every form of ours does: refuse unknown and doubled fields, remember what was typed."""

from collections.abc import Iterable
from typing import Any

import wtforms
from flask import request, session
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms.fields import FileField, MultipleFileField
from wtforms.fields.choices import SelectChoice

from app.core.errors import BadRequest, Invalid
from app.web.kit.language import said

Pairs = Iterable[tuple[Any, Any]]


class _Offers:
    """Takes choices as pairs of value and words."""

    def __init__(self, *args: Any, choices: Pairs | None = None, **kwargs: Any):
        offered = None if choices is None else [SelectChoice(value, words) for value, words in choices]
        super().__init__(*args, choices=offered, **kwargs)  # type: ignore[call-arg]


class SelectField(_Offers, wtforms.SelectField):
    """One of several, from a list."""


class RadioField(_Offers, wtforms.RadioField):
    """One of several, all in sight."""


class SelectMultipleField(_Offers, wtforms.SelectMultipleField):
    """Any of several; shown as boxes to tick."""

    widget = wtforms.widgets.ListWidget(prefix_label=False)
    option_widget = wtforms.widgets.CheckboxInput()


class Form(FlaskForm):
    """A form that is shown by GET and taken by POST at the same URL.

    `if form.taken(): …` is True when a valid form was posted. A posted field that the form does not have is a 400
    (attack C-09), and so is one that came twice (C-15).
    """

    def __init__(self, *args: Any, **kwargs: Any):
        if request.method == "GET" and not args and "formdata" not in kwargs:
            typed = session.get("typed")
            if typed and typed.get("path") == request.path:
                session.pop("typed")
                kwargs["formdata"] = MultiDict(typed["form"])
        super().__init__(*args, **kwargs)

    def taken(self) -> bool:
        """Whether this request posts the form and every field of it is valid."""
        if request.method != "POST":
            return False
        self._refuse_strange_fields()
        return self.validate()

    def _refuse_strange_fields(self) -> None:
        many = {
            f.name
            for f in self
            if isinstance(f, wtforms.SelectMultipleField | MultipleFileField) or f.type == "FieldList"
        }
        known = {f.name for f in self} | {"csrf_token"}
        for name, values in request.form.lists():
            if name not in known and not any(name.startswith(f"{prefix}-") for prefix in many):
                raise BadRequest(f"This form has no field called {name[:60]!r}.")
            if len(values) > 1 and name not in many:
                raise BadRequest(f"The field {name[:60]!r} was sent more than once.")

    def blame(self, invalid: Invalid) -> None:
        """Puts the sentences of an action's refusal beside the fields they concern; the rest go on top of the form."""
        for name, message in invalid.errors.items():
            if name in self._fields:
                field = self._fields[name]
                field.errors = [*field.errors, said(message)]
            else:
                self.form_errors.append(said(message))

    @property
    def has_errors(self) -> bool:
        return bool(self.errors) or bool(self.form_errors)


__all__ = ["FileField", "Form", "RadioField", "SelectField", "SelectMultipleField"]
