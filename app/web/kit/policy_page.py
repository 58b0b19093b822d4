"""One policy as its pages need it, in the console and in the shop: whose it is, what is in force, what is being written."""

from uuid import UUID

from flask import g
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, StringField
from wtforms.validators import Length

from app.core.errors import NotFound
from app.domain.approvals import actions
from app.domain.approvals import queries as approvals
from app.domain.approvals.queries import PolicyInForce
from app.domain.approvals.rules.sentences import in_order
from app.domain.approvals.rules.verdict import Rule
from app.domain.people.models import Account
from app.domain.people.queries import account as find_account
from app.web.kit.forms import Form


class PublishForm(Form):
    """Publishing a draft. `version` is the draft's, as the page showed it."""

    version = HiddenField()
    note = StringField(
        _l("What changes, and why"), [Length(max=1000, message=_l("Use at most 1,000 characters."))]
    )


class EmptyForm(Form):
    """Only the token."""


class PlaceForm(Form):
    """`direction` is `up` or `down`."""

    direction = HiddenField()


class PolicyPage:
    """One policy as its pages need it: whose it is, what is in force, what is being written."""

    def __init__(self, account: Account | None, layer: str, url: str):
        self.account = account
        self.layer = layer
        self.url = url
        self.owner = str(account.id) if account else "all"
        self.account_id: UUID | None = account.id if account else None
        self.history = approvals.policy_history(self.account_id, layer)
        newest = self.history[0] if self.history else None
        self.in_force: PolicyInForce | None = None if newest is None or newest.is_lifted else newest
        self.draft = approvals.policy_draft(self.account_id, layer)

    @property
    def rules(self) -> tuple[Rule, ...]:
        """What one writes on: the draft, or else what is in force."""
        if self.draft.rules is not None:
            return self.draft.rules
        return in_order(self.in_force.rules) if self.in_force else ()

    @property
    def name(self) -> str:
        return self.account.name if self.account else _("All customers")

    def save(self, rules: list[Rule]) -> None:
        """Keeps the draft; Conflict when somebody else was at it since this page was read."""
        actions.save_policy_draft(
            self.account_id, rules, version=self.draft.version, layer=self.layer, by=g.arrival.actor
        )

    def publish(self, note: str) -> None:
        """Puts the draft in force."""
        actions.publish_policy(
            self.account_id, self.draft.rules or (), note=note, layer=self.layer, by=g.arrival.actor
        )

    def discard(self) -> None:
        """Throws the draft away."""
        actions.discard_policy_draft(self.account_id, layer=self.layer, by=g.arrival.actor)


def of_reseller(owner: str) -> PolicyPage:
    """The reseller's policy for `all`, or for the customer with this id; NotFound for anything else."""
    if owner == "all":
        return PolicyPage(None, "reseller", "/admin/policies/all")
    try:
        account = find_account(UUID(owner))
    except ValueError:
        raise NotFound from None
    return PolicyPage(account, "reseller", f"/admin/policies/{account.id}")


def of_customer(account: Account) -> PolicyPage:
    """What a customer's approvers ask of its own buyers."""
    return PolicyPage(account, "customer", "/approval-rules")


def position_of(policy: PolicyPage, position: int) -> Rule:
    """The rule at a place of the list; NotFound when there is none."""
    if not 1 <= position <= len(policy.rules):
        raise NotFound
    return policy.rules[position - 1]
