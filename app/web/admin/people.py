"""People: the reseller's own, looked after by its owner, and a customer's, by whoever may edit customers.

The pages are the same; `Desk` says whose people stand on them and where their pages are.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import flash, g, redirect
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import EmailField, StringField
from wtforms.validators import InputRequired, Length

from app.core.errors import Forbidden, Invalid
from app.core.events import timeline as events_of
from app.domain.notices.queries import mails_to, refusals
from app.domain.people import actions as people
from app.domain.people import queries
from app.domain.people.models import Person
from app.domain.people.rules.roles import ROLES, grantable
from app.domain.reports.queries import accounts
from app.web.kit.area import PLATFORM, Area
from app.web.kit.exports import export_list, moment, state, text
from app.web.kit.forms import Form, SelectMultipleField
from app.web.kit.happenings import timeline
from app.web.kit.pages import form_page, page
from app.web.kit.words import role_word

area = Area("admin_people", __name__, side=PLATFORM, url_prefix="/admin/people")
contacts = Area(
    "admin_contacts", __name__, side=PLATFORM, url_prefix="/admin/accounts/<uuid:account_id>/people"
)

EXPLAINED = {
    "owner": _l("Everything here, and who works here."),
    "operations": _l("Customers, catalogue, prices, approvals and orders."),
    "sales": _l("Customers and orders on their behalf; no costs, no invoices."),
    "finance": _l("Prices, costs and invoices; decides nothing."),
    "buyer": _l("Fills carts, places orders and takes them back."),
    "approver": _l("Decides about the orders of others."),
    "billing": _l("Sees invoices and what is owed."),
}


class RolesForm(Form):
    roles = SelectMultipleField(_l("Roles"), validate_choice=False)


class InviteForm(RolesForm):
    name = StringField(_l("Name"), [InputRequired(_l("Say what the person is called.")), Length(max=120)])
    email = EmailField(_l("E-mail"), [InputRequired(_l("Enter the person's address.")), Length(max=254)])


@dataclass(frozen=True, slots=True)
class Desk:
    """Whose people: a customer's (`row`, as its pages need it) or, without one, the reseller's own."""

    row: Any = None

    @property
    def realm(self) -> str:
        return "console" if self.row is None else "storefront"

    @property
    def base(self) -> str:
        """Where the list is; everything else is below it."""
        return "/admin/people" if self.row is None else f"/admin/accounts/{self.row.Account.id}/people"

    @property
    def may_manage(self) -> bool:
        return bool(g.arrival.actor.can("person:manage" if self.row is None else "account:edit"))

    def person(self, person_id: UUID) -> Person:
        """The person, or NotFound when they are not one of these people."""
        if self.row is None:
            return queries.colleague(person_id)
        return queries.contact(self.row.Account.id, person_id)

    def offered(self) -> list[tuple[str, str]]:
        """The roles that this person may give, with their words."""
        roles = list(ROLES[self.realm])
        if self.row is None:
            roles = [role for role in roles if grantable("console", g.arrival.actor.roles, [role])]
        return [(role, role_word(role)) for role in roles]


def _desk(account_id: UUID | None) -> Desk:
    return Desk() if account_id is None else Desk(accounts.account(account_id))


def _list(account_id: UUID | None) -> ResponseReturnValue:
    desk = _desk(account_id)
    return page("admin/people/list.html", desk=desk, people=_people(desk))


def _people(desk: Desk) -> list[Person]:
    if desk.row is None:
        return queries.people_of_console()
    return queries.people_of_account(desk.row.Account.id)


COLUMNS = [
    text(_l("Name"), "name"),
    text(_l("E-mail"), "email"),
    text(_l("Roles"), lambda one: [role_word(role) for role in one.roles]),
    state(_l("State"), "person", "state"),
    moment(_l("Last signed in"), "last_signed_in_at"),
]
export_list(area, "", can="person:read", named="people", columns=COLUMNS, rows=lambda: _people(_desk(None)))
export_list(
    contacts,
    "",
    can="account:read",
    named="people",
    columns=COLUMNS,
    rows=lambda account_id: _people(_desk(account_id)),
)


def _invite(account_id: UUID | None) -> ResponseReturnValue:
    desk = _desk(account_id)
    form = InviteForm()
    form.roles.choices = desk.offered()
    if form.taken():
        said = {"email": form.email.data or "", "name": form.name.data or "", "roles": form.roles.data or []}
        try:
            if desk.row is None:
                person = people.invite_colleague(**said, by=g.arrival.actor)
            else:
                person = people.invite_contact(desk.row.Account, **said, by=g.arrival.actor)
        except Invalid as invalid:
            form.blame(invalid)
        else:
            flash(
                _(
                    "A mail with an invitation goes to %(email)s. It is good for seven days.",
                    email=person.email,
                ),
                "good",
            )
            return redirect(desk.base, 303)
    return form_page("admin/people/invite.html", form, desk=desk, explained=EXPLAINED)


def _show(person_id: UUID, account_id: UUID | None) -> ResponseReturnValue:
    desk = _desk(account_id)
    person = desk.person(person_id)
    form = RolesForm(data={"roles": person.roles})
    form.roles.choices = desk.offered()
    if form.taken():
        if not desk.may_manage:
            raise Forbidden("Your role does not include this.")
        try:
            people.change_roles(person, form.roles.data or [], by=g.arrival.actor)
        except Invalid as invalid:
            form.blame(invalid)
        else:
            flash(_("%(name)s has these roles now.", name=person.name), "good")
            return redirect(f"{desk.base}/{person.id}", 303)
    return form_page(
        "admin/people/detail.html",
        form,
        desk=desk,
        whom=person,
        explained=EXPLAINED,
        invitation=queries.invitation_of(person.id),
        is_me=person.id == g.arrival.actor.person_id,
        events=timeline(events_of(person.id)),
        mails=mails_to(person.id, limit=10) if desk.may_manage else [],
        refusal=refusals([person.id]).get(person.id, "") if desk.may_manage else "",
    )


def _resend(person_id: UUID, account_id: UUID | None) -> ResponseReturnValue:
    desk = _desk(account_id)
    person = desk.person(person_id)
    people.resend_invitation(person, by=g.arrival.actor)
    flash(_("Another invitation goes to %(email)s; the one before is void.", email=person.email), "good")
    return redirect(f"{desk.base}/{person.id}", 303)


def _let_go(person_id: UUID, account_id: UUID | None) -> ResponseReturnValue:
    desk = _desk(account_id)
    person = desk.person(person_id)
    form = Form()
    if form.taken():
        people.deactivate(person, by=g.arrival.actor)
        flash(_("%(name)s cannot sign in any more.", name=person.name), "good")
        return redirect(f"{desk.base}/{person.id}", 303)
    return form_page("admin/people/let_go.html", form, desk=desk, whom=person)


def _take_back(person_id: UUID, account_id: UUID | None) -> ResponseReturnValue:
    desk = _desk(account_id)
    person = desk.person(person_id)
    people.reactivate(person, by=g.arrival.actor)
    flash(_("%(name)s can sign in again.", name=person.name), "good")
    return redirect(f"{desk.base}/{person.id}", 303)


@area.get("", can="person:read")
def list_colleagues() -> ResponseReturnValue:
    """Everybody who works here, with roles and when they were last seen."""
    return _list(None)


@area.route("/new", methods=["GET", "POST"], can="person:manage")
def invite_colleague() -> ResponseReturnValue:
    """A new colleague, by mail."""
    return _invite(None)


@area.route("/<uuid:person_id>", methods=["GET", "POST"], can="person:read")
def show_colleague(person_id: UUID) -> ResponseReturnValue:
    """One colleague: roles, what was mailed, what they did."""
    return _show(person_id, None)


@area.post("/<uuid:person_id>/invitation", can="person:manage")
def resend_to_colleague(person_id: UUID) -> ResponseReturnValue:
    """Another invitation."""
    return _resend(person_id, None)


@area.route("/<uuid:person_id>/deactivation", methods=["GET", "POST"], can="person:manage")
def let_colleague_go(person_id: UUID) -> ResponseReturnValue:
    """Asks first."""
    return _let_go(person_id, None)


@area.post("/<uuid:person_id>/return", can="person:manage")
def take_colleague_back(person_id: UUID) -> ResponseReturnValue:
    """Lets the colleague sign in again."""
    return _take_back(person_id, None)


@contacts.get("", can="account:read")
def list_contacts(account_id: UUID) -> ResponseReturnValue:
    """The customer's people."""
    return _list(account_id)


@contacts.route("/new", methods=["GET", "POST"], can="account:edit")
def invite_contact(account_id: UUID) -> ResponseReturnValue:
    """A new person of the customer, by mail."""
    return _invite(account_id)


@contacts.route("/<uuid:person_id>", methods=["GET", "POST"], can="account:read")
def show_contact(account_id: UUID, person_id: UUID) -> ResponseReturnValue:
    """One person of the customer; roles are changed by those who may edit customers."""
    return _show(person_id, account_id)


@contacts.post("/<uuid:person_id>/invitation", can="account:edit")
def resend_to_contact(account_id: UUID, person_id: UUID) -> ResponseReturnValue:
    """Another invitation."""
    return _resend(person_id, account_id)


@contacts.route("/<uuid:person_id>/deactivation", methods=["GET", "POST"], can="account:edit")
def let_contact_go(account_id: UUID, person_id: UUID) -> ResponseReturnValue:
    """Asks first."""
    return _let_go(person_id, account_id)


@contacts.post("/<uuid:person_id>/return", can="account:edit")
def take_contact_back(account_id: UUID, person_id: UUID) -> ResponseReturnValue:
    """Lets the person sign in again."""
    return _take_back(person_id, account_id)
