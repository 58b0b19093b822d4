"""Where people go after signing in: back to where they wanted, if that is a path of ours, else to their first page."""

from urllib.parse import urlsplit

from app.domain.people.models import Person

HOMES = {"storefront": "/", "console": "/admin", "distributor": "/distributor"}


def is_local(path: str) -> bool:
    """Whether `path` cannot lead a browser to another host, however it reads slashes, blanks and backslashes."""
    if not path.startswith("/") or path.startswith("//") or "\\" in path or len(path) > 2000:
        return False
    if any(ord(sign) < 33 or ord(sign) == 127 for sign in path):
        return False
    try:
        parts = urlsplit(path)
    except ValueError:
        return False
    return not parts.scheme and not parts.netloc


def after_sign_in(person: Person, wanted: str) -> str:
    """`wanted` when it is a local path on this person's side of the house, else their home."""
    home = HOMES[person.realm]
    if not wanted or not is_local(wanted):
        return home
    strange = [other for realm, other in HOMES.items() if realm != person.realm and other != "/"]
    if any(wanted == other or wanted.startswith(f"{other}/") for other in strange):
        return home
    return wanted
