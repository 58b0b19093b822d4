"""A price sheet's file, kept in the database as compressed pieces. What is written in it is not looked at here."""

import hashlib
import io
import zlib
from dataclasses import dataclass
from typing import BinaryIO
from uuid import UUID

from sqlalchemy import delete, insert, select

from app.core import scope
from app.core.db import session
from app.core.errors import Invalid
from app.core.unit import unit
from app.domain.catalog.models import PriceSheetPart

PIECE = 4 * 1024 * 1024
MAX_SIZE = 2 * 1024 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Stored:
    """Size in bytes and SHA-256 of a file as it was handed in."""

    size: int
    digest: str


def store(sheet_id: UUID, stream: BinaryIO) -> Stored:
    """Writes the stream's bytes as pieces of `sheet_id`, in the current unit. Invalid when it is empty or beyond 2 GB."""
    size, number, digest = 0, 0, hashlib.sha256()
    while piece := stream.read(PIECE):
        size += len(piece)
        if size > MAX_SIZE:
            raise Invalid({"file": "The file is larger than 2 GB."})
        digest.update(piece)
        session().execute(
            insert(PriceSheetPart).values(sheet_id=sheet_id, number=number, body=zlib.compress(piece, 1))
        )
        number += 1
    if size == 0:
        raise Invalid({"file": "The file is empty."})
    return Stored(size, digest.hexdigest())


def digest_of(stream: BinaryIO) -> Stored:
    """Size and digest of a file that stays where it is."""
    size, digest = 0, hashlib.sha256()
    while piece := stream.read(PIECE):
        size += len(piece)
        digest.update(piece)
    return Stored(size, digest.hexdigest())


def forget(sheet_id: UUID) -> None:
    """Deletes the pieces: the sheet was taken, refused or canceled, and its rows or reasons are kept elsewhere."""
    session().execute(delete(PriceSheetPart).where(PriceSheetPart.sheet_id == sheet_id))


class PartStream(io.RawIOBase):
    """Reads the pieces one after the other, each in a short unit of its own: no transaction stays open meanwhile."""

    def __init__(self, sheet_id: UUID):
        self._sheet_id, self._number, self._piece, self._at = sheet_id, 0, b"", 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:  # type: ignore[override]
        if self._at >= len(self._piece):
            with unit(scope.everyone(reason="reading a price sheet's file"), read_only=True):
                body = session().scalar(
                    select(PriceSheetPart.body).where(
                        PriceSheetPart.sheet_id == self._sheet_id, PriceSheetPart.number == self._number
                    )
                )
            if body is None:
                return b""
            self._piece, self._at, self._number = zlib.decompress(body), 0, self._number + 1
        end = len(self._piece) if size < 0 else self._at + size
        taken = self._piece[self._at : end]
        self._at += len(taken)
        return taken
