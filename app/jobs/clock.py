"""The clock's own work: jobs of workers that died are given back, sessions and budgets that ended are cleared away."""

from sqlalchemy import text

from app.core import scope
from app.core.jobs import job
from app.core.unit import unit


@job("sessions.clear", cron="17 3 * * *")
def clear_sessions() -> None:
    """Removes web sessions and rate budgets that have ended."""
    with unit(scope.everyone(reason="nightly clearing of ended sessions")) as session:
        session.execute(text("DELETE FROM web_session WHERE expires_at < now()"))
        session.execute(text("DELETE FROM budget WHERE window_ends_at < now()"))
