"""Letters about getting in: invitation, forgotten password. They must be told, and carry a link for one person alone. And
one to the reseller, about a mail that did not arrive.
"""

from app.core.language import mark as _
from app.domain.notices.kinds.kind import Kind

ACCESS = (
    Kind(
        name="invitation",
        tag="access",
        title=_("Invitation"),
        subject=_("Your access to {shop_name}"),
        body=_(
            "Hello {person_name},\n\n{inviter_name} has given you access to {shop_name}.\n\n"
            "You will sign in as {person_email}. Choose your password here; the link works once, for seven days.\n\n{button}"
        ),
        button=_("Choose your password"),
        names=("inviter_name", "link", "button"),
        why=_(
            "You get this mail because somebody at {shop_name} entered your address. If you do not know them, do nothing."
        ),
        icon="mail",
    ),
    Kind(
        name="new_password",
        tag="access",
        title=_("Forgotten password"),
        subject=_("Choose a new password for {shop_name}"),
        body=_(
            "Hello {person_name},\n\nSomebody, probably you, asked for a new password for {person_email}.\n\n"
            "Choose it here; the link works once, for an hour.\n\n{button}"
        ),
        button=_("Choose a new password"),
        names=("link", "button"),
        why=_("If it was not you, do nothing: your password stays as it is."),
        icon="key-round",
    ),
    Kind(
        name="mail_refused",
        tag="access",
        title=_("To you: a mail did not arrive"),
        subject=_("A mail to {recipient_email} did not arrive"),
        body=_(
            "Hello {person_name},\n\nthe mail “{subject}” to {recipient_email} came back.\n\nThe reason: {reason}\n\n"
            "Until you try again, that address gets no mail but what must be sent.\n\n{button}"
        ),
        button=_("See the mail"),
        names=("recipient_email", "subject", "reason", "link", "button"),
        why=_("You get this mail because you look after the mails of {shop_name}."),
        icon="mail-x",
        tone="bad",
        group="trouble",
    ),
)
