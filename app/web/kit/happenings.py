"""Events as people read them in a timeline: a sentence, an icon, a tone. Doors show them; `core/events` writes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from app.core.events import Event


class Telling(NamedTuple):
    """How one kind of event is told. `sentence` may name values of the event's data as %(name)s."""

    sentence: str
    icon: str = "circle"
    tone: str = ""


TELLINGS: dict[str, Telling] = {
    "tenant.branded": Telling(_l("Changed the brand of the shop"), "palette"),
    "tenant.introduced": Telling(_l("Changed the company profile"), "building-2"),
    "tenant.word_renamed": Telling(_l("Says “%(to)s” for “%(word)s”"), "languages"),
    "mail_template.changed": Telling(_l("Changed how a mail is sent"), "mail"),
    "mail_wording.changed": Telling(_l("Changed the words of a mail"), "mail"),
    "mail_wording.reset": Telling(_l("Took a mail's usual words again"), "mail"),
    "sender.asked": Telling(_l("Asked for mail from %(address)s"), "at-sign"),
    "sender.verified": Telling(_l("Mail comes from %(address)s now"), "mail-check", "good"),
    "sender.lost": Telling(_l("The records for mail from %(address)s are gone"), "mail-warning", "bad"),
    "sender.given_up": Telling(_l("Gave up mail from %(address)s"), "at-sign"),
    "mail.refused": Telling(_l("A mail to %(to)s did not arrive"), "mail-x", "bad"),
    "tenant.opened": Telling(_l("Opened the shop"), "store", "good"),
    "tenant.closed": Telling(_l("Closed the shop"), "store", "warn"),
    "account.opened": Telling(_l("New customer: %(name)s"), "building-2", "good"),
    "account.edited": Telling(_l("Changed the customer's particulars"), "pencil"),
    "account.shop_opened": Telling(_l("Let the customer order again"), "circle-check", "good"),
    "account.shop_closed": Telling(_l("Stopped the customer's orders"), "ban", "warn"),
    "policy.published": Telling(_l("Published version %(version)s of the approval rule"), "shield-check"),
    "order.placed": Telling(_l("Placed order %(number)s"), "shopping-bag", "brand"),
    "order.held": Telling(_l("Order %(number)s waits for approval"), "hourglass", "warn"),
    "order.approved": Telling(_l("Order %(number)s is approved"), "circle-check", "good"),
    "order.confirmed": Telling(_l("Order %(number)s goes to the vendor"), "circle-check", "good"),
    "order.started": Telling(_l("Delivery of order %(number)s has begun"), "truck"),
    "order.completed": Telling(_l("Order %(number)s is delivered"), "package-check", "good"),
    "order.failed": Telling(_l("Part of order %(number)s was not delivered"), "triangle-alert", "bad"),
    "order.mismatched": Telling(
        _l("Order %(number)s is not what was approved; nothing was bought"), "triangle-alert", "bad"
    ),
    "order.refused": Telling(_l("Order %(number)s was refused"), "circle-x", "bad"),
    "order.withdrawn": Telling(_l("Order %(number)s was taken back"), "undo-2"),
    "order.expired": Telling(_l("Nobody decided order %(number)s in time"), "calendar-x"),
    "order.repriced": Telling(_l("Order %(number)s was approved at another price"), "tags"),
    "order_line.provisioned": Telling(_l("Bought at the vendor: %(title)s"), "package"),
    "order_line.activated": Telling(_l("Ready to use: %(title)s"), "circle-check", "good"),
    "order_line.failed": Telling(_l("Not delivered: %(title)s"), "circle-x", "bad"),
    "order_line.unknown": Telling(
        _l("The vendor did not answer; being checked: %(title)s"), "search-check", "warn"
    ),
    "order_line.settled": Telling(_l("Settled: %(title)s"), "check"),
    "order_line.needs_attention": Telling(_l("Needs a person: %(title)s"), "hand", "bad"),
    "approval_request.made": Telling(_l("Asked for a decision on %(number)s"), "hourglass", "warn"),
    "approval_request.approved": Telling(_l("Approved %(number)s"), "circle-check", "good"),
    "approval_request.refused": Telling(_l("Refused %(number)s"), "circle-x", "bad"),
    "approval_request.withdrawn": Telling(_l("Took %(number)s back"), "undo-2"),
    "approval_request.expired": Telling(_l("Nobody decided %(number)s in time"), "calendar-x"),
    "approval_request.passed_on": Telling(
        _l("Approved one step of %(number)s; the next one is asked"), "check"
    ),
    "approval_request.repriced": Telling(_l("Asked at %(asked)s, decided at %(now)s"), "tags"),
    "security.self_decision_refused": Telling(
        _l("Tried to decide an own request, and was refused"), "shield-x", "bad"
    ),
    "subscription.created": Telling(_l("Subscription %(number)s came into being"), "refresh-cw"),
    "subscription.activated": Telling(_l("Subscription %(number)s is active"), "circle-check", "good"),
    "subscription.cancelled": Telling(_l("Subscription %(number)s was cancelled"), "ban"),
    "subscription.suspended": Telling(_l("Subscription %(number)s was suspended"), "circle-pause", "warn"),
    "subscription.resumed": Telling(_l("Subscription %(number)s is active again"), "circle-check", "good"),
    "subscription.expired": Telling(_l("Subscription %(number)s ended with its term"), "calendar-x"),
    "subscription.renewed": Telling(
        _l("Renewed until %(term_ends_on)s: %(quantity)s at %(now)s"), "refresh-cw", "good"
    ),
    "subscription.drifted": Telling(_l("The vendor says %(theirs)s, we say %(ours)s"), "git-compare", "warn"),
    "subscription.drift_accepted": Telling(
        _l("Accepted the vendor's %(theirs)s in place of %(ours)s"), "check", "good"
    ),
    "subscription.drift_pushed": Telling(_l("Pushed our %(ours)s to the vendor"), "upload"),
    "subscription.drift_left": Telling(_l("Left the vendor's %(theirs)s beside our %(ours)s"), "archive"),
    "subscription_change.requested": Telling(
        _l("Asked for change %(number)s: %(summary)s"), "pencil", "brand"
    ),
    "subscription_change.held": Telling(_l("Change %(number)s waits for approval"), "hourglass", "warn"),
    "subscription_change.approved": Telling(_l("Approved change %(number)s"), "check", "good"),
    "subscription_change.refused": Telling(_l("Refused change %(number)s"), "x", "bad"),
    "subscription_change.withdrawn": Telling(_l("Took change %(number)s back"), "undo-2"),
    "subscription_change.expired": Telling(
        _l("Nobody decided over change %(number)s in time"), "calendar-x", "warn"
    ),
    "subscription_change.repriced": Telling(
        _l("Took the price now for change %(number)s: %(before)s → %(now)s"), "tags"
    ),
    "subscription_change.confirmed": Telling(_l("Change %(number)s goes to the vendor"), "circle-check"),
    "subscription_change.completed": Telling(_l("Change %(number)s is done"), "circle-check", "good"),
    "subscription_change.failed": Telling(_l("Change %(number)s was not possible"), "circle-x", "bad"),
    "subscription_change.conflicted": Telling(
        _l("Change %(number)s was stopped: the vendor had another number"), "git-compare", "bad"
    ),
    "subscription_change.unknown": Telling(_l("Change %(number)s is being checked"), "search-check", "warn"),
    "subscription_change.needs_attention": Telling(_l("Change %(number)s needs a person"), "hand", "bad"),
    "subscription_change.mismatched": Telling(
        _l("Change %(number)s is not what was approved"), "triangle-alert", "bad"
    ),
    "cloud_account.opened": Telling(_l("Account %(domain)s is active"), "cloud", "good"),
    "cloud_account.closed": Telling(_l("Account %(number)s is given up"), "ban"),
    "cloud_account_request.made": Telling(_l("Asked for an account: %(domain)s"), "cloud", "brand"),
    "cloud_account_request.approved": Telling(_l("Approved request %(number)s"), "check", "good"),
    "cloud_account_request.refused": Telling(_l("Refused request %(number)s"), "x", "bad"),
    "cloud_account_request.withdrawn": Telling(_l("Took request %(number)s back"), "undo-2"),
    "cloud_account_request.expired": Telling(
        _l("Nobody decided over request %(number)s in time"), "calendar-x", "warn"
    ),
    "cloud_account_request.completed": Telling(_l("Request %(number)s is done"), "circle-check", "good"),
    "cloud_account_request.failed": Telling(_l("Request %(number)s was not possible"), "circle-x", "bad"),
    "cloud_account_request.unknown": Telling(
        _l("Request %(number)s is being checked"), "search-check", "warn"
    ),
    "cloud_account_request.completed_by_reseller": Telling(
        _l("Added particulars to request %(number)s"), "pencil"
    ),
    "price_book.created": Telling(_l("Made the price book “%(name)s”"), "tags"),
    "price_book.drafted": Telling(_l("Began version %(version)s of a price book"), "pencil"),
    "price_book.published": Telling(_l("Published version %(version)s of a price book"), "rocket", "good"),
    "price_book.withdrawn": Telling(_l("Took version %(version)s of a price book back"), "undo-2"),
    "price_book.draft_discarded": Telling(_l("Threw the draft of version %(version)s away"), "trash-2"),
    "price_book.renamed": Telling(_l("Renamed a price book to “%(to)s”"), "pencil"),
    "price_book.archived": Telling(_l("Put a price book away"), "archive"),
    "price_book.assigned": Telling(_l("Chose who pays by a price book"), "user-round-check"),
    "price_book.unassigned": Telling(_l("Ended who pays by a price book"), "user-round-x"),
    "price_rule.added": Telling(_l("Added a price rule"), "plus"),
    "price_rule.changed": Telling(_l("Changed a price rule"), "pencil"),
    "price_rule.removed": Telling(_l("Took a price rule out"), "minus"),
    "price_rule.set_for_many": Telling(_l("Set the rules of %(count)s lines"), "list-checks"),
    "price_rule.cleared_for_many": Telling(_l("Took the rules of %(count)s lines out"), "minus"),
    "price_book.imported": Telling(_l("Took over the file %(file_name)s"), "file-spreadsheet"),
    "account.viewed_as": Telling(_l("Looked at the shop as this customer"), "eye"),
    "exchange_rate.set": Telling(_l("Set 1 %(base)s to %(rate)s %(quote)s"), "arrow-left-right"),
    "exchange_rate.loaded": Telling(_l("Loaded %(new)s rates of the European Central Bank"), "landmark"),
    "promotion.entered": Telling(_l("Entered the promotion “%(name)s”: %(percent)s %% off"), "badge-percent"),
    "promotion.ended": Telling(_l("Ended the promotion %(code)s"), "badge-percent"),
    "promotion.moved": Telling(_l("Moved the end of the promotion %(code)s"), "badge-percent"),
    "program.made": Telling(_l("Made the program “%(name)s”"), "award"),
    "program.joined": Telling(_l("Joined the program “%(program)s”"), "award", "good"),
    "program.left": Telling(_l("Left a program"), "award"),
    "price_book.promotions_chosen": Telling(
        _l("Chose whether a price book passes promotions on"), "badge-percent"
    ),
    "price_book.running_terms_chosen": Telling(_l("Chose what a price book does to running terms"), "timer"),
    "pricing_setting.changed": Telling(_l("Changed the settings of pricing"), "settings-2"),
    "margin_guard.found": Telling(
        _l("The margin guard found %(new)s lines that earn too little"), "shield-alert", "warn"
    ),
    "margin_finding.accepted": Telling(_l("Sells it at this price all the same"), "circle-check", "warn"),
    "margin_finding.closed": Telling(_l("Closed it for new sales"), "ban"),
    "margin_finding.reopened": Telling(_l("Opened it again"), "undo-2"),
    "exchange_rate.ended": Telling(_l("Ended the rate of %(base)s and %(quote)s"), "arrow-left-right"),
    "catalog_choice.made": Telling(_l("Changed what the shop shows"), "package"),
    "catalog_choice.withdrawn": Telling(_l("Changed what the shop shows"), "package"),
    "price_sheet.uploaded": Telling(_l("Handed in the price sheet %(file_name)s"), "file-spreadsheet"),
    "price_sheet.accepted": Telling(_l("Took the good rows of a price sheet"), "check"),
    "price_sheet.canceled": Telling(_l("Cancelled a price sheet"), "ban"),
    "person.invited": Telling(_l("Invited somebody"), "mail"),
    "person.joined": Telling(_l("Took up the invitation"), "user-round-check", "good"),
    "person.signed_in": Telling(_l("Signed in"), "log-in"),
    "person.signed_out": Telling(_l("Signed out"), "log-out"),
    "person.roles_changed": Telling(_l("Changed somebody's roles"), "users-round"),
    "person.deactivated": Telling(_l("Let somebody go"), "user-round-x", "warn"),
    "person.reactivated": Telling(_l("Took somebody back"), "user-round-check"),
    "person.password_changed": Telling(_l("Changed the password"), "key-round"),
    "person.password_reset": Telling(_l("Chose a new password"), "key-round"),
    "person.edited": Telling(_l("Changed the profile"), "pencil"),
}

_COMMENTS = ("comment", "reason", "note")


def tell(event: Event, *, about: str = "", href: str = "") -> dict[str, Any]:
    """One entry of the timeline macro (`ui/timeline.html`). `about` names the customer where the page does not."""
    telling = TELLINGS.get(event.name) or Telling(
        event.name.replace(".", " ").replace("_", " ").capitalize(), "circle"
    )
    return {
        "what": _filled(str(telling.sentence), event.data),
        "who": " · ".join(part for part in (_who(event), about) if part),
        "at": event.created_at,
        "icon": telling.icon,
        "tone": telling.tone,
        "comment": next((str(event.data[key]) for key in _COMMENTS if event.data.get(key)), ""),
        "href": href,
    }


def timeline(events: Iterable[Event]) -> list[dict[str, Any]]:
    """Entries for events in the order given."""
    return [tell(event) for event in events]


def _who(event: Event) -> str:
    return gettext("Awning") if event.realm == "system" else event.person_name


class _Blank(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return ""


def _filled(sentence: str, data: Mapping[str, Any]) -> str:
    try:
        return " ".join((sentence % _Blank(data)).split())
    except (TypeError, ValueError):
        return sentence
