"""A process that has everything imported and forks others on demand, so that a killed one is replaced in no time.

`python -m tests.faults.zygote` reads lines from its input: `ROLE PLAN` forks a process that plays the role, which says
`ready ROLE PID`; `end PLAN` kills all of that plan and says `ready end 0`. When the input ends, so does everything.
"""

from __future__ import annotations

import asyncio
import ctypes
import logging
import os
import signal
import sys
import traceback
from pathlib import Path

from flask import Flask

import app.jobs.worker as worker
from app import create_app
from config.settings import Settings
from tests.faults.hurry import hurry
from tests.faults.mutants import MUTANTS
from tests.faults.placing import place_all
from tests.faults.plan import Plan
from tests.faults.vendors import vendors_of

_DIE_WITH_PARENT = 1


def work(application: Flask, plan: Plan) -> None:
    """A worker, as `python -m app.jobs.worker` is one, that notices dead colleagues sooner."""
    application.extensions["vendors"] = vendors_of(plan)
    hurry()
    say(f"ready work {os.getpid()}")
    dead_after = plan.dead_after_seconds
    runner = worker.job_app(application, heartbeat=dead_after / 4, dead_after=dead_after)
    asyncio.run(worker.serve(runner, concurrency=2, dead_after=dead_after, poll=0.2))


def place(application: Flask, plan: Plan) -> None:
    """Buyers in front of their browsers, and the web process that serves them, in one."""
    say(f"ready place {os.getpid()}")
    place_all(application, plan)


ROLES = {"work": work, "place": place}


def say(line: str) -> None:
    """One line, in one piece, even from several processes."""
    os.write(1, (line + "\n").encode())


_applications: dict[Settings, Flask] = {}


def spawn(role: str, plan_path: str) -> int:
    """Fork a child that plays the role and dies with this process.

    The application is made before the fork and has not connected to anything yet, so that children share nothing.
    """
    plan = Plan.read(Path(plan_path))
    if plan.settings not in _applications:
        _applications[plan.settings] = create_app(plan.settings)
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        log = os.open(plan.folder / "errors.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(log, 2)
        MUTANTS[plan.mutant]()
        ROLES[role](_applications[plan.settings], plan)
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


def is_child(pid: int, parent: int) -> bool:
    """Whether the number still belongs to a living child of that process, and not to somebody else's process."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return False
    return fields[0] != "Z" and int(fields[1]) == parent


def end(pids: list[int]) -> None:
    """Kill those that still live."""
    for pid in pids:
        if is_child(pid, os.getpid()):
            os.kill(pid, signal.SIGKILL)


def main() -> None:
    """Fork until told to stop."""
    logging.basicConfig(level=logging.WARNING)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    children: dict[str, list[int]] = {}
    say("ready zygote 0")
    for line in sys.stdin:
        role, path = line.split(maxsplit=1)
        path = path.strip()
        if role == "end":
            end(children.pop(path, []))
            say("ready end 0")
        else:
            children.setdefault(path, []).append(spawn(role, path))
    for pids in children.values():
        end(pids)


if __name__ == "__main__":
    main()
