"""Forms of what goes to and fro before a decision, for both doors."""

from __future__ import annotations

from uuid import UUID

from flask import request
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, TextAreaField

from app.core.errors import BadRequest
from app.web.kit.forms import Form


class QuestionForm(Form):
    """A question to those who asked."""

    step = HiddenField()
    comment = TextAreaField(_l("Question"))


class AnswerForm(Form):
    """Their answer."""

    answer = TextAreaField(_l("Answer"))


class OfferForm(Form):
    """Lower quantities; they come as `quantity-<line id>`."""

    digest = HiddenField()
    step = HiddenField()
    comment = TextAreaField(_l("Comment"))

    def _refuse_strange_fields(self) -> None:
        known = {field.name for field in self} | {"csrf_token"}
        for name, values in request.form.lists():
            if (name not in known and not name.startswith("quantity-")) or len(values) > 1:
                raise BadRequest(f"This form has no field called {name[:60]!r}, or it came twice.")


class OfferAnswerForm(Form):
    """`answer` is `accepted` or `declined`."""

    answer = HiddenField()


class EmptyForm(Form):
    """Only the token."""


def step_of(form: Form) -> int:
    """The step that the page showed; -1 when it says nonsense."""
    text = form["step"].data or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else -1


def quantities() -> dict[UUID, int]:
    """What was typed as quantities, by line; what is no number becomes -1, which the action refuses at its field."""
    found = {}
    for name, typed in request.form.items():
        if name.startswith("quantity-"):
            try:
                line_id = UUID(name.removeprefix("quantity-"))
            except ValueError:
                raise BadRequest("The form names something that is not there.") from None
            text = typed.strip()
            found[line_id] = int(text) if text.isascii() and text.isdigit() and len(text) < 8 else -1
    return found
