"""Who may do what: one table from role to permissions, for all three realms. Permissions are `noun:verb`."""

from collections.abc import Iterable

SHOPPER = {"cloud_account:read", "catalog:browse", "order:read", "subscription:read", "profile:edit"}
CONSOLE = {
    "cloud_account:read",
    "console:enter",
    "account:read",
    "catalog:read",
    "order:read",
    "subscription:read",
    "profile:edit",
}

ROLES: dict[str, dict[str, frozenset[str]]] = {
    "storefront": {
        "buyer": frozenset(
            SHOPPER
            | {"cart:edit", "order:place", "order:withdraw", "subscription:change", "cloud_account:request"}
        ),
        "approver": frozenset(SHOPPER | {"approval:read", "approval:decide", "policy:edit"}),
        "billing": frozenset(SHOPPER | {"billing:read"}),
    },
    "console": {
        "sales": frozenset(
            CONSOLE
            | {"account:edit", "order:place", "pricing:read", "approval:read", "cart:edit"}
            | {"subscription:change", "cloud_account:request"}
        ),
        "operations": frozenset(
            CONSOLE
            | {"account:edit", "order:place", "order:manage", "cart:edit", "pricing:read", "pricing:edit"}
            | {"subscription:change", "cloud_account:request", "program:request"}
            | {"approval:read", "approval:decide", "policy:edit", "catalog:edit", "brand:edit", "cost:read"}
            | {"mail:read", "mail:edit"}
        ),
        "finance": frozenset(
            CONSOLE | {"pricing:read", "billing:read", "billing:edit", "cost:read", "approval:read"}
        ),
        "owner": frozenset(),  # filled below: everything in the realm
    },
    "distributor": {
        "staff": frozenset(
            {
                "distributor:enter",
                "sheet:read",
                "sheet:import",
                "rate:read",
                "rate:edit",
                "tenant:read",
                "tenant:edit",
                "cost_book:read",
                "cost_book:edit",
                "profile:edit",
            }
        ),
    },
}
ROLES["console"]["owner"] = frozenset({"person:read", "person:manage"}).union(
    *(permissions for role, permissions in ROLES["console"].items() if role != "owner")
)

EVERY_PERMISSION = frozenset(p for realm in ROLES.values() for role in realm.values() for p in role)


def permissions_of(realm: str, roles: Iterable[str]) -> frozenset[str]:
    """Everything that someone with `roles` in `realm` may do; an unknown role gives nothing."""
    known = ROLES.get(realm, {})
    return frozenset().union(*(known.get(role, frozenset()) for role in roles))


def grantable(realm: str, granter_roles: Iterable[str], roles: Iterable[str]) -> bool:
    """Whether someone with `granter_roles` may give `roles`: never more than they hold themselves (attack C-11)."""
    wanted = list(roles)
    if not wanted or any(role not in ROLES.get(realm, {}) for role in wanted):
        return False
    return permissions_of(realm, wanted) <= permissions_of(realm, granter_roles)
