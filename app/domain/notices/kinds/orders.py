"""What is told about orders: to whoever placed one, and to the reseller's people."""

from app.core.language import mark as _
from app.domain.notices.kinds.kind import Kind

_NAMES = ("order_number", "company_name", "total", "first_charge", "order_lines", "comment", "link", "button")
_PLACED = _("You get this mail because you placed this order.")
_SEE = _("See the order")


def _to_buyer(
    name: str, title: str, subject: str, body: str, icon: str, tone: str, more: tuple[str, ...] = ()
) -> Kind:
    return Kind(
        name=name,
        tag="orders",
        title=title,
        subject=subject,
        body=body,
        names=(*more, *_NAMES),
        why=_PLACED,
        button=_SEE,
        icon=icon,
        tone=tone,
        group="orders",
    )


ORDERS = (
    _to_buyer(
        "order_placed",
        _("Order received"),
        _("We have your order {order_number}"),
        _(
            "Hello {person_name},\n\nthank you. Your order {order_number} is confirmed and being delivered.\n\n"
            "{order_lines}\n\n{button}"
        ),
        "shopping-bag",
        "brand",
    ),
    _to_buyer(
        "order_waiting",
        _("Order received; it waits for approval"),
        _("We have your order {order_number}"),
        _(
            "Hello {person_name},\n\nthank you. Your order {order_number} waits for approval; we write as soon as it is decided."
            "\n\n{order_lines}\n\n{button}"
        ),
        "hourglass",
        "warn",
    ),
    _to_buyer(
        "order_approved",
        _("Order approved"),
        _("Your order {order_number} is approved"),
        _(
            "Hello {person_name},\n\nyour order {order_number} is approved and being delivered.\n\n{comment}\n\n"
            "{order_lines}\n\n{button}"
        ),
        "circle-check",
        "good",
        ("decider_name",),
    ),
    _to_buyer(
        "order_refused",
        _("Order refused"),
        _("Your order {order_number} was refused"),
        _(
            "Hello {person_name},\n\nyour order {order_number} was refused.\n\nThe reason: {reason}\n\n"
            "You can put it back into your cart and change it.\n\n{order_lines}\n\n{button}"
        ),
        "circle-x",
        "bad",
        ("reason", "decider_name"),
    ),
    _to_buyer(
        "order_expired",
        _("Order not decided in time"),
        _("Nobody decided about your order {order_number}"),
        _(
            "Hello {person_name},\n\nnobody decided about your order {order_number} in time, so it was not placed. "
            "You can put it back into your cart and order again.\n\n{order_lines}\n\n{button}"
        ),
        "calendar-x",
        "warn",
    ),
    _to_buyer(
        "order_delivered",
        _("Order delivered"),
        _("Your order {order_number} is delivered"),
        _(
            "Hello {person_name},\n\neverything in your order {order_number} is active.\n\n{order_lines}\n\n{button}"
        ),
        "package-check",
        "good",
    ),
    _to_buyer(
        "order_failed",
        _("Order needs attention"),
        _("Your order {order_number} needs attention"),
        _(
            "Hello {person_name},\n\nsomething in your order {order_number} could not be delivered. "
            "{shop_name} is looking after it; you need not do anything.\n\n{order_lines}\n\n{button}"
        ),
        "triangle-alert",
        "bad",
    ),
    Kind(
        name="order_received",
        tag="orders",
        title=_("To you: a customer has ordered"),
        subject=_("{company_name} has ordered: {order_number}"),
        body=_(
            "Hello {person_name},\n\n{requester_name} of {company_name} has placed order {order_number}.\n\n"
            "{order_lines}\n\n{button}"
        ),
        button=_SEE,
        names=("requester_name", *_NAMES),
        why=_("You get this mail because you look after the orders of {shop_name}."),
        icon="shopping-bag",
        tone="brand",
        group="sales",
    ),
    Kind(
        name="order_stuck",
        tag="orders",
        title=_("To you: an order could not be delivered"),
        subject=_("Order {order_number} of {company_name} could not be delivered"),
        body=_(
            "Hello {person_name},\n\nsomething in order {order_number} of {company_name} could not be delivered.\n\n"
            "The vendor says: {reason}\n\n{order_lines}\n\n{button}"
        ),
        button=_SEE,
        names=("reason", *_NAMES),
        why=_("You get this mail because you look after the orders of {shop_name}."),
        icon="triangle-alert",
        tone="bad",
        group="trouble",
    ),
)
