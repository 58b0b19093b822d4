"""Files that browsers fetch, on every host of ours; and the answer to "are you well?"."""

from flask import Response
from sqlalchemy import text

from app.core.db import session
from app.web.kit import assets
from app.web.kit.area import BOTH, PUBLIC, Area

files = Area("assets", __name__, side=BOTH)


@files.get("/assets/<path:name>", can=PUBLIC)
def serve(name: str) -> Response:
    return assets.serve(name)


@files.get("/healthz", can=PUBLIC)
def health() -> Response:
    """200 when the database answers; 503 comes from the error page when it does not."""
    session().execute(text("SELECT 1"))
    return Response("well\n", content_type="text/plain; charset=utf-8")


AREAS = [files]
