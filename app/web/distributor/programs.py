"""Vendors' programs: who is in, by which book they pay; and by which books one reseller pays."""

from uuid import UUID

from flask import flash, g
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import StringField
from wtforms.validators import InputRequired

from app.core.errors import Invalid, NotFound
from app.domain.catalog import queries as catalog
from app.domain.pricing import actions
from app.domain.reports.queries import price_assignments, programs, resellers
from app.web.kit.area import PLATFORM, Area
from app.web.kit.assigning import BookForm, give
from app.web.kit.exports import export_list, moment, number, text
from app.web.kit.forms import Form, SelectField
from app.web.kit.listing import uuid_of
from app.web.kit.pages import form_page, page, see_other

area = Area("distributor_programs", __name__, side=PLATFORM, url_prefix="/distributor")


class ProgramForm(Form):
    """A program of a vendor's."""

    vendor_id = SelectField(_l("Vendor"), validate_choice=False)
    name = StringField(_l("Name"), [InputRequired(_l("Give the program a name."))])


class MemberForm(Form):
    """A reseller that joins."""

    tenant_id = SelectField(_l("Reseller"), validate_choice=False)


@area.get("/programs", can="tenant:read")
def list_programs() -> ResponseReturnValue:
    """All programs with their members and books."""
    return page("distributor/programs/list.html", found=programs.programs())


export_list(
    area,
    "/programs",
    can="tenant:read",
    named="programs",
    rows=programs.programs,
    columns=[
        text(_l("Program"), "Program.name"),
        text(_l("Vendor"), "vendor_name"),
        number(_l("Resellers"), "members"),
        text(_l("Price book"), "book_name"),
        moment(_l("Since"), "Program.created_at"),
    ],
)


@area.route("/programs/new", methods=["GET", "POST"], can="tenant:edit")
def make_program() -> ResponseReturnValue:
    """A new program; then its page, where resellers join and a book is chosen."""
    form = ProgramForm()
    form.vendor_id.choices = [(str(vendor.id), vendor.name) for vendor in catalog.vendors()]
    if form.taken():
        try:
            vendor_id = uuid_of(form.vendor_id.data or "")
            if vendor_id is None:
                raise Invalid({"vendor_id": _("Choose from the list.")})
            made = actions.make_program(vendor_id, form.name.data or "", by=g.arrival.actor)
            return see_other(".show_program", program_id=made.id)
        except Invalid as invalid:
            form.blame(invalid)
    return form_page("distributor/programs/new.html", form)


@area.route("/programs/<uuid:program_id>", methods=["GET"], can="tenant:read")
def show_program(program_id: UUID) -> ResponseReturnValue:
    """Its members, and by which book they pay."""
    return _program_page(program_id, _member_form(), BookForm(with_vendor=False))


@area.post("/programs/<uuid:program_id>/members", can="tenant:edit")
def join_program(program_id: UUID) -> ResponseReturnValue:
    """A reseller joins, at once; it leaves the vendor's other program."""
    form = _member_form()
    if form.taken():
        try:
            tenant_id = uuid_of(form.tenant_id.data or "")
            if tenant_id is None:
                raise Invalid({"tenant_id": _("Choose from the list.")})
            program = programs.program(program_id).Program
            actions.join_program(program, tenant_id, by=g.arrival.actor)
            flash(_("It is in the program now."), "good")
            return see_other(".show_program", program_id=program_id)
        except Invalid as invalid:
            form.blame(invalid)
    return _program_page(program_id, form, BookForm(with_vendor=False))


@area.post("/programs/<uuid:program_id>/members/<uuid:member_id>/end", can="tenant:edit")
def leave_program(program_id: UUID, member_id: UUID) -> ResponseReturnValue:
    """A reseller leaves, at once."""
    member = programs.member(program_id, member_id)
    actions.leave_program(member, by=g.arrival.actor)
    flash(_("It has left the program."), "good")
    return see_other(".show_program", program_id=program_id)


@area.post("/programs/<uuid:program_id>/price-book", can="tenant:edit")
def choose_program_book(program_id: UUID) -> ResponseReturnValue:
    """By which book everybody in the program pays."""
    form = BookForm(with_vendor=False)
    if form.taken():
        try:
            give(form, time_zone="UTC", program_id=programs.program(program_id).Program.id)
            flash(_("Resellers in this program pay by it."), "good")
            return see_other(".show_program", program_id=program_id)
        except Invalid as invalid:
            form.blame(invalid)
    return _program_page(program_id, _member_form(), form)


@area.post("/programs/<uuid:program_id>/price-book/<uuid:assignment_id>/end", can="tenant:edit")
def end_program_book(program_id: UUID, assignment_id: UUID) -> ResponseReturnValue:
    """The next wider book counts again."""
    found = price_assignments.assignment(assignment_id)
    if found.program_id != program_id:
        raise NotFound()
    actions.unassign(found, by=g.arrival.actor)
    flash(_("Ended."), "good")
    return see_other(".show_program", program_id=program_id)


@area.route("/resellers/<nickname>/prices", methods=["GET", "POST"], can="tenant:edit")
def choose_reseller_book(nickname: str) -> ResponseReturnValue:
    """By which books one reseller pays; without any, what the vendor asks."""
    row = resellers.reseller(nickname)
    form = BookForm()
    if form.taken():
        try:
            give(form, time_zone="UTC", for_tenant_id=row.Tenant.id)
            flash(_("These prices hold for %(name)s.", name=row.Tenant.name), "good")
            return see_other(".choose_reseller_book", nickname=nickname)
        except Invalid as invalid:
            form.blame(invalid)
    return form_page(
        "distributor/resellers/prices.html",
        form,
        tenant=row.Tenant,
        rows=price_assignments.of_reseller(row.Tenant.id),
        memberships=programs.memberships(row.Tenant.id),
    )


@area.post("/resellers/<nickname>/prices/<uuid:assignment_id>/end", can="tenant:edit")
def end_reseller_book(nickname: str, assignment_id: UUID) -> ResponseReturnValue:
    """The reseller's program, or the default, counts again."""
    row = resellers.reseller(nickname)
    found = price_assignments.assignment(assignment_id)
    if found.for_tenant_id != row.Tenant.id:
        raise NotFound()
    actions.unassign(found, by=g.arrival.actor)
    flash(_("Ended."), "good")
    return see_other(".choose_reseller_book", nickname=nickname)


def _member_form() -> MemberForm:
    form = MemberForm()
    form.tenant_id.choices = [
        (str(row.Tenant.id), row.Tenant.name) for row in resellers.resellers(size=500).rows
    ]
    return form


def _program_page(program_id: UUID, joining: MemberForm, book: BookForm) -> ResponseReturnValue:
    row = programs.program(program_id)
    status = 422 if joining.has_errors or book.has_errors else 200
    return page(
        "distributor/programs/detail.html",
        status,
        program=row.Program,
        vendor_name=row.vendor_name,
        members=programs.members(program_id),
        rows=price_assignments.of_program(program_id),
        joining=joining,
        form=book,
    )
