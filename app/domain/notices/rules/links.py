"""Where in a stored mail the tokens of its links go. The tokens themselves exist only in the mail that leaves."""

PLACE = "THE-TOKEN-IS-MADE-WHEN-THIS-LEAVES"
MUTE = "THE-MUTING-TOKEN-IS-MADE-WHEN-THIS-LEAVES"

PATHS = {"password": "new-password", "invitation": "invitations"}


def link_path(purpose: str, *, console: bool) -> str:
    """The path of a link for `purpose`, with PLACE where its token goes."""
    return f"{'/console' if console else ''}/{PATHS[purpose]}/{PLACE}"


def mute_path(*, console: bool) -> str:
    """The path at which a group of mails is switched off, with MUTE where its token goes."""
    return f"{'/console' if console else ''}/unsubscribe/{MUTE}"


def profile_path(*, console: bool) -> str:
    """Where somebody chooses how they are told."""
    return f"{'/console' if console else ''}/profile/notifications"


def with_token(text: str, token: str, mute: str = "") -> str:
    """The text as it leaves."""
    return text.replace(MUTE, mute).replace(PLACE, token)
