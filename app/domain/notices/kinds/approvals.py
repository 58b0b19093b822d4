"""What is told about approvals: to those who may decide, and to whoever asked."""

from app.core.language import mark as _
from app.domain.notices.kinds.kind import Kind

_NAMES = (
    "request_number", "company_name", "requester_name", "summary", "total", "deadline", "comment", "link", "button",
)  # fmt: skip
_DECIDE = _("Look at it and decide")
_MAY_DECIDE = _("You get this mail because you may decide about it. Opening the page decides nothing.")
_SEE = _("See the request")
_ASKED = _("You get this mail because you asked for it.")


def _to_decider(
    name: str, title: str, subject: str, body: str, icon: str, more: tuple[str, ...] = ()
) -> Kind:
    return Kind(
        name=name,
        tag="approvals",
        title=title,
        subject=subject,
        body=body,
        names=(*more, *_NAMES),
        why=_MAY_DECIDE,
        button=_DECIDE,
        icon=icon,
        tone="warn",
        group="decisions",
    )


def _to_requester(
    name: str, title: str, subject: str, body: str, icon: str, tone: str, more: tuple[str, ...] = ()
) -> Kind:
    return Kind(
        name=name,
        tag="approvals",
        title=title,
        subject=subject,
        body=body,
        names=(*more, *_NAMES),
        why=_ASKED,
        button=_SEE,
        icon=icon,
        tone=tone,
        group="requests",
    )


APPROVALS = (
    _to_decider(
        "approval_asked",
        _("Request made"),
        _("{request_number} waits for your decision"),
        _(
            "Hello {person_name},\n\n{requester_name} of {company_name} asks for approval:\n\n{summary}\n"
            "{total} for the whole term\n\nPlease decide by {deadline}.\n\n{button}"
        ),
        "stamp",
    ),
    _to_decider(
        "approval_reminder",
        _("Reminder"),
        _("Reminder: {request_number} still waits for you"),
        _(
            "Hello {person_name},\n\n{requester_name} of {company_name} still waits for a decision:\n\n{summary}\n"
            "{total} for the whole term\n\nPlease decide by {deadline}.\n\n{button}"
        ),
        "bell-ring",
    ),
    _to_decider(
        "approval_escalated",
        _("Escalation"),
        _("{request_number} is now yours to decide"),
        _(
            "Hello {person_name},\n\nnobody decided about this in time, so you are asked now. "
            "{requester_name} of {company_name} waits:\n\n{summary}\n{total} for the whole term\n\n"
            "Please decide by {deadline}.\n\n{button}"
        ),
        "arrow-up",
    ),
    _to_decider(
        "approval_answered",
        _("Question answered"),
        _("An answer about {request_number}"),
        _(
            "Hello {person_name},\n\n{asker_name} has answered your question about {request_number}:\n\n{comment}\n\n{button}"
        ),
        "message-square",
        ("asker_name",),
    ),
    _to_requester(
        "approval_question",
        _("Question asked"),
        _("A question about {request_number}"),
        _(
            "Hello {person_name},\n\n{asker_name} has a question about {request_number} before deciding:\n\n{comment}\n\n{button}"
        ),
        "message-square",
        "warn",
        ("asker_name",),
    ),
    _to_requester(
        "quantity_offered",
        _("Lower quantity offered"),
        _("{request_number} would be approved with a lower quantity"),
        _(
            "Hello {person_name},\n\n{asker_name} would approve {request_number} with a lower quantity, if you agree:\n\n"
            "{comment}\n\n{button}"
        ),
        "list-minus",
        "warn",
        ("asker_name",),
    ),
    _to_requester(
        "request_approved",
        _("Request approved"),
        _("{request_number} is approved"),
        _("Hello {person_name},\n\nwhat you asked for is approved:\n\n{summary}\n\n{comment}\n\n{button}"),
        "circle-check",
        "good",
        ("decider_name",),
    ),
    _to_requester(
        "request_refused",
        _("Request refused"),
        _("{request_number} was refused"),
        _(
            "Hello {person_name},\n\nwhat you asked for was refused:\n\n{summary}\n\nThe reason: {reason}\n\n{button}"
        ),
        "circle-x",
        "bad",
        ("reason", "decider_name"),
    ),
    _to_requester(
        "request_expired",
        _("Request not decided in time"),
        _("Nobody decided about {request_number}"),
        _(
            "Hello {person_name},\n\nnobody decided in time about what you asked for:\n\n{summary}\n\n{button}"
        ),
        "calendar-x",
        "warn",
    ),
)
