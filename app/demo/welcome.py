"""What bin/demo says to the person who started it: where to look, and as whom to sign in."""

from __future__ import annotations

from app.demo.cast import CUSTOMERS, DISTRIBUTOR, PEOPLE, RESELLERS
from app.demo.world.password import demo_password
from config.settings import MAIL_PAGE_PORT_OFFSET, SANDBOX_PORT_OFFSET, Settings


def welcome(settings: Settings) -> None:
    """Print the addresses and the logins."""
    lines = ["", "Awning is open."]
    for title, address, places in _doors(settings):
        lines += ["", f"  {title:<26}{address}"]
        for player in PEOPLE.values():
            if player.at in places:
                where = f" of {CUSTOMERS[player.at].name}" if player.at in CUSTOMERS else ""
                lines.append(f"    {player.email:<24}{_and(player.roles)}{where}")
    lines += [
        "",
        f"  {'Mailbox':<26}http://localhost:{settings.port + MAIL_PAGE_PORT_OFFSET}",
        f"  {'Vendor sandbox':<26}http://localhost:{settings.port + SANDBOX_PORT_OFFSET}",
        f"    any name, password {sandbox_password(settings)}",
        "",
        f"  Everybody's password: {demo_password(settings)}",
        "",
        f"  Logs are in {settings.data_dir / 'log'}. Ctrl-C stops everything.",
    ]
    print("\n".join(lines), flush=True)


def _doors(settings: Settings) -> list[tuple[str, str, set[str]]]:
    """(title, address, the cast's places whose people sign in there), in the order of the tour."""
    console = settings.origin(settings.platform_host)
    doors = [(DISTRIBUTOR, f"{console}/distributor", {""})]
    for reseller in RESELLERS.values():
        doors.append((f"{reseller.name}, office", f"{console}/admin", {reseller.key}))
        customers = {customer.key for customer in CUSTOMERS.values() if customer.reseller == reseller.key}
        doors.append((f"{reseller.name}, shop", settings.origin(settings.shop_host(reseller.key)), customers))
    return doors


def _and(words: tuple[str, ...]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def sandbox_password(settings: Settings) -> str:
    """What opens the vendor sandbox's own page and its failure dial; short enough to type."""
    return settings.derived_secret("vendor sandbox control")[:12]


def farewell() -> None:
    """Print the last line."""
    print(
        "Everything is stopped. Your data is kept; bin/demo goes on from here, bin/demo --fresh starts over.",
        flush=True,
    )
