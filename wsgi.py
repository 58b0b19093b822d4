"""What a WSGI server imports."""

import os

from app import create_app
from app.core.database import stand_guard
from app.core.db import db
from config.settings import Settings

settings = Settings.from_env()
app = create_app(settings)
if (
    os.environ.get("FLASK_RUN_FROM_CLI") != "true"
):  # the commands come in here too, `database prepare` among them
    stand_guard(app, db, settings)
