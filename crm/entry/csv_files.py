"""CSV downloads: streamed, and safe to open in a spreadsheet."""

import csv
import io
import re
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Final

from fastapi.responses import StreamingResponse

FORMULA: Final = re.compile(r"""(^|[;|\t\r\n])([\s"]*)(?=[=+\-@＝＋－＠])|^(?=[\t\r\n])""")
"""Where a spreadsheet may see the start of a formula: at the beginning of a cell, and behind a mark at which
it splits lines in other countries, whatever this file's own delimiter and quotes say."""

Cell = str | int | datetime | None


def csv_file(lines: AsyncIterator[str], name: str) -> StreamingResponse:
    """A download of the lines, named `{name}.csv`."""
    return StreamingResponse(
        lines,
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )


def lines(rows: Sequence[Sequence[Cell]]) -> str:
    """The rows as CSV. Cells that a spreadsheet might run get a leading apostrophe."""
    text = io.StringIO()
    csv.writer(text).writerows([[_cell(value) for value in row] for row in rows])
    return text.getvalue()


def _cell(value: Cell) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, int):
        return str(value)
    return FORMULA.sub(r"\1\2'", value)
