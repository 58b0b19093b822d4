"""What a kind of notice is: its words, what they may name, who may switch it off."""

from dataclasses import dataclass

from app.core.language import mark as _

HOWS = ("at_once", "daily", "never")
"""How a mail of an optional kind comes: at once, in the day's summary, or not at all. The bell shows it in any case."""

PLACES = {
    "button": _("A button that leads to the page"),
    "order_lines": _("What was ordered, with prices and their total"),
    "comment": _("What somebody wrote about it, with their name"),
    "price_lines": _("What costs more: the old price, the new one, and from when"),
    "notices": _("What happened since the last summary"),
}
"""Placeholders that stand for more than words, and so are a paragraph of their own."""

WORDS = {
    "person_name": _("The name of the person who gets the mail"),
    "person_email": _("The address of the person who gets the mail"),
    "shop_name": _("The name of your shop"),
    "company_name": _("The customer's company"),
    "order_number": _("The number of the order"),
    "request_number": _("The number of what was asked for"),
    "summary": _("What it is about, in one line"),
    "total": _("The total of the whole term"),
    "first_charge": _("The total of the first charges"),
    "requester_name": _("The person who asked"),
    "decider_name": _("The person who decided"),
    "asker_name": _("The person who asks the question"),
    "reason": _("The reason that was given; a paragraph without one is left out"),
    "deadline": _("Until when it has to be decided"),
    "inviter_name": _("The person who invites; a paragraph without one is left out"),
    "link": _("The address of the page, to be written out"),
    "recipient_email": _("The address that took no mail"),
    "subject": _("The subject of that mail"),
    "count": _("How many"),
    "day": _("The day it is about"),
}
"""What each placeholder stands for, as a reseller reads it beside the text."""


@dataclass(frozen=True, slots=True)
class Group:
    """What a person chooses a way for; `realms` says on which side of the house it is offered."""

    name: str
    title: str
    about: str
    realms: tuple[str, ...]
    usual: str = "at_once"


GROUPS: dict[str, Group] = {
    group.name: group
    for group in (
        Group(
            "orders",
            _("Your orders"),
            _("Received, approved, refused, delivered, or in need of attention."),
            ("storefront", "console"),
        ),
        Group(
            "decisions",
            _("Requests that wait for you"),
            _("When somebody asks for your decision, reminds you of it, or answers a question."),
            ("storefront", "console"),
        ),
        Group(
            "requests",
            _("Your requests"),
            _("What was decided about what you asked for, and questions about it."),
            ("storefront", "console"),
        ),
        Group(
            "prices",
            _("Prices of what you run"),
            _("Before a price rises for a subscription of your company."),
            ("storefront",),
        ),
        Group(
            "sales",
            _("Orders in your shop"),
            _("When a customer orders something."),
            ("console",),
            usual="daily",
        ),
        Group(
            "trouble",
            _("What needs you"),
            _("When something cannot be delivered, or a mail does not arrive."),
            ("console",),
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of notice.

    `subject` and `body` are sentences with placeholders; `line` is what the bell says (the subject, when empty); `names` are
    the placeholders the texts may have. `group` is None for what must be told: it is always sent, at once, to nobody else.
    """

    name: str
    tag: str
    title: str
    subject: str
    body: str
    names: tuple[str, ...]
    why: str
    button: str = ""
    line: str = ""
    icon: str = "bell"
    tone: str = ""
    group: str | None = None

    @property
    def must(self) -> bool:
        """Whether it is told whatever anybody has chosen."""
        return self.group is None

    @property
    def decides(self) -> bool:
        """Whether whoever reads it is asked to decide: then its link leads to the decision itself."""
        return self.group == "decisions"

    @property
    def known(self) -> tuple[str, ...]:
        """Every placeholder the texts may have, words first."""
        return ("person_name", "person_email", "shop_name", *self.names)

    @property
    def places(self) -> tuple[str, ...]:
        """Those that make a paragraph of their own."""
        return tuple(name for name in self.known if name in PLACES)

    @property
    def words(self) -> tuple[str, ...]:
        """Those that stand for words, also in the subject."""
        return tuple(name for name in self.known if name not in PLACES)


TAGS = {
    "orders": _("Orders"),
    "prices": _("Prices"),
    "approvals": _("Approvals"),
    "access": _("Access"),
    "summary": _("Summaries"),
}
