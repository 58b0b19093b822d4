"""Commands for whoever runs Awning: `flask verify`, `flask database …`, and the domain's own groups."""

import sys

import click
from flask import Flask, current_app
from flask.cli import AppGroup

from app.core import scope
from app.core.db import db
from app.core.unit import unit

database = AppGroup("database", help="Prepare and check the database.")


@database.command("prepare")
def prepare_command() -> None:
    """Creates database and application role where they are missing, and migrates to the newest schema."""
    from app.core.database import refuse_powerful_role
    from app.core.migrating import migrate

    migrate(current_app)
    refuse_powerful_role(db)
    click.echo("The database is ready.")


@click.command("verify")
def verify_command() -> None:
    """Works out every invariant from the database alone; exits with 1 and the offending ids when one is broken."""
    from app.verify import CHECKS

    broken = 0
    with unit(scope.everyone(reason="flask verify"), read_only=True):
        for name, check in CHECKS:
            offending = check()
            broken += bool(offending)
            click.echo(f"{'BROKEN' if offending else 'ok    '} {name}")
            for one in offending[:50]:
                click.echo(f"         {one}")
    if broken:
        click.echo(f"{broken} of {len(CHECKS)} invariants are broken.")
        sys.exit(1)
    click.echo(f"All {len(CHECKS)} invariants hold.")


def install(app: Flask) -> None:
    """Adds the commands."""
    app.cli.add_command(database)
    app.cli.add_command(verify_command)
