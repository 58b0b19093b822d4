"""Rounds of load on one URL; the quietest round counts, because these machines are noisy and noise only slows."""

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace

from bench.load import Result, Shot
from bench.servers import ROOT, cpu_seconds

CONNECTIONS = 8


def drive(port: int, shots: Sequence[Shot], *, seconds: float, connections: int = CONNECTIONS) -> Result:
    """One round, by a driver in a process of its own. Raises when more than one answer in a hundred is not as expected."""
    job = {
        "port": port,
        "seconds": seconds,
        "connections": connections,
        "shots": [{"raw": s.raw.decode("latin-1"), "expect": s.expect} for s in shots],
    }
    done = subprocess.run(
        [sys.executable, "-m", "bench.load"],
        input=json.dumps(job),
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=True,
    )
    result = Result(**json.loads(done.stdout))
    if result.wrong > result.requests / 100:
        raise RuntimeError(f"{result.wrong} of {result.requests} answers were wrong on {shots[0].raw[:60]!r}")
    return result


def costed(measure: Callable[[], Result], *roots: int) -> Callable[[], Result]:
    """The measure, with what it cost the processes below `roots`: a figure that a noisy machine moves far less."""

    def run() -> Result:
        before = cpu_seconds(*roots)
        result = measure()
        return replace(result, cpu=round((cpu_seconds(*roots) - before) * 1000 / max(result.requests, 1), 2))

    return run


def quietest(rounds: int, measure: Callable[[], Result]) -> Result:
    """The round with the most requests per second."""
    return max((measure() for _ in range(rounds)), key=lambda result: result.per_second)


def in_turn(rounds: int, measures: dict[str, Callable[[], Result]]) -> dict[str, Result]:
    """Each measure once per round, in turn, so that a slow minute of the machine falls on all of them alike."""
    best: dict[str, Result] = {}
    for _ in range(rounds):
        for name, measure in measures.items():
            result = measure()
            if name not in best or result.per_second > best[name].per_second:
                best[name] = result
    return best
