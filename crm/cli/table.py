"""A CSV file as rows, plain or compressed, read as it is needed."""

import csv
import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from crm.cli.console import Sorry
from crm.imports.tables import Row, sniffed

MAX_CELL = 8 * 1024 * 1024
"""Characters of one cell. The ingest API refuses far shorter ones, with its own reason."""

GZIP_MAGIC = b"\x1f\x8b"


class Table:
    """The header and the rows of an open file. `size` is the file's, in bytes."""

    def __init__(self, raw: BinaryIO, size: int, header: list[str], rows: Iterator[Row]) -> None:
        self._raw = raw
        self.size = size
        self.header = header
        self.rows = rows

    @property
    def read(self) -> int:
        """Bytes of the file that have been read."""
        return self._raw.tell()


@contextmanager
def open_table(path: Path, delimiter: str | None = None, encoding: str = "utf-8-sig") -> Iterator[Table]:
    """The table in a file. Without a delimiter, the one that parts the header best is taken.

    Raises Sorry for a file that cannot be read or is not CSV, also while its rows are read.
    """
    csv.field_size_limit(MAX_CELL)
    with _told(path):
        raw = path.open("rb")
    with raw:
        with _told(path):
            text = _text(raw, encoding)
            first = text.readline(MAX_CELL)
        if not first.strip():
            raise Sorry(f"{path} is empty: its first line must name the columns.")
        # Strict: a quote that is never closed would else swallow the rest of the file into one cell.
        reader = csv.reader(chain([first], text), delimiter=delimiter or sniffed(first), strict=True)
        rows = _rows(path, reader)
        header = next(rows).cells
        yield Table(raw, path.stat().st_size, header, rows)


def _text(raw: BinaryIO, encoding: str) -> io.TextIOWrapper:
    is_gzip = raw.read(2) == GZIP_MAGIC
    raw.seek(0)
    return io.TextIOWrapper(gzip.GzipFile(fileobj=raw) if is_gzip else raw, encoding=encoding, newline="")


def _rows(path: Path, reader: Iterator[list[str]]) -> Iterator[Row]:
    number = 0
    while True:
        with _told(path):
            try:
                cells = next(reader, None)
            except csv.Error as error:
                raise Sorry(f"{path} is not CSV after row {number}: {error}.") from error
        if cells is None:
            return
        number += 1
        if cells:
            yield Row(number, cells)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except UnicodeDecodeError as error:
        raise Sorry(
            f"{path} is not {error.encoding.upper()} text. Name its encoding, as in --encoding latin-1."
        ) from error
    except LookupError as error:
        raise Sorry(f"{path} cannot be read: {error}.") from error
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise Sorry(f"{path} ends before its compressed data does: copy it again.") from error
    except OSError as error:
        raise Sorry(f"{path} cannot be read: {error.strerror or error}.") from error
