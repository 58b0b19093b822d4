"""What bin/demo says to the person who started it: where to look, and as whom to sign in."""

from __future__ import annotations

from config.settings import MAIL_PAGE_PORT_OFFSET, SANDBOX_PORT_OFFSET, Settings


def welcome(settings: Settings) -> None:
    """Print the addresses and the logins."""
    console = settings.origin(settings.platform_host)
    rows = [
        ("Acme's shop", settings.origin(settings.shop_host("acme"))),
        ("Globex's shop", settings.origin(settings.shop_host("globex"))),
        ("Resellers' console", f"{console}/admin"),
        ("Distributor", f"{console}/distributor"),
        ("Mailbox", f"http://localhost:{settings.port + MAIL_PAGE_PORT_OFFSET}"),
        ("Vendor sandbox", f"http://localhost:{settings.port + SANDBOX_PORT_OFFSET}"),
    ]
    width = max(len(name) for name, _ in rows)
    print("\nAwning is open.\n")
    for name, address in rows:
        print(f"  {name:<{width}}  {address}")
    print(f"\n  The vendor sandbox takes any name and the password {sandbox_password(settings)}.")
    print(f"\n  Logs: {settings.data_dir / 'log'}. Ctrl-C stops everything.", flush=True)


def sandbox_password(settings: Settings) -> str:
    """What opens the vendor sandbox's own page and its failure dial; short enough to type."""
    return settings.derived_secret("vendor sandbox control")[:12]


def farewell() -> None:
    """Print the last line."""
    print(
        "Everything is stopped. Your data is kept; bin/demo goes on from here, bin/demo --fresh starts over.",
        flush=True,
    )
