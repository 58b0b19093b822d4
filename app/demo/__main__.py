"""`python -m app.demo`, which is what `bin/demo` runs: reads the options and hands over to the supervisor."""

from __future__ import annotations

import argparse
import os
import sys

from app.core.database_setup import DatabaseSetupError
from app.core.embedded_postgres import EmbeddedPostgresError
from app.demo.supervisor import DemoError, Supervisor, demo_settings
from config.settings import SettingsError


def main(arguments: list[str] | None = None) -> int:
    """Run the demo until it is stopped. Exit code 0 when a person stopped it, 1 when something failed."""
    parser = argparse.ArgumentParser(
        prog="bin/demo",
        description="Start Awning with its demo world: shops, console, worker, vendor sandbox and mailbox.",
    )
    parser.add_argument(
        "--fresh", action="store_true", help="delete the demo's data and build the world anew"
    )
    parser.add_argument(
        "--port", type=int, help="the shops' port (default 8000); the side ports move with it"
    )
    parser.add_argument(
        "--reload", action="store_true", help="for work on the code: start again when a file changes"
    )
    options = parser.parse_args(arguments)
    try:
        settings = demo_settings(os.environ, options.port, reload=options.reload)
        return Supervisor(settings, reload=options.reload).run(fresh=options.fresh)
    except (DemoError, SettingsError, EmbeddedPostgresError, DatabaseSetupError) as error:
        print(f"\n{error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
