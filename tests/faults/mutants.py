"""What is broken on purpose in some runs, to show that the harness would notice. The connectors' mutants are in `vendors`."""

from __future__ import annotations

import os
import random
import signal
from typing import Any

from sqlalchemy import event

from app.core import jobs
from app.core.db import db
from app.core.db import session as real_session


class _Deferral:
    """Stands in for the session inside `core.jobs`: remembers the job and defers it once the change is committed.

    Every other time, the crash that may come at any moment comes exactly in between.
    """

    def execute(self, statement: Any, values: dict[str, Any]) -> Any:
        def defer(_: Any) -> None:
            if random.random() < 0.5:
                os.kill(os.getpid(), signal.SIGKILL)
            with db.engine.begin() as connection:
                connection.execute(statement, values)

        event.listen(real_session(), "after_commit", defer, once=True)
        return self

    def scalar_one(self) -> int:
        return 0


def defer_after_commit() -> None:
    """Jobs are deferred after the commit of the change that asks for them, instead of inside it."""
    jobs.session = _Deferral  # type: ignore[assignment]


MUTANTS = {"": lambda: None, "defer_after_commit": defer_after_commit}
