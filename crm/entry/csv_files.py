"""CSV downloads: streamed, and safe to open in a spreadsheet."""

import csv
import io
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime

from fastapi.responses import StreamingResponse

from crm.kernel.spreadsheets import inert

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
    return inert(value)
