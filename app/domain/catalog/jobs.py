"""The catalogue's job: importing a price sheet that was handed in."""

from uuid import UUID

from app.core.jobs import job
from app.domain.catalog.actions.sheets import JOB


@job(JOB, retry_waits=(5, 60, 600))
def import_sheet(sheet_id: str) -> None:
    """Runs the import; a sheet that was taken, refused or canceled meanwhile is left alone."""
    from app.domain.catalog import sheet_import  # polars comes with it: 60 MB that no web process needs

    sheet_import.run(UUID(sheet_id))
