"""Files to take along: CSV that streams, and cells that no spreadsheet mistakes for a formula."""

import csv
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import Any

from flask import Response, current_app, stream_with_context

from app.core import unit
from app.core.db import db, session
from app.core.tables import harmless


class _Line:
    """What `csv.writer` writes to: keeps the last line."""

    def write(self, text: str) -> int:
        self.text = text
        return len(text)


def csv_of(name: str, head: list[str], rows: Callable[[], Iterable[Iterable[Any]]]) -> Response:
    """A CSV file (UTF-8 with a mark, so that spreadsheets read it right), written while `rows()` is being read.

    `rows` runs after the page's unit of work is over, in a read-only one of its own and the same scope, so that a
    hundred thousand lines take no more memory than a few hundred.
    """
    scope = session().scope
    assert scope is not None

    def lines() -> Iterator[bytes]:
        line = _Line()
        writer = csv.writer(line, lineterminator="\r\n")  # type: ignore[arg-type]
        writer.writerow(head)
        yield b"\xef\xbb\xbf" + line.text.encode()
        kept: list[str] = []
        try:
            with unit.unit(scope, read_only=True):
                for row in rows():
                    writer.writerow(
                        [cell if type(cell) in (int, Decimal) else harmless(str(cell)) for cell in row]
                    )
                    kept.append(line.text)
                    if len(kept) == 500:
                        yield "".join(kept).encode()
                        kept.clear()
        except GeneratorExit:  # whoever asked went away
            raise
        except Exception:
            current_app.logger.exception("a download broke off")
            kept.append("# broken off: this file is not complete\r\n")
        finally:
            db.session.remove()
        yield "".join(kept).encode()

    return file_response(stream_with_context(lines()), name, "text/csv; charset=utf-8")


def file_response(body: Any, name: str, kind: str) -> Response:
    """`body` as a file called `name` (ASCII), to be saved and kept by nobody in between."""
    response = Response(body, content_type=kind)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response
