"""Reads a vendor's price sheet: streaming, checked row by row, every problem named by line, column and reason.

Nothing is stored here. `SheetReader` gives good rows in batches; its report is complete once the batches are used up.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import BinaryIO

import polars as pl

from app.domain.catalog.rules import sheet_cells, sheet_rows
from app.domain.catalog.rules.sheet_frames import MAX_UNPACKED, RowReader, Unreadable, open_text, whole_rows
from app.domain.catalog.rules.sheet_layout import COLUMN_OF, COLUMNS, FIELDS, Header, match_header

MAX_ISSUES = 1000
EXCERPT = 60
LONGEST_HEADER = 64 * 1024


@dataclass(frozen=True, slots=True)
class Issue:
    """Why a row was refused (or, on line 0, the whole file). `value` is the beginning of what stood there."""

    line: int
    column: str
    reason: str
    value: str = ""


@dataclass(slots=True)
class SheetReport:
    """What reading found. `issues` holds the first thousand; `refused` counts rows, all of them.

    `repeated` and `contradicting` are lines that must not be taken though they were given out as good: the second of
    two equal rows, and rows that contradict each other (these count as refused).
    """

    rows: int = 0
    refused: int = 0
    issues: list[Issue] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    repeated: pl.Series = field(default_factory=lambda: pl.Series("line", [], dtype=pl.UInt32))
    contradicting: pl.Series = field(default_factory=lambda: pl.Series("line", [], dtype=pl.UInt32))
    is_unreadable: bool = False
    odd_previous: int = 0

    @property
    def good(self) -> int:
        return self.rows - self.refused - len(self.repeated)

    def add(self, line: int, column: str, reason: str, value: str = "") -> None:
        if len(self.issues) < MAX_ISSUES:
            value = "".join(ch if ch.isprintable() else "·" for ch in value[: EXCERPT + 1])
            self.issues.append(
                Issue(line, column, reason, value[:EXCERPT] + "…" if len(value) > EXCERPT else value)
            )


class SheetReader:
    """One pass over one file.

    >>> reader = SheetReader(stream)
    >>> for rows in reader: ...           # polars frames, columns as `sheet_rows.split` describes
    >>> reader.report
    """

    def __init__(self, stream: BinaryIO, *, max_unpacked: int = MAX_UNPACKED):
        self.report = SheetReport()
        self._stream, self._limit = stream, max_unpacked
        self._fingerprints: list[pl.DataFrame] = []

    def __iter__(self) -> Iterator[pl.DataFrame]:
        try:
            yield from self._batches()
        except Unreadable as error:
            self._unreadable(str(error))
            return
        if not self.report.is_unreadable:
            self._find_repeats()
            self._sum_up()

    def _unreadable(self, reason: str, column: str = "", value: str = "") -> None:
        self.report.is_unreadable = True
        self.report.add(0, column, reason, value)

    def _batches(self) -> Iterator[pl.DataFrame]:
        pieces = open_text(self._stream, limit=self._limit)
        start = next(pieces, b"")
        if not start.strip():
            return self._unreadable("The file is empty.")
        if b"\n" not in start and b"\r" in start:  # line ends of the classic Macintosh
            start, pieces = start.replace(b"\r", b"\n"), (piece.replace(b"\r", b"\n") for piece in pieces)
        header_line, _, rest = start.partition(b"\n")
        found = self._header(header_line)
        if found is None:
            return None
        separator, header = found
        rows = RowReader(separator, header.width, line=2)
        for block in whole_rows(chain([rest] if rest else [], pieces)):
            yield self._batch(rows, header, block)

    def _batch(self, rows: RowReader, header: Header, block: bytes) -> pl.DataFrame:
        raw, complaints = rows.read(block)
        for line, reason, lost in complaints:
            self.report.add(line, "", reason)
            self.report.refused += lost
            self.report.rows += lost
        self.report.rows += raw.height
        frame = raw.select(
            pl.col("line"), *(pl.col(f"c{header.places[name]}").alias(name) for name in FIELDS)
        )
        good, bad = sheet_rows.split(sheet_rows.strip_cells(frame))
        self.report.refused += bad.height
        self._explain(bad)
        self._look_at_previous(frame)
        self._fingerprints.append(sheet_rows.fingerprints(good))
        return good

    def _header(self, line: bytes) -> tuple[str, Header] | None:
        if len(line) > LONGEST_HEADER:
            self._unreadable("The first line is too long to be a price sheet's header.")
            return None
        text = line.decode("utf-8", "replace").rstrip("\r")
        best: tuple[str, Header] | None = None
        for separator in (",", ";", "\t"):
            try:
                cells = next(csv.reader(io.StringIO(text), delimiter=separator), [])
            except csv.Error:
                continue
            header = match_header(cells)
            if best is None or len(header.places) > len(best[1].places):
                best = separator, header
        if best is None or not best[1].places:
            self._unreadable(
                "The first line is not a price sheet's header: none of its 21 columns is there.", "", text
            )
            return None
        header = best[1]
        for column in header.missing:
            self._unreadable("The column is missing.", column)
        for column in header.doubled:
            self._unreadable("The column is there twice.", column)
        if header.unknown:
            shown = ", ".join(name or "(no name)" for name in header.unknown[:10])
            self.report.notes.append(f"Columns that the layout does not know were left out: {shown}.")
        return best if header.is_usable else None

    def _explain(self, bad: pl.DataFrame) -> None:
        room = MAX_ISSUES - len(self.report.issues)
        for row in bad.head(max(room, 0)).iter_rows(named=True):
            problems = sheet_cells.explain(row)
            for column, reason, value in problems:
                self.report.add(row["line"], column, reason, value)

    def _look_at_previous(self, frame: pl.DataFrame) -> None:
        # only told to people, so an unreadable cell refuses no row
        odd = frame.filter(
            (pl.col("previous") != "") & ~pl.col("previous").str.contains(sheet_cells.PREVIOUS)
        )
        self.report.odd_previous += sum(
            1 for text in odd["previous"].head(10_000) if sheet_cells.previous_values(text.strip()) is None
        )

    def _find_repeats(self) -> None:
        """Rows with the same key: told apart by content once all rows were seen. 20 bytes a row are kept for this."""
        if not self._fingerprints:
            return
        seen = pl.concat(self._fingerprints)
        self._fingerprints.clear()
        twice = seen.filter(pl.col("key").is_duplicated())
        if twice.is_empty():
            return
        twice = twice.sort("line").with_columns(
            pl.col("line").first().over("key").alias("first"),
            (pl.col("content").n_unique().over("key") > 1).alias("differs"),
        )
        same = twice.filter(~pl.col("differs") & (pl.col("line") != pl.col("first")))
        self.report.repeated = same["line"]
        clash = twice.filter("differs")
        self.report.contradicting = clash["line"]
        self.report.refused += clash.height
        others = clash.group_by("key").agg(pl.col("line").sort().head(4).alias("lines"))
        for row in clash.join(others, on="key").sort("line").head(MAX_ISSUES).iter_rows(named=True):
            rest = ", ".join(str(line) for line in row["lines"] if line != row["line"])
            self.report.add(
                row["line"],
                COLUMN_OF["cost"],
                f"contradicts line {rest}: the same offer and start date, but another price, end or change",
            )
        self.report.issues.sort(key=lambda issue: issue.line)

    def _sum_up(self) -> None:
        report = self.report
        if report.rows == 0:
            self._unreadable("The sheet has a header, but no rows.")
            return
        if len(report.repeated):
            lines = ", ".join(str(line) for line in report.repeated.head(5))
            more = " …" if len(report.repeated) > 5 else ""
            report.notes.append(
                f"{len(report.repeated):,} rows stand in the file twice and count once: line {lines}{more}."
            )
        if report.odd_previous:
            report.notes.append(
                f"{report.odd_previous:,} cells of {COLUMN_OF['previous']} could not be read. They are not needed."
            )


def layout() -> tuple[str, ...]:
    """The column names in the vendor's order, for help texts and templates."""
    return tuple(COLUMNS)
