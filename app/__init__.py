"""Awning: one application that gives every reseller of cloud services its own branded shop.

Importing this package costs nothing, so that its small programs (the vendor sandbox) start in no time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from config.settings import Settings


def create_app(settings: Settings) -> Flask:
    """The application, from its settings. Reads like a table of contents; each chapter is a module of its own."""
    from flask import Flask

    from app import cli, reactions
    from app import models as _every_table  # noqa: F401
    from app.connectors import connect
    from app.connectors.dns import connect_dns
    from app.connectors.mail import connect_mail
    from app.core import database
    from app.core.db import db
    from app.jobs import install as install_jobs
    from app.web import doors, kit

    app = Flask("app", static_folder=None, template_folder="web/templates")
    app.config["SETTINGS"] = settings
    app.config["SECRET_KEY"] = settings.secret_key
    app.config["TESTING"] = settings.is_test
    app.config["MAX_CONTENT_LENGTH"] = 1_000_000
    app.config["MAX_FORM_MEMORY_SIZE"] = 1_000_000
    app.config["MAX_FORM_PARTS"] = 500

    database.install(app, db, settings)
    app.extensions["vendors"] = connect(settings)
    app.extensions["post"] = connect_mail(settings)
    app.extensions["dns"] = connect_dns(reaches_out=settings.env == "production")
    install_jobs(app)
    reactions.install()
    kit.install(app)
    doors.install(app)
    cli.install(app)
    return app
