"""Drives one URL with a fixed number of connections for a fixed time and says how fast it was answered.

Raw sockets and asyncio, so that the driver costs little beside what it drives; a connection is kept when the server
keeps it. Runs as its own process: `python -m bench.load`.
"""

import asyncio
import json
import sys
import time
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Result:
    """Requests per second, latencies in milliseconds, and how many answers were not as expected."""

    per_second: float
    p50: float
    p95: float
    p99: float
    requests: int
    wrong: int
    bytes: int
    cpu: float = (
        0.0  # milliseconds of processor time for one request, of the server and the database together
    )


@dataclass(frozen=True)
class Shot:
    """One request as bytes, and the statuses that count as right."""

    raw: bytes
    expect: tuple[int, ...] = (200,)


def request(
    path: str, host: str, *, method: str = "GET", headers: dict[str, str] | None = None, body: bytes = b""
) -> bytes:
    """The bytes of an HTTP/1.1 request."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", "Accept: text/html", "User-Agent: bench"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if body or method == "POST":
        lines.append(f"Content-Length: {len(body)}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


async def _read_answer(reader: asyncio.StreamReader) -> tuple[int, int, bool]:
    head = await reader.readuntil(b"\r\n\r\n")
    status = int(head[9:12])
    lower = head.lower()
    keep = b"connection: close" not in lower
    size = len(head)
    at = lower.find(b"content-length:")
    if at >= 0:
        length = int(lower[at + 15 : lower.index(b"\r\n", at)])
        await reader.readexactly(length)
        size += length
    elif b"transfer-encoding: chunked" in lower:
        while True:
            chunk = int((await reader.readline()).split(b";")[0], 16)
            await reader.readexactly(chunk + 2)
            size += chunk
            if not chunk:
                break
    elif status not in (204, 304):
        size += len(await reader.read())
        keep = False
    return status, size, keep


async def _one(
    port: int,
    shots: list[Shot],
    until: float,
    offset: int,
    times: list[float],
    wrong: list[int],
    size: list[int],
) -> None:
    reader = writer = None
    turn = offset
    while time.perf_counter() < until:
        shot = shots[turn % len(shots)]
        turn += 1
        started = time.perf_counter()
        try:
            if writer is None:
                reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
            writer.write(shot.raw)
            status, length, keep = await _read_answer(reader)
        except (OSError, asyncio.IncompleteReadError, ValueError, IndexError):
            status, length, keep = 0, 0, False
        times.append(time.perf_counter() - started)
        size[0] += length
        if status not in shot.expect:
            wrong.append(status)
        if not keep and writer is not None:
            writer.close()
            writer = None
    if writer is not None:
        writer.close()


async def drive(port: int, shots: list[Shot], *, seconds: float, connections: int = 8) -> Result:
    """Sends `shots` in turn over `connections` for `seconds`."""
    times: list[float] = []
    wrong: list[int] = []
    size = [0]
    started = time.perf_counter()
    until = started + seconds
    await asyncio.gather(
        *(
            _one(port, shots, until, n * len(shots) // connections, times, wrong, size)
            for n in range(connections)
        )
    )
    took = time.perf_counter() - started
    times.sort()

    def percentile(share: float) -> float:
        return round(times[min(len(times) - 1, int(len(times) * share))] * 1000, 2) if times else 0.0

    return Result(
        round(len(times) / took, 1),
        percentile(0.5),
        percentile(0.95),
        percentile(0.99),
        len(times),
        len(wrong),
        size[0],
    )


def main() -> None:
    """Reads a job as JSON from standard input, prints the result as JSON."""
    job = json.load(sys.stdin)
    shots = [Shot(s["raw"].encode("latin-1"), tuple(s["expect"])) for s in job["shots"]]
    result = asyncio.run(drive(job["port"], shots, seconds=job["seconds"], connections=job["connections"]))
    print(json.dumps(asdict(result)))


if __name__ == "__main__":
    main()
