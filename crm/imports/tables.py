"""CSV text as rows: finds out its encoding and delimiter, and checks that the first line names columns."""

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final, TextIO

from crm.customers.values import EMAIL
from crm.kernel.errors import FieldError, Invalid

DELIMITERS: Final = (",", ";", "\t", "|")

MAX_CELL: Final = 1_000_000
"""Characters of a cell, of a row, and of the line that the delimiter is found from."""

MAX_COLUMNS: Final = 200

MAX_EMPTY: Final = 1_000_000
"""Empty rows of a file."""

csv.field_size_limit(MAX_CELL)

_BOMS: Final = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_WORKBOOK: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_VALUE: Final = re.compile(r"[-+]?[0-9][0-9.,]*|[0-9]{4}-[0-9]{2}-[0-9]{2}.*")
"""A number or a date, which is not the name of a column."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table. `number` counts as a spreadsheet does: the header is row 1."""

    number: int
    cells: list[str]


@dataclass(frozen=True, slots=True)
class Table:
    """A table that can be read more than once."""

    open_text: Callable[[], TextIO]
    """Opens the CSV text at its beginning."""

    encoding: str
    delimiter: str

    def rows(self) -> Iterator[Row]:
        """Every row that is not empty, the header too. Raises Invalid at "file" where it is not CSV."""
        # Strict: a quote that is never closed would else swallow the rest of the file into one cell.
        with self.open_text() as text:
            lines = _Lines(text)
            reader = csv.reader(lines, delimiter=self.delimiter, strict=True)
            number = empty = 0
            while True:
                lines.begin_row(number + 1)
                try:
                    cells = next(reader, None)
                except csv.Error as error:
                    raise Invalid.at("file", f"is not CSV after row {number}: {error}") from error
                if cells is None:
                    return
                number += 1
                if any(cells):
                    yield Row(number, cells)
                    continue
                empty += 1
                if empty > MAX_EMPTY:
                    raise _too_empty()

    def rows_beneath_header(self) -> Iterator[Row]:
        """Every row that is not empty, without the header. Raises Invalid at "file"."""
        return islice(self.rows(), 1, None)


class _Lines:
    """The lines of a text. Raises Invalid at "file" where a row takes more than MAX_CELL characters.

    The csv module reads a row without a pause, however long it is.
    """

    def __init__(self, text: TextIO) -> None:
        self._text = text
        self._row = 0
        self._left = 0

    def begin_row(self, number: int) -> None:
        """The lines that follow are those of this row."""
        self._row, self._left = number, MAX_CELL

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._text.readline(self._left + 1)
        if not line:
            raise StopIteration
        self._left -= len(line)
        if self._left < 0:
            raise Invalid.at("file", f"has more than {MAX_CELL:,} characters in row {self._row}")
        return line


def read_csv(data: bytes, whole: bool = True) -> Table:
    """The table in a file's bytes, or in its first bytes. Raises Invalid at "file" if they are not CSV."""
    if data.startswith(_WORKBOOK):
        raise Invalid.at("file", "is an Excel workbook: save it as CSV first")
    content, encoding = _as_utf8(data, whole)
    if b"\0" in content:
        raise Invalid.at("file", "is not a text file: save the table as CSV first")
    if not whole:
        content = content[: content.rfind(b"\n") + 1] or content
    # Kept as bytes and decoded while it is read: as text, a file may take four times its size.
    return table_of(lambda: io.TextIOWrapper(io.BytesIO(content), "utf-8-sig", newline=""), encoding)


def table_of(open_text: Callable[[], TextIO], encoding: str, delimiter: str | None = None) -> Table:
    """The table in a text. Without a delimiter, finds out the one that fits. Raises Invalid at "file"."""
    with open_text() as text:
        lines = islice(iter(lambda: text.readline(MAX_CELL), ""), MAX_EMPTY + 1)
        first = next((line for line in lines if line.strip()), None)
        if first is None and text.readline(1):
            raise _too_empty()
    if first is None:
        raise _no_header()
    return Table(open_text, encoding, delimiter or sniffed(first.strip("\r\n")))


def header_of(table: Table, every_column: bool = True) -> tuple[str, ...]:
    """The names of the columns. Without `every_column`, only those that are mapped matter: others may lack a
    name or look like a value, and there may be any number of them.

    Raises Invalid at "file" with everything that is wrong with them.
    """
    row = next(table.rows(), None)
    if row is None:
        raise _no_header()
    names = tuple(cell.strip() for cell in row.cells)
    faults = _faults(names, every_column)
    if faults:
        raise Invalid([FieldError("file", fault) for fault in faults])
    return names


def sniffed(line: str) -> str:
    """The delimiter that splits the line into most cells; a comma if none does."""
    try:
        return max(DELIMITERS, key=lambda mark: len(next(csv.reader([line], delimiter=mark))))
    except csv.Error as error:
        raise Invalid.at("file", f"is not CSV: {error}") from error


def _too_empty() -> Invalid:
    return Invalid.at("file", f"has more than {MAX_EMPTY:,} empty rows")


def _no_header() -> Invalid:
    return Invalid.at("file", "is empty: its first line must name the columns")


def _as_utf8(data: bytes, whole: bool) -> tuple[bytes, str]:
    """The text in UTF-8, and the encoding that it came in."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            try:
                return _transcoded(data, encoding, whole), encoding.removesuffix("-sig")
            except UnicodeDecodeError as error:
                raise Invalid.at("file", f"says it is {encoding.upper()} text and is not") from error
    try:
        return _transcoded(data, "utf-8", whole), "utf-8"
    except UnicodeDecodeError:
        return b"".join(_western(part).encode() for part in _parts(data)), "windows-1252"


def _transcoded(data: bytes, encoding: str, whole: bool) -> bytes:
    """The text in UTF-8. Raises UnicodeDecodeError.

    Unless it is whole, its last character may be a half, which is left out.
    """
    decoder = codecs.getincrementaldecoder(encoding)()
    content = io.BytesIO()
    for part in _parts(data):
        content.write(decoder.decode(part).encode())
    content.write(decoder.decode(b"", whole).encode())
    return content.getvalue()


def _parts(data: bytes) -> Iterator[bytes]:
    return (data[start : start + _DECODED] for start in range(0, len(data), _DECODED))


def _western(data: bytes) -> str:
    """What Excel writes in the west. Five bytes mean nothing there, and are read as ISO 8859-1."""
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:
        return data.decode("latin-1").translate(_WINDOWS)


_DECODED: Final = 64 * 1024
"""Bytes that are decoded without a pause."""


_WINDOWS: Final = {
    byte: text for byte in range(0x80, 0xA0) if (text := bytes([byte]).decode("cp1252", "ignore"))
}


def _faults(names: Sequence[str], every_column: bool) -> list[str]:
    twice = sorted(name for name, times in Counter(names).items() if name and times > 1)
    found = [f"has more than one column {name[:50]!r}" for name in twice]
    if not every_column:
        return found
    if len(names) > MAX_COLUMNS:
        return [f"has {len(names)} columns; at most {MAX_COLUMNS} are taken"]
    values = [name for name in names if EMAIL.fullmatch(name) or _VALUE.fullmatch(name)]
    if values:
        fault = f"has no header: its first line holds {values[0][:50]!r}, which is no name of a column"
        found.insert(0, fault)
    return found + [f"has no name for column {place}" for place, name in enumerate(names, 1) if not name]
