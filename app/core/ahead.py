"""Work that runs ahead in a thread of its own and hands over pieces as it makes them, never more than a few at a time."""

import contextvars
import queue
import threading
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from app.core.db import apart_from_here

Piece = TypeVar("Piece")
Result = TypeVar("Result")
_DONE = object()


class _Stopped(Exception):
    """Nobody takes the pieces any more."""


class Ahead(Generic[Piece, Result]):
    """Iterate to get the pieces that `work(put)` puts; what `work` raises is raised there.

    `work` has a session of its own, so units opened in it are not part of the unit here. `result` is what it returned, once
    the pieces have been used up. Leaving the block early stops it at its next piece.
    """

    def __init__(self, work: Callable[[Callable[[Piece], None]], Result], pieces: int = 3):
        self._work = apart_from_here(work)
        self._pieces: queue.Queue[object] = queue.Queue(pieces)
        self._stopped = threading.Event()
        self._error: BaseException | None = None
        self.result: Result
        context = contextvars.copy_context()
        self._thread = threading.Thread(target=context.run, args=(self._run,), daemon=True)

    def __enter__(self) -> "Ahead[Piece, Result]":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        while self._thread.is_alive():
            try:
                self._pieces.get(timeout=0.05)  # makes room for one who waits to put
            except queue.Empty:
                continue
        self._thread.join()

    def __iter__(self) -> Iterator[Piece]:
        while (piece := self._pieces.get()) is not _DONE:
            yield piece  # type: ignore[misc]
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        try:
            self.result = self._work(self._put)
        except BaseException as error:  # handed over, whatever it is
            self._error = error
        self._put(_DONE)

    def _put(self, piece: object) -> None:
        if self._stopped.is_set():
            if piece is _DONE:
                return
            raise _Stopped
        self._pieces.put(piece)
