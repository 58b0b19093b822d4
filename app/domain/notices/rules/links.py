"""Where in a stored mail the token of its link goes. The token itself exists only in the mail that leaves."""

PLACE = "THE-TOKEN-IS-MADE-WHEN-THIS-LEAVES"

PATHS = {"password": "new-password", "invitation": "invitations"}


def link_path(purpose: str, *, console: bool) -> str:
    """The path of a link for `purpose`, with PLACE where its token goes."""
    return f"{'/console' if console else ''}/{PATHS[purpose]}/{PLACE}"


def with_token(text: str, token: str) -> str:
    """The text as it leaves."""
    return text.replace(PLACE, token)
