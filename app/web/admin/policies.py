"""Approval policies: which there are, one with its draft, and publishing it. What waits already is never touched."""

from typing import Any

from flask import flash, g
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.core.errors import Conflict, Invalid, NotFound
from app.domain.approvals import actions
from app.domain.approvals import queries as approvals
from app.domain.reports.queries.accounts import names_of
from app.web.kit.area import PLATFORM, Area
from app.web.kit.pages import form_page, page, see_other
from app.web.kit.policies import sentences, then, when
from app.web.kit.policy_form import moved
from app.web.kit.policy_page import EmptyForm, PlaceForm, PolicyPage, PublishForm, of_reseller, position_of

area = Area("admin_policies", __name__, side=PLATFORM, url_prefix="/admin/policies")


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
    return page("admin/policies/detail.html", **_told(of_reseller(owner)))


def _told(policy: PolicyPage) -> dict[str, Any]:
    return {"policy": policy, "sentences": sentences, "when": when, "then": then}


@area.route("/<owner>/publication", methods=["GET", "POST"], can="policy:edit")
def publish(owner: str) -> ResponseReturnValue:
    """What the draft changes, and the button that puts it in force."""
    policy = of_reseller(owner)
    if policy.draft.rules is None:
        raise Conflict(_("There is no draft. Change a rule first."))
    form = PublishForm(data={"version": str(policy.draft.version)})
    if form.taken():
        try:
            if form.version.data != str(policy.draft.version):
                raise Invalid(
                    _("Somebody has changed the draft since you opened this page. Look at it again.")
                )
            policy.publish(form.note.data or "")
            flash(_("The rules are in force for what is ordered from now on."), "good")
            return see_other(".show_policy", owner=owner)
        except Invalid as invalid:
            form.blame(invalid)
    return form_page("admin/policies/publish.html", form, **_told(policy))


@area.post("/<owner>/draft", can="policy:edit")
def start_empty(owner: str) -> ResponseReturnValue:
    """A draft without a rule: everything would go straight through."""
    policy = of_reseller(owner)
    if EmptyForm().taken():
        policy.save([])
    return see_other(".show_policy", owner=owner)


@area.post("/<owner>/draft/removal", can="policy:edit")
def discard_draft(owner: str) -> ResponseReturnValue:
    """Throws the draft away."""
    policy = of_reseller(owner)
    if EmptyForm().taken():
        policy.discard()
        flash(_("The draft is thrown away. What is in force stays as it is."), "good")
    return see_other(".show_policy", owner=owner)


@area.route("/<owner>/lifting", methods=["GET", "POST"], can="policy:edit")
def lift(owner: str) -> ResponseReturnValue:
    """A customer goes back to the rules for all customers."""
    policy = of_reseller(owner)
    if policy.account is None or policy.in_force is None:
        raise NotFound
    form = EmptyForm()
    if form.taken():
        actions.publish_policy(policy.account_id, [], lift=True, by=g.arrival.actor)
        flash(_("From now on the rules for all customers hold for %(name)s.", name=policy.name), "good")
        return see_other(".show_policy", owner=owner)
    general = approvals.in_force(policy.account.id).general
    return form_page("admin/policies/lift.html", form, general=general, **_told(policy))


@area.post("/<owner>/rules/<int:position>/removal", can="policy:edit")
def remove_rule(owner: str, position: int) -> ResponseReturnValue:
    """Takes a sentence out of the draft."""
    policy = of_reseller(owner)
    gone = position_of(policy, position)
    if EmptyForm().taken():
        policy.save([rule for rule in policy.rules if rule is not gone])
        flash(_("Taken out of the draft."), "good")
    return see_other(".show_policy", owner=owner)


@area.post("/<owner>/rules/<int:position>/place", can="policy:edit")
def move_rule(owner: str, position: int) -> ResponseReturnValue:
    """Moves a sentence one place up or down: whom the first one asks is asked first."""
    policy = of_reseller(owner)
    position_of(policy, position)
    form = PlaceForm()
    if form.taken():
        policy.save(moved(policy.rules, position, form.direction.data == "up"))
    return see_other(".show_policy", owner=owner)
