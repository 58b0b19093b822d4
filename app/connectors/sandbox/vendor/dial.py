"""The failure dial: which calls go wrong, how, and how often.

A rule names an operation (or `*`) and a failure, and fires a number of `times`, or in `percent` of the calls, or
both. Of the rules that match a call every `delay` and the first other failure apply. Carrying the failure out
is the business of `service` and `wire`.
"""

from __future__ import annotations

import random
import threading
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from app.connectors.sandbox.vendor.problems import invalid
from app.connectors.sandbox.vendor.store import Store, keep_setting, setting

OPERATIONS = (
    "orders.create",
    "orders.find",
    "orders.read",
    "subscriptions.list",
    "subscriptions.read",
    "subscriptions.change",
    "customers.create",
    "customers.link",
    "customers.close",
    "subscriptions.cancel",
    "subscriptions.renew",
    "subscriptions.change_term",
    "subscriptions.suspend",
    "subscriptions.resume",
    "offers.list",
    "prices.list",
    "me.read",
)
FAILURES = {
    "delay": "waits the seconds, then works and answers",
    "timeout": "does the work and never answers",
    "cut": "does the work and closes the connection without an answer",
    "cut_before": "closes the connection without doing the work",
    "throttle": "answers 429 with Retry-After: seconds",
    "error": "answers the status (500) without doing the work",
    "error_after": "does the work and answers the status (500)",
    "reject": "refuses for good, with the code and description",
    "fail_delivery": "takes the order and cannot deliver it",
    "duplicate": "receives the request twice, as from a proxy that repeats",
    "stale": "reads answer as of the seconds before",
    "garbage": "does the work and answers a page of HTML",
    "truncated": "does the work and breaks off in the middle of the answer",
    "huge": "does the work and answers without end",
    "drip": "does the work and answers one byte a second",
}
LONGEST_DELAY_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Rule:
    """One setting of the dial. `times` counts down to nothing; None means for ever."""

    operation: str
    failure: str
    times: int | None = None
    percent: float = 100.0
    seconds: float = 1.0
    status: int = 500
    code: str = "900279"
    description: str = "Update operations are currently not allowed."


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to happen to one call: a pause first, and at most one failure."""

    pause: float = 0.0
    rule: Rule | None = None

    def fails(self, *names: str) -> bool:
        """Whether the failure is one of these."""
        return self.rule is not None and self.rule.failure in names


class Dial:
    """The rules in force.

    Kept in the store, so that they outlive the process, and in memory, so that they cost nothing.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._turn = threading.Lock()
        with store.transaction() as db:
            self._rules = [Rule(**rule) for rule in setting(db, "dial", [])]
            self._random = random.Random(setting(db, "dial_seed", 1))  # noqa: S311 - repeatable on purpose

    def rules(self) -> list[dict[str, Any]]:
        """The rules as JSON."""
        with self._turn:
            return [asdict(rule) for rule in self._rules]

    def turn(self, document: Any) -> None:
        """Replace all rules by those of `{"rules": […], "seed": n}`."""
        if not isinstance(document, dict) or not isinstance(document.get("rules"), list):
            raise invalid("rules", "must be a list")
        rules = [read_rule(rule) for rule in document["rules"]]
        with self._turn:
            if isinstance(document.get("seed"), int):
                self._random.seed(document["seed"])
            self._keep(rules)

    def add(self, rule: Rule) -> None:
        """One rule more."""
        with self._turn:
            self._keep([*self._rules, rule])

    def draw(self, operation: str) -> Verdict:
        """What happens to this call; a counted rule that fires has fired once more."""
        if not self._rules:
            return Verdict()
        with self._turn:
            pause, chosen, left, has_counted = 0.0, None, [], False
            for rule in self._rules:
                if rule.operation not in (operation, "*") or (chosen is not None and rule.failure != "delay"):
                    left.append(rule)
                    continue
                if rule.percent < 100 and self._random.random() * 100 >= rule.percent:
                    left.append(rule)
                    continue
                if rule.failure == "delay":
                    pause += rule.seconds
                else:
                    chosen = rule
                if rule.times is None:
                    left.append(rule)
                else:
                    has_counted = True
                    if rule.times > 1:
                        left.append(replace(rule, times=rule.times - 1))
            if has_counted:
                self._keep(left)
            return Verdict(min(pause, LONGEST_DELAY_SECONDS), chosen)

    def _keep(self, rules: list[Rule]) -> None:
        with self._store.transaction() as db:
            keep_setting(db, "dial", [asdict(rule) for rule in rules])
        self._rules = rules


def read_rule(document: Any) -> Rule:
    """A rule from JSON or a form, checked. Raises `Problem` (400)."""
    if not isinstance(document, dict):
        raise invalid("rule", "must be an object")
    known = {field.name for field in fields(Rule)}
    for name in document:
        if name not in known:
            raise invalid(str(name), "is not known")
    try:
        rule = Rule(**document)
    except TypeError:
        raise invalid("rule", "needs an operation and a failure") from None
    if rule.operation not in (*OPERATIONS, "*"):
        raise invalid("operation", f"must be * or one of {', '.join(OPERATIONS)}")
    if rule.failure not in FAILURES:
        raise invalid("failure", f"must be one of {', '.join(FAILURES)}")
    if rule.times is not None and not (_is_number(rule.times, int) and 1 <= rule.times <= 1_000_000):
        raise invalid("times", "must be a whole number from 1")
    if not (_is_number(rule.percent, int, float) and 0 <= rule.percent <= 100):
        raise invalid("percent", "must be a number from 0 to 100")
    if not (_is_number(rule.seconds, int, float) and 0 <= rule.seconds <= 86_400):
        raise invalid("seconds", "must be a number from 0 to 86400")
    if not (_is_number(rule.status, int) and 300 <= rule.status <= 599):
        raise invalid("status", "must be from 300 to 599")
    if not all(isinstance(text, str) and len(text) <= 500 for text in (rule.code, rule.description)):
        raise invalid("code and description", "must be texts of at most 500 characters")
    return rule


def _is_number(value: Any, *types: type) -> bool:
    return isinstance(value, types) and not isinstance(value, bool)
