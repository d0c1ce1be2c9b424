"""A CSV file on disk, plain or gzip, read as it is needed."""

import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final, TextIO

from crm.cli.console import Sorry
from crm.imports.tables import Row, Table, header_of, table_of
from crm.kernel.errors import Invalid

GZIP_MAGIC: Final = b"\x1f\x8b"


class CsvFile:
    """The table of a file. Raises Sorry, also while rows are read, if the file is unreadable or not CSV."""

    def __init__(self, path: Path, delimiter: str | None = None, encoding: str = "utf-8-sig") -> None:
        self._path = path
        self._encoding = encoding
        self._raw: BinaryIO | None = None
        with self._explained():
            self.size = path.stat().st_size
            self.table: Table = table_of(self._open_text, encoding, delimiter)
            self.header = header_of(self.table, every_column=False)

    def rows(self) -> Iterator[Row]:
        """The rows beneath the header."""
        with self._explained():
            yield from self.table.rows_beneath_header()

    @property
    def bytes_read(self) -> int:
        """Bytes of the file that have been read, of `size`."""
        return self._raw.tell() if self._raw and not self._raw.closed else self.size

    def _open_text(self) -> TextIO:
        if self._raw is not None:
            self._raw.close()  # gzip leaves it open
        self._raw = self._path.open("rb")
        is_gzip = self._raw.read(2) == GZIP_MAGIC
        self._raw.seek(0)
        content = gzip.GzipFile(fileobj=self._raw) if is_gzip else self._raw
        return io.TextIOWrapper(content, encoding=self._encoding, newline="")

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except Invalid as error:
            reasons = "; ".join(each.message for each in error.errors)
            raise Sorry(f"{self._path} {reasons}.") from error
        except UnicodeDecodeError as error:
            raise Sorry(
                f"{self._path} is not {error.encoding.upper()} text. "
                "Name its encoding, as in --encoding latin-1."
            ) from error
        except LookupError as error:
            raise Sorry(f"{self._path} cannot be read: {error}.") from error
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise Sorry(f"{self._path} ends before its compressed data does: copy it again.") from error
        except OSError as error:
            raise Sorry(f"{self._path} cannot be read: {error.strerror or error}.") from error
