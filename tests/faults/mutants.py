"""What is broken on purpose in some runs, to show that the harness would notice. The connectors' mutants are in `vendors`."""

from __future__ import annotations

import json
import os
import random
import signal
from typing import Any

from sqlalchemy import event

from app.core import jobs
from app.core.db import db
from app.core.db import session as real_session


def defer_after_commit() -> None:
    """Jobs are deferred after the commit of the change that asks for them, instead of inside it.

    Every other time, the crash that may come at any moment comes exactly in between.
    """

    def remember() -> None:
        current = real_session()
        waiting = current.info.pop("jobs", None)
        if waiting:
            event.listen(current, "after_commit", lambda _: late(waiting), once=True)

    def late(waiting: list[dict[str, Any]]) -> None:
        if random.random() < 0.5:
            os.kill(os.getpid(), signal.SIGKILL)
        with db.engine.begin() as connection:
            connection.execute(jobs._DEFER, {"jobs": json.dumps(waiting)})

    jobs.write_deferred = remember


MUTANTS = {"": lambda: None, "defer_after_commit": defer_after_commit}
