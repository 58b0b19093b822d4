"""Rehearsing a policy's draft over the orders of the last 90 days: what would have waited, for whom, and for how long."""

from datetime import datetime
from typing import Any
from uuid import UUID

from flask import g
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from app.core.errors import Conflict
from app.domain.approvals import actions
from app.domain.approvals import queries as approvals
from app.domain.approvals.models import Rehearsal
from app.domain.approvals.rules.sentences import rule_from, rule_to
from app.domain.approvals.rules.steps import Step
from app.domain.reports.queries.accounts import names_of
from app.domain.reports.queries.orders import numbers_of
from app.web.kit.area import PLATFORM, Area
from app.web.kit.pages import page, see_other
from app.web.kit.policies import when, who
from app.web.kit.policy_page import EmptyForm, PolicyPage, of_reseller

area = Area("admin_rehearsals", __name__, side=PLATFORM, url_prefix="/admin/policies/<owner>")
parts = Area("admin_rehearsal_parts", __name__, side=PLATFORM, url_prefix="/admin/parts/rehearsals")


@area.route("/rehearsal", methods=["GET", "POST"], can="policy:edit")
def rehearse(owner: str) -> ResponseReturnValue:
    """The newest rehearsal of the draft; a POST starts one."""
    policy = of_reseller(owner)
    if policy.draft.rules is None:
        raise Conflict(_("There is no draft. Change a rule first."))
    if EmptyForm().taken():
        actions.start_rehearsal(policy.account_id, policy.draft.rules, by=g.arrival.actor)
        return see_other(".rehearse", owner=owner)
    return page("admin/policies/rehearsal.html", **_told(policy))


@parts.get("/<owner>", can="policy:edit")
def show_progress(owner: str) -> ResponseReturnValue:
    """How far it is, and what came out, for polling."""
    return page("admin/parts/rehearsal.html", **_told(of_reseller(owner)))


def _told(policy: PolicyPage) -> dict[str, Any]:
    found = approvals.latest_rehearsal(policy.account_id)
    is_of_draft = found is not None and found.rules == [rule_to(rule) for rule in policy.rules]
    return {"policy": policy, "rehearsal": found, "is_of_draft": is_of_draft, **_result(found)}


def _result(found: Rehearsal | None) -> dict[str, Any]:
    if found is None or found.state != "done":
        return {}
    result = found.result
    accounts = [row[0] for row in result["by_account"]] + [one["account_id"] for one in result["examples"]]
    numbers = numbers_of([UUID(one["subject_id"]) for one in result["examples"]])
    return {
        "result": result,
        "rules": {rule.position: when(rule) for rule in map(rule_from, found.rules)},
        "steps": [
            (who(Step.from_dict(row["step"])), row["count"], row["seconds"]) for row in result["by_step"]
        ],
        "names": {str(key): name for key, name in names_of({UUID(one) for one in accounts}).items()},
        "examples": [
            one
            | {
                "number": numbers.get(UUID(one["subject_id"]), ""),
                "at": datetime.fromisoformat(one["placed_at"]),
            }
            for one in result["examples"]
        ],
        "duration": duration,
    }


def duration(seconds: int) -> str:
    """ "3 hours", "2 days": how long it takes at present."""
    if seconds < 5400:
        return ngettext("one minute", "%(num)d minutes", max(1, round(seconds / 60)))
    if seconds < 129_600:
        return ngettext("one hour", "%(num)d hours", round(seconds / 3600))
    return ngettext("one day", "%(num)d days", round(seconds / 86_400))
