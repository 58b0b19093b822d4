"""From the bytes of a price sheet to frames of raw cells with the line each row begins on; what cells mean is not known here.

Memory is bounded: the file is read in blocks that end where a row ends. A clean block is parsed by polars; one with
anything odd in it (wrong number of columns, stray quotation mark, bytes that are not UTF-8) by the csv module, line by line.
"""

import codecs
import csv
import gzip
import io
import zlib
from collections.abc import Iterator
from typing import BinaryIO, cast

import polars as pl

BLOCK = 8 * 1024 * 1024
LONGEST_ROW = 32 * 1024 * 1024
MAX_UNPACKED = 4 * 1024 * 1024 * 1024
"""A two-million-row sheet is about 0.8 GB; more than this is not a price sheet."""

Complaint = tuple[int, str, int]
"""Line, reason, number of lines that are lost by it."""


class Unreadable(Exception):
    """The file as a whole cannot be read; the message is for a person."""


class _Capped(io.RawIOBase):
    """A decompressing or plain stream that gives up beyond `limit` bytes (a bomb) instead of filling the disk."""

    def __init__(self, source: BinaryIO, limit: int):
        self._source, self._left, self._limit = source, limit, limit

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:  # type: ignore[override]
        try:
            piece = self._source.read(size)
        except EOFError as error:
            raise Unreadable("The compressed file breaks off before its end; upload it again.") from error
        except (gzip.BadGzipFile, zlib.error) as error:
            raise Unreadable("The compressed file is damaged; upload it again.") from error
        self._left -= len(piece)
        if self._left < 0:
            raise Unreadable(f"The file unpacks to more than {self._limit // 1024**2:,} MB.")
        return piece

    def read_block(self) -> bytes:
        """As much as a block holds; less only at the end."""
        pieces, wanted = [], BLOCK
        while wanted > 0 and (piece := self.read(wanted)):
            pieces.append(piece)
            wanted -= len(piece)
        return b"".join(pieces)


def open_text(stream: BinaryIO, *, limit: int = MAX_UNPACKED) -> Iterator[bytes]:
    """The file's UTF-8 bytes in blocks: unpacked if it is gzip, without byte order mark, re-coded if it is UTF-16."""
    start = stream.read(4)
    source = cast(BinaryIO, _Joined(start, stream))
    if start[:2] == b"\x1f\x8b":
        source = cast(BinaryIO, gzip.GzipFile(fileobj=source))
    elif start[:2] == b"PK":
        raise Unreadable("This is a ZIP or Excel file. Save the sheet as “CSV UTF-8” and upload that.")
    elif start == b"%PDF":
        raise Unreadable(
            "This is a PDF. Upload the sheet as the vendor's portal gives it: CSV, or CSV packed with gzip."
        )
    capped = _Capped(source, limit)
    first = capped.read_block()
    if first.startswith(codecs.BOM_UTF8):
        first = first[3:]
    elif first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        yield from _recoded(first, capped)
        return
    elif b"\0" in first[:4]:
        raise Unreadable("The file is UTF-16 or UTF-32 without a byte order mark. Save it as “CSV UTF-8”.")
    while first:
        yield first
        first = capped.read_block()


def _recoded(first: bytes, capped: _Capped) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder("utf-16")(errors="replace")
    piece = first
    while piece:
        yield decoder.decode(piece).encode("utf-8", "replace")
        piece = capped.read_block()
    rest = decoder.decode(b"", final=True)
    if rest:
        yield rest.encode("utf-8", "replace")


class _Joined(io.RawIOBase):
    def __init__(self, start: bytes, rest: BinaryIO):
        self._start, self._rest = start, rest

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:  # type: ignore[override]
        if not self._start:
            return self._rest.read(size)
        if 0 <= size <= len(self._start):
            piece, self._start = self._start[:size], self._start[size:]
            return piece
        piece, self._start = self._start, b""
        return piece + self._rest.read(size - len(piece) if size > 0 else -1)


def whole_rows(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The same bytes, cut only behind a line end that is not inside quotation marks."""
    carry = b""
    for piece in pieces:
        carry += piece
        cut = _last_row_end(carry)
        if cut == 0 and len(carry) > LONGEST_ROW:
            cut = carry.rfind(b"\n") + 1 or len(
                carry
            )  # a mark that is never closed: the csv module will say where
        if cut:
            yield carry[:cut]
            carry = carry[cut:]
    if carry:
        yield carry


def _last_row_end(block: bytes) -> int:
    marks = block.count(b'"')
    end = block.rfind(b"\n")
    behind = block.count(b'"', end + 1) if end >= 0 else 0
    while end >= 0:
        if (marks - behind) % 2 == 0:
            return end + 1
        before = block.rfind(b"\n", 0, end)
        behind += block.count(b'"', before + 1, end)
        end = before
    return 0


class RowReader:
    """Reads rows of `width` cells out of blocks of whole rows, keeping count of lines."""

    def __init__(self, separator: str, width: int, line: int):
        self.separator, self.width, self.line = separator, width, line
        self.names = [f"c{place}" for place in range(width)]

    def read(self, block: bytes) -> tuple[pl.DataFrame, list[Complaint]]:
        """Columns c0… and `line`; and what could not be made a row. Advances the line count by the block's lines."""
        first, lines = self.line, block.count(b"\n") + (not block.endswith(b"\n"))
        self.line += lines
        frame = self._read_clean(block, first, lines)
        return (frame, []) if frame is not None else self._read_odd(block, first)

    def _read_clean(self, block: bytes, first: int, lines: int) -> pl.DataFrame | None:
        """The block parsed by polars, or None unless its rows, separators and line ends add up exactly."""
        if b"\0" in block:
            return None
        try:
            frame = pl.read_csv(
                block,
                has_header=False,
                schema=dict.fromkeys(self.names, pl.String),
                separator=self.separator,
                empty_string_is_null=False,
                missing_columns="insert",
            )
        except (pl.exceptions.PolarsError, ValueError):
            return None
        separators = frame.height * (self.width - 1)
        if b'"' not in block:
            if block.count(self.separator.encode()) != separators or frame.height != lines:
                return None
            return frame.with_columns(pl.int_range(first, first + lines, dtype=pl.Int64).alias("line"))
        inside = frame.select(
            pl.sum_horizontal(pl.col(n).str.count_matches(self.separator, literal=True) for n in self.names)
            .sum()
            .alias("separators"),
        ).item()
        breaks = frame.select(
            pl.sum_horizontal(pl.col(n).str.count_matches("\n", literal=True) for n in self.names)
            .cast(pl.Int64)
            .alias("breaks")
        ).to_series()
        if (
            block.count(self.separator.encode()) != separators + inside
            or frame.height + breaks.sum() != lines
        ):
            return None
        taken = breaks + 1
        return frame.with_columns((taken.cum_sum() - taken + first).alias("line"))

    def _read_odd(self, block: bytes, first: int) -> tuple[pl.DataFrame, list[Complaint]]:
        text = block.decode("utf-8", "replace")
        rows: list[list[str]] = []
        lines: list[int] = []
        complaints: list[Complaint] = []
        reader = csv.reader(io.StringIO(text, newline="\n"), delimiter=self.separator, strict=True)
        while True:
            at = first + reader.line_num
            try:
                row = next(reader, None)
            except csv.Error as error:
                last = first + reader.line_num - 1
                complaints.append((at, _csv_reason(str(error), last), last - at + 1))
                continue
            if row is None:
                break
            if not any(cell.strip() for cell in row):
                continue  # a blank line
            if len(row) != self.width:
                complaints.append((at, f"The line has {len(row)} columns instead of {self.width}.", 1))
                continue
            rows.append(row)
            lines.append(at)
        columns = {name: [row[place] for row in rows] for place, name in enumerate(self.names)}
        frame = pl.DataFrame(columns, schema=dict.fromkeys(self.names, pl.String))
        return frame.with_columns(pl.Series("line", lines, dtype=pl.Int64)), complaints


def _csv_reason(error: str, last: int) -> str:
    if "unexpected end of data" in error:
        return f"A quotation mark opens here and is never closed: nothing up to line {last} could be read."
    if "field larger" in error:
        return f"A cell begins here that is longer than 131,072 characters (up to line {last}): a quotation mark too many?"
    if "new-line character" in error:
        return "The line contains a carriage return outside quotation marks."
    return "Text follows a closing quotation mark."
