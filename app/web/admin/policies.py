"""Approval policies: which there are, one with its draft, and publishing it. What waits already is never touched."""

from typing import Any
from uuid import UUID

from flask import flash, g
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, StringField
from wtforms.validators import Length

from app.core.errors import Conflict, Invalid, NotFound
from app.domain.approvals import actions
from app.domain.approvals import queries as approvals
from app.domain.approvals.queries import PolicyInForce
from app.domain.approvals.rules.sentences import in_order
from app.domain.approvals.rules.verdict import Rule
from app.domain.people.models import Account
from app.domain.people.queries import account as find_account
from app.domain.reports.queries.accounts import names_of
from app.web.kit.area import PLATFORM, Area
from app.web.kit.forms import Form
from app.web.kit.pages import form_page, page, see_other
from app.web.kit.policies import sentences, then, when
from app.web.kit.policy_form import moved

area = Area("admin_policies", __name__, side=PLATFORM, url_prefix="/admin/policies")


class PublishForm(Form):
    """Publishing a draft. `version` is the draft's, as the page showed it."""

    version = HiddenField()
    note = StringField(
        _l("What changes, and why"), [Length(max=1000, message=_l("Use at most 1,000 characters."))]
    )


class EmptyForm(Form):
    """Only the token."""


class PolicyPage:
    """One policy as its pages need it: whose it is, what is in force, what is being written."""

    def __init__(self, owner: str):
        self.owner = owner
        self.account: Account | None = None if owner == "all" else find_account(_account_id(owner))
        self.account_id: UUID | None = self.account.id if self.account else None
        self.history = approvals.policy_history(self.account_id)
        newest = self.history[0] if self.history else None
        self.in_force: PolicyInForce | None = None if newest is None or newest.is_lifted else newest
        self.draft = approvals.policy_draft(self.account_id)

    @property
    def rules(self) -> tuple[Rule, ...]:
        """What one writes on: the draft, or else what is in force."""
        if self.draft.rules is not None:
            return self.draft.rules
        return in_order(self.in_force.rules) if self.in_force else ()

    @property
    def url(self) -> str:
        return f"/admin/policies/{self.owner}"

    @property
    def name(self) -> str:
        return self.account.name if self.account else _("All customers")

    def save(self, rules: list[Rule]) -> None:
        """Keeps the draft; Conflict when somebody else was at it since this page was read."""
        actions.save_policy_draft(self.account_id, rules, version=self.draft.version, by=g.arrival.actor)


def _account_id(owner: str) -> UUID:
    try:
        return UUID(owner)
    except ValueError:
        raise NotFound from None


@area.get("", can="policy:edit")
def list_policies() -> ResponseReturnValue:
    """What holds for every customer without a policy of its own, and who has one."""
    overview = approvals.policy_overview()
    own = [policy for policy in overview if policy.account_id is not None]
    return page(
        "admin/policies/list.html",
        general=next((policy for policy in overview if policy.account_id is None), None),
        own=own,
        sentences=sentences,
        names=names_of([policy.account_id for policy in own if policy.account_id]),
    )


@area.get("/<owner>", can="policy:edit")
def show_policy(owner: str) -> ResponseReturnValue:
    """One policy: its sentences, those of the draft where there is one, and what was published before."""
    return page("admin/policies/detail.html", **_told(PolicyPage(owner)))


def _told(policy: PolicyPage) -> dict[str, Any]:
    return {"policy": policy, "sentences": sentences, "when": when, "then": then}


@area.route("/<owner>/publication", methods=["GET", "POST"], can="policy:edit")
def publish(owner: str) -> ResponseReturnValue:
    """What the draft changes, and the button that puts it in force."""
    policy = PolicyPage(owner)
    if policy.draft.rules is None:
        raise Conflict(_("There is no draft. Change a rule first."))
    form = PublishForm(data={"version": str(policy.draft.version)})
    if form.taken():
        try:
            if form.version.data != str(policy.draft.version):
                raise Invalid(
                    _("Somebody has changed the draft since you opened this page. Look at it again.")
                )
            actions.publish_policy(
                policy.account_id, policy.draft.rules, note=form.note.data or "", by=g.arrival.actor
            )
            flash(_("The rules are in force for what is ordered from now on."), "good")
            return see_other(".show_policy", owner=owner)
        except Invalid as invalid:
            form.blame(invalid)
    return form_page("admin/policies/publish.html", form, **_told(policy))


@area.post("/<owner>/draft", can="policy:edit")
def start_empty(owner: str) -> ResponseReturnValue:
    """A draft without a rule: everything would go straight through."""
    policy = PolicyPage(owner)
    if EmptyForm().taken():
        policy.save([])
    return see_other(".show_policy", owner=owner)


@area.post("/<owner>/draft/removal", can="policy:edit")
def discard_draft(owner: str) -> ResponseReturnValue:
    """Throws the draft away."""
    policy = PolicyPage(owner)
    if EmptyForm().taken():
        actions.discard_policy_draft(policy.account_id, by=g.arrival.actor)
        flash(_("The draft is thrown away. What is in force stays as it is."), "good")
    return see_other(".show_policy", owner=owner)


@area.route("/<owner>/lifting", methods=["GET", "POST"], can="policy:edit")
def lift(owner: str) -> ResponseReturnValue:
    """A customer goes back to the rules for all customers."""
    policy = PolicyPage(owner)
    if policy.account is None or policy.in_force is None:
        raise NotFound
    form = EmptyForm()
    if form.taken():
        actions.publish_policy(policy.account_id, [], lift=True, by=g.arrival.actor)
        flash(_("From now on the rules for all customers hold for %(name)s.", name=policy.name), "good")
        return see_other(".show_policy", owner=owner)
    general = approvals.in_force(policy.account.id).general
    return form_page("admin/policies/lift.html", form, general=general, **_told(policy))


def position_of(policy: PolicyPage, position: int) -> Rule:
    """The rule at a place of the list; NotFound when there is none."""
    if not 1 <= position <= len(policy.rules):
        raise NotFound
    return policy.rules[position - 1]


@area.post("/<owner>/rules/<int:position>/removal", can="policy:edit")
def remove_rule(owner: str, position: int) -> ResponseReturnValue:
    """Takes a sentence out of the draft."""
    policy = PolicyPage(owner)
    gone = position_of(policy, position)
    if EmptyForm().taken():
        policy.save([rule for rule in policy.rules if rule is not gone])
        flash(_("Taken out of the draft."), "good")
    return see_other(".show_policy", owner=owner)


class PlaceForm(Form):
    """`direction` is `up` or `down`."""

    direction = HiddenField()


@area.post("/<owner>/rules/<int:position>/place", can="policy:edit")
def move_rule(owner: str, position: int) -> ResponseReturnValue:
    """Moves a sentence one place up or down: whom the first one asks is asked first."""
    policy = PolicyPage(owner)
    position_of(policy, position)
    form = PlaceForm()
    if form.taken():
        policy.save(moved(policy.rules, position, form.direction.data == "up"))
    return see_other(".show_policy", owner=owner)
