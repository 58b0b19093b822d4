"""The form of one approval rule: for all customers, or for one. It publishes a version; what waits already is not touched."""

from decimal import Decimal
from uuid import UUID

from flask import flash, g
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import StringField

from app.core.errors import Invalid
from app.core.money import parse_amount
from app.domain.approvals import actions
from app.domain.approvals import queries as approvals
from app.domain.approvals.queries import PolicyInForce
from app.domain.people.queries import account as find_account
from app.domain.reports.queries.accounts import names_of
from app.web.kit import choices
from app.web.kit.area import PLATFORM, Area
from app.web.kit.forms import Form, RadioField, SelectField
from app.web.kit.pages import form_page, see_other
from app.web.kit.policies import sentences

area = Area("admin_thresholds", __name__, side=PLATFORM, url_prefix="/admin")


class ThresholdForm(Form):
    """One rule. Amounts are typed with a point; `window_days` only counts with `window_spend`."""

    trigger = RadioField(
        _l("Which orders wait"),
        choices=[
            ("window_spend", _l("When spending within some days reaches an amount")),
            ("order_total", _l("When a single order reaches an amount")),
            ("always", _l("Every order")),
            ("never", _l("None: everything goes straight through")),
        ],
        default="window_spend",
    )
    amount = StringField(_l("Amount"))
    currency = SelectField(_l("Currency"))
    window_days = StringField(_l("Within how many days"), default="30")
    asks = RadioField(
        _l("Who decides"),
        choices=[("reseller", _l("We do")), ("customer", _l("An approver of the customer"))],
        default="reseller",
    )
    expires_after_days = StringField(_l("Days to decide"), default="7")

    def __init__(self, *args: object, **kwargs: object):
        super().__init__(*args, **kwargs)
        self.currency.choices = choices.currencies()

    def rules(self) -> list[actions.RuleDraft]:
        """The rule as the policy takes it; an unreadable number becomes None or 0, which the policy refuses by name."""
        if self.trigger.data == "never":
            return []
        return [
            actions.RuleDraft(
                trigger=self.trigger.data,
                asks=self.asks.data,
                amount=parse_amount(self.amount.data or "") if self.trigger.data != "always" else None,
                currency=self.currency.data,
                window_days=_whole(self.window_days.data),
                expires_after_days=_whole(self.expires_after_days.data) or 0,
            )
        ]

    def blame(self, invalid: Invalid) -> None:
        """The policy names its fields `rules-0-amount`; here they are called `amount`."""
        super().blame(Invalid({name.removeprefix("rules-0-"): text for name, text in invalid.errors.items()}))


def _whole(text: str | None) -> int | None:
    text = (text or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else None


def _plain(amount: Decimal | None) -> str:
    return "" if amount is None else f"{amount.normalize():f}"


def _as_it_stands(policy: PolicyInForce | None, currency: str) -> dict[str, str]:
    if policy is None:
        return {"currency": currency}
    if not policy.rules:
        return {"trigger": "never", "currency": currency}
    rule = policy.rules[0]
    return {
        "trigger": rule.trigger,
        "amount": _plain(rule.amount),
        "currency": rule.currency or currency,
        "window_days": str(rule.window_days or 30),
        "asks": rule.asks,
        "expires_after_days": str(rule.expires_after_days),
    }


@area.route("/policies", methods=["GET", "POST"], can="policy:edit")
def edit_general() -> ResponseReturnValue:
    """What holds for every customer without a rule of its own, and who has one."""
    overview = approvals.policy_overview()
    general = next((policy for policy in overview if policy.account_id is None), None)
    form = ThresholdForm(data=_as_it_stands(general, g.arrival.shop.currency))
    if form.taken():
        try:
            actions.publish_policy(None, form.rules(), by=g.arrival.actor)
            flash(_("The rule is in force for every customer without one of its own."), "good")
            return see_other(".edit_general")
        except Invalid as invalid:
            form.blame(invalid)
    own = [policy for policy in overview if policy.account_id is not None]
    return form_page(
        "admin/policies.html",
        form,
        policy=general,
        sentences=sentences(general.rules) if general else [],
        own=[(policy, sentences(policy.rules)) for policy in own],
        names=names_of([policy.account_id for policy in own if policy.account_id]),
    )


@area.route("/accounts/<uuid:account_id>/threshold", methods=["GET", "POST"], can="policy:edit")
def edit_threshold(account_id: UUID) -> ResponseReturnValue:
    """The customer's own rule, which goes before the general one."""
    account = find_account(account_id)
    policies = approvals.in_force(account_id)
    form = ThresholdForm(data=_as_it_stands(policies.own, account.currency))
    if form.taken():
        try:
            actions.publish_policy(account_id, form.rules(), by=g.arrival.actor)
            flash(_("The rule for %(name)s is in force.", name=account.name), "good")
            return see_other("admin_accounts.show_account", account_id=account_id)
        except Invalid as invalid:
            form.blame(invalid)
    policy = policies.that_counts
    return form_page(
        "admin/accounts/threshold.html",
        form,
        customer=account,
        policies=policies,
        policy=policy,
        sentences=sentences(policy.rules) if policy else [],
    )
