"""Brings the schema up to date: database and role first, then Alembic, as the owner."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from flask import Flask

from app.core.database_setup import DatabaseUrls, prepare

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"


def migrate(app: Flask) -> None:
    """Creates what is missing and runs every migration that has not been run; safe to run again and at the same time."""
    urls = DatabaseUrls(owner=app.config["OWNER_DATABASE_URL"], app=app.config["APP_DATABASE_URL"])
    prepare(urls)
    assert urls.owner is not None  # `prepare` has refused
    upgrade(urls.owner)


def upgrade(owner_url: str) -> None:
    """Runs the migrations against `owner_url`."""
    config = Config(MIGRATIONS / "alembic.ini")
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["owner_url"] = owner_url
    command.upgrade(config, "head")
