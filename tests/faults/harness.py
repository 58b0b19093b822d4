"""Runs buyers and workers as real processes, kills them at random moments, and waits for what is left of their work."""

from __future__ import annotations

import os
import queue
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.placing import acknowledgement
from tests.faults.plan import Plan

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 90.0


class Zygote:
    """The process that forks the others. One serves many runs."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.zygote"],
            cwd=ROOT,
            env={**os.environ, "AWNING_ENV": "test"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._news: queue.Queue[str] = queue.Queue()
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()
        assert self.hear(START_SECONDS), "the zygote did not start"

    @property
    def pid(self) -> int:
        """The parent of every process of a run."""
        return self._process.pid

    def tell(self, role: str, plan_path: Path) -> None:
        """Ask for one more process, or for the end of all."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{role} {plan_path}\n")
        self._process.stdin.flush()

    def hear(self, seconds: float) -> tuple[str, int] | None:
        """Who became ready, waiting so long at most."""
        try:
            role, pid = self._news.get(timeout=max(0.001, seconds)).split()[1:]
        except queue.Empty:
            return None
        return role, int(pid)

    def close(self) -> None:
        """End it, and everything it forked."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(10)
        self._listener.join(10)
        self._process.stdout.close()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith("ready "):
                self._news.put(line)


@dataclass
class Crowd:
    """The processes of a run. Use it as a context manager: nothing of it is left afterwards."""

    zygote: Zygote
    plan: Plan
    random: random.Random
    alive: dict[int, str] = field(default_factory=dict)
    awaited: list[str] = field(default_factory=list)
    kills: int = 0
    given_up: int = 0
    patience: int = 40

    def __enter__(self) -> Crowd:
        self._path = self.plan.write()
        return self

    def __exit__(self, *_: object) -> None:
        self.zygote.tell("end", self._path)
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            news = self.zygote.hear(1.0)
            if news is not None and news[0] == "end":
                return
        raise AssertionError("the processes of the run did not end")

    def start(self, role: str) -> None:
        """Ask for one more process; it joins the living once it says that it is ready."""
        self.zygote.tell(role, self._path)
        self.awaited.append(role)

    def wait_for(self, role: str, count: int = 1) -> None:
        """Wait until so many processes of a role are ready."""
        until = time.monotonic() + START_SECONDS
        while sum(1 for one in self.alive.values() if one == role) < count:
            assert time.monotonic() < until, f"nobody became ready\n{self.errors()}"
            self._hear(1.0)

    def kill_at_random(
        self,
        count: int,
        *,
        between: tuple[float, float],
        within: float,
        roles: tuple[str, ...] = ("work", "place"),
    ) -> None:
        """Kill so many of these roles, one after the other, with pauses between them, and start each anew."""
        until = time.monotonic() + within
        target = self.kills + count
        while self.kills < target:
            assert time.monotonic() < until, f"only {self.kills} of {target} were killed\n{self.errors()}"
            pause = time.monotonic() + self.random.uniform(*between)
            while time.monotonic() < pause:
                self._hear(pause - time.monotonic())
            within_reach = sorted(pid for pid, role in self.alive.items() if role in roles)
            if within_reach:
                self._kill(self.random.choice(within_reach))
            self.keep_going()

    def keep_going(self) -> None:
        """See to it that two processes work, and that one places what is not acknowledged yet."""
        for pid in [pid for pid in self.alive if not self._lives(pid)]:
            role = self.alive.pop(pid)
            self.given_up += 1 if role == "work" or self.unacknowledged() else 0
            assert self.given_up < self.patience, f"processes end by themselves\n{self.errors()}"
        there = [*self.alive.values(), *self.awaited]
        for role, wanted in (("work", 2), ("place", 1 if self.unacknowledged() else 0)):
            for _ in range(wanted - there.count(role)):
                self.start(role)

    def until(self, is_so: Callable[[], bool], seconds: float) -> bool:
        """Wait for something to become true; False if it did not in time."""
        end = time.monotonic() + seconds
        while not is_so():
            if time.monotonic() > end:
                return False
            self._hear(0.1)
            self.keep_going()
        return True

    def unacknowledged(self) -> list[int]:
        """Orders whose buyer still waits."""
        return [one.number for one in self.plan.purchases if not acknowledgement(self.plan, one).exists()]

    def errors(self) -> str:
        """The last lines that the processes complained in."""
        log = self.plan.folder / "errors.log"
        return log.read_text(errors="replace")[-3000:] if log.exists() else ""

    def _kill(self, pid: int) -> None:
        if self._lives(pid):
            del self.alive[pid]
            os.kill(pid, signal.SIGKILL)
            self.kills += 1

    def _lives(self, pid: int) -> bool:
        """Whether the number still belongs to a living process of this run, and not to somebody else's."""
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return False
        return fields[0] != "Z" and int(fields[1]) == self.zygote.pid

    def _hear(self, seconds: float) -> None:
        """Take in one piece of news."""
        news = self.zygote.hear(seconds)
        if news is not None:
            role, pid = news
            self.alive[pid] = role
            self.awaited.remove(role)
