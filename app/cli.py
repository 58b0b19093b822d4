"""Commands for whoever runs Awning: `flask verify`, `flask database …`, and the domain's own groups."""

import sys
from pathlib import Path
from typing import IO, Any

import click
from flask import Flask, current_app
from flask.cli import AppGroup

from app.core import scope
from app.core.db import db
from app.core.unit import unit

database = AppGroup("database", help="Prepare and check the database.")
catalog = AppGroup("catalog", help="Vendors' price sheets.")

translations = AppGroup("translations", help="What shops, mails and console say in other languages.")
mail = AppGroup("mail", help="Mails that went out.")


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


@catalog.command("import-offers")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--vendor", "vendor_key", default="microsoft", show_default=True, help="Key of the vendor.")
@click.option("--take-good-rows", is_flag=True, help="Take the good rows although others are refused.")
@click.pass_context
def import_offers_command(context: click.Context, **options: Any) -> None:
    """Takes a vendor's offer matrix (CSV, also gzip): the least and the greatest quantity of each sku.

    Exits with 1 when nothing was taken, or when the file is no offer matrix.
    """
    from app.domain.catalog.rules.offer_matrix import is_offer_matrix, start_of

    with options["file"].open("rb") as stream:
        if not is_offer_matrix(start_of(stream)):
            raise click.ClickException("This is no offer matrix: its first line has none of its columns.")
    context.invoke(import_prices_command, **options)


@catalog.command("import-prices")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--vendor", "vendor_key", default="microsoft", show_default=True, help="Key of the vendor.")
@click.option("--take-good-rows", is_flag=True, help="Take the good rows although others are refused.")
def import_prices_command(file: Path, vendor_key: str, take_good_rows: bool) -> None:
    """Takes a vendor's price sheet (CSV, also gzip) into the catalogue: as a whole, or not at all.

    Exits with 1 when nothing was taken.
    """
    from app.core.actor import SYSTEM
    from app.core.errors import AwningError
    from app.domain.catalog import actions, queries, sheet_import

    def tell(rows: int, percent: int) -> None:
        click.echo(f"{percent:3} %  {rows:,} rows read", err=True)

    distributor = scope.everyone(reason="flask catalog import-prices")
    try:
        with file.open("rb") as stream, unit(distributor):
            sheet_id = actions.register_file(
                stream, vendor_key=vendor_key, file_name=file.name, take_good_rows=take_good_rows, by=SYSTEM
            ).id
    except AwningError as error:
        raise click.ClickException(error.message) from error
    sheet_import.run(sheet_id, lambda: file.open("rb"), tell)
    with unit(distributor):
        sheet, found = queries.sheet(sheet_id), queries.sheet_issues(sheet_id, size=20)
        for issue in found.issues:
            place = f"line {issue.line}" if issue.line else "file"
            click.echo(f"{place}: {issue.column} {issue.reason} {issue.value and repr(issue.value)}".rstrip())
        if found.kept > len(found.issues):
            click.echo(f"… and {found.kept - len(found.issues):,} more")
        for note in sheet.notes:
            click.echo(note)
        click.echo(
            f"{sheet.rows:,} rows: {sheet.new:,} new, {sheet.changed:,} changed, {sheet.unchanged:,} unchanged,"
            f" {sheet.refused:,} refused; {sheet.starts_later:,} take effect later."
        )
        is_taken = sheet.state == "taken"
        if sheet.state == "undecided":
            actions.cancel_sheet(sheet_id, by=SYSTEM)
            click.echo("Nothing was taken. Run again with --take-good-rows to take the good rows.")
        elif not is_taken:
            click.echo("Nothing was taken.")
    if not is_taken:
        sys.exit(1)


@mail.command("take-bounce")
@click.argument("file", type=click.File("rb"), default="-")
def take_bounce_command(file: IO[bytes]) -> None:
    """Reads one report about a mail that came back, from FILE or standard input: what a mail server pipes to.

    Always exits with 0, so that the mail server does not answer a report with a report.
    """
    from app.domain.notices import actions
    from app.domain.notices.rules.bounces import MAX_BYTES, read_bounces

    for bounce in read_bounces(file.read(MAX_BYTES + 1)):
        with unit(scope.everyone(reason="flask mail take-bounce")):
            taken = actions.take_bounce(bounce)
        click.echo("Noted." if taken else "Nothing of ours, or not for good.")


@translations.command("update")
def update_translations_command() -> None:
    """Collects all sentences into `app/translations/*.po`: new ones come in empty, those that are no more go."""
    from app.translating import update

    for language, lacking in update().items():
        click.echo(f"{language}: {lacking} to translate" if lacking else f"{language}: complete")


@translations.command("check")
def check_translations_command() -> None:
    """Names the sentences that lack a translation; exits with 1 when there are any."""
    from app.core.language import LANGUAGES
    from app.translating import collected, missing

    lacking = {language: missing(language, collected()) for language in LANGUAGES}
    for language, sentences in lacking.items():
        for sentence in sentences:
            click.echo(f"{language}: {sentence!r}")
    if any(lacking.values()):
        sys.exit(1)
    click.echo("Every language has every sentence.")


def install(app: Flask) -> None:
    """Adds the commands."""
    app.cli.add_command(database)
    app.cli.add_command(catalog)
    app.cli.add_command(mail)
    app.cli.add_command(translations)
    app.cli.add_command(verify_command)
