"""The reseller's name and public company profile: what the shop's footer, mails and documents say about who stands behind it."""

from flask import flash, g
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from app.core.errors import Invalid
from app.domain.tenants import actions as tenants
from app.domain.tenants.rules.profile import LINES
from app.web.kit.area import PLATFORM, Area
from app.web.kit.forms import Form
from app.web.kit.pages import form_page, see_other

area = Area("admin_company", __name__, side=PLATFORM, url_prefix="/admin/company")


class CompanyForm(Form):
    """The profile's lines by their keys, and the name of the shop."""

    name = StringField(
        _l("Name of the shop"), [InputRequired(_l("Enter the name your customers know.")), Length(max=80)]
    )
    legal_name = StringField(_l("Registered name"))
    street = StringField(_l("Street and number"))
    postal_code = StringField(_l("Postal code"))
    city = StringField(_l("City"))
    email = StringField(_l("E-mail for customers"))
    phone = StringField(_l("Phone"))
    website = StringField(_l("Website"))
    tax_number = StringField(_l("VAT number"))
    about = TextAreaField(_l("About the company"))


@area.route("", methods=["GET", "POST"], can="brand:edit")
def edit_company() -> ResponseReturnValue:
    """The profile; what is saved stands on every page of the shop at once."""
    shop = g.arrival.shop
    form = CompanyForm(data={"name": shop.name, **shop.profile})
    if form.taken():
        try:
            typed = {line.key: form[line.key].data or "" for line in LINES}
            tenants.introduce(tenants.find(shop.id), form.name.data, typed, g.arrival.actor)
            flash(_("The company profile is saved."), "good")
            return see_other(".edit_company")
        except Invalid as invalid:
            form.blame(invalid)
    return form_page("admin/brand/company.html", form)
