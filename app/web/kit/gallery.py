"""What the gallery of components shows: a form with faults, a few rows, a few happenings. Invented, and used nowhere else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from wtforms import BooleanField, Form, PasswordField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from app.core.money import Money
from app.web.kit.forms import RadioField, SelectField
from app.web.kit.words import LOOKS


class SampleForm(Form):
    """One of every kind of field."""

    company = StringField("Company", [InputRequired("Enter the company's name.")])
    password = PasswordField("Password", [Length(12, message="Use at least 12 characters.")])
    country = SelectField("Country", choices=[("DE", "Germany"), ("FR", "France"), ("NL", "Netherlands")])
    markup = StringField("Markup")
    note = TextAreaField("Note")
    contact = RadioField("Send invoices by", choices=[("mail", "E-mail"), ("post", "Post")], default="mail")
    terms = BooleanField("I accept the terms of sale.", [InputRequired("Accept the terms to go on.")])


def samples() -> dict[str, Any]:
    """The context of ``gallery/ui.html``."""
    form = SampleForm(data={"company": "", "password": "short", "country": "FR", "markup": "18"})
    form.validate()
    form.form_errors.append("The price moved while you were typing.")
    noon = datetime(2026, 11, 20, 12, 5, tzinfo=UTC)
    names = ("Nimbus GmbH", "Ferrum & Sons Ltd", "Delta Logistics", "Kanzlei Brandt", "Oak Street Dental")
    states = ("on_hold", "in_progress", "completed", "error", "canceled")
    return {
        "sample": form,
        "rows": [
            {
                "number": f"O-2026-{120 + n:06}",
                "name": name,
                "person": ("Ann Berg", "Tom Reed", "Lea Fuchs", "Jan Brandt", "Mia Oak")[n],
                "total": Money(Decimal("412.40") * (n + 1) * (n + 1), "EUR"),
                "state": state,
                "at": noon - timedelta(hours=7 * n),
            }
            for n, (name, state) in enumerate(zip(names, states, strict=True))
        ],
        "entries": [
            {
                "what": "Ann Berg placed the order",
                "who": "",
                "at": noon,
                "icon": "shopping-bag",
                "tone": "brand",
            },
            {
                "what": "Waits for Acme's operations",
                "at": noon,
                "icon": "hourglass",
                "tone": "warn",
                "comment": "Total 412.40 € is at or over the threshold of 400.00 €.",
            },
            {
                "what": "Approved",
                "who": "Olga Petrov",
                "at": noon + timedelta(minutes=12),
                "icon": "check",
                "tone": "good",
                "comment": "Agreed on the phone.",
            },
        ],
        "Money": Money,
        "looks": LOOKS,
    }
