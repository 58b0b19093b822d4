"""In whose name a mail goes out: the shop's name, colours and imprint, where answers go, and on which host its links are."""

from app.domain.notices.ports import Look, post
from app.domain.people.models import Person
from app.domain.tenants.models import Tenant
from app.domain.tenants.queries import canonical_host_of
from app.domain.tenants.rules.contrast import ink_on, is_hex

HOUSE_COLOUR = "#1d4ed8"
HOUSE_NAME = "Awning"


def look_of(tenant: Tenant | None, to: Person) -> Look:
    """The shop's name and colours; the house's own for the distributor's staff."""
    brand = tenant.brand if tenant else {}
    colour = brand.get("brand_color", "")
    colour = colour if is_hex(colour) else HOUSE_COLOUR
    profile = tenant.profile if tenant else {}
    town = f"{profile.get('postal_code', '')} {profile.get('city', '')}"
    imprint = [
        profile.get("legal_name"),
        profile.get("street"),
        town,
        profile.get("email"),
        profile.get("phone"),
    ]
    return Look(
        name=tenant.name if tenant else HOUSE_NAME,
        colour=colour,
        ink=ink_on(colour),
        locale=to.locale,
        time_zone=tenant.time_zone if tenant else "UTC",
        imprint=tuple(" ".join(line.split()) for line in imprint if line and line.strip()),
    )


def reply_to(tenant: Tenant | None) -> str:
    """Where answers go: the reseller's own address for customers."""
    return str(tenant.profile.get("email", "")) if tenant else ""


def host_of(person: Person, tenant: Tenant | None) -> str:
    """The host whose pages this person uses: the shop's canonical one, or the console's. Never a request's (attack A-01)."""
    if person.realm != "storefront" or tenant is None:
        return post().console_host
    return canonical_host_of(tenant.id)
