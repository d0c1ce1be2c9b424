"""`crm import`: a CSV file into the ingest API."""

import asyncio
import csv
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import httpx2
import typer
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table as Grid

from crm.cli.console import Sorry, err, out, plainly
from crm.cli.csv_file import CsvFile
from crm.cli.import_options import plan
from crm.cli.stack import Stack, chosen
from crm.cli.upload import Fault, Ingest, Numbered, Report, upload
from crm.imports.columns import Plan
from crm.imports.rows import values_of
from crm.kernel.batches import batched
from crm.kernel.spreadsheets import inert

SHOWN = 20
"""Reasons shown on the screen; `--report` saves all."""

TIMEOUT = 60.0
"""Seconds that one batch may take to be answered."""


class As(StrEnum):
    """What the rows of a file are."""

    customers = "customers"
    orders = "orders"


def import_file(
    file: Annotated[
        Path, typer.Argument(help="A CSV file, plain or gzip. Its first line names the columns.")
    ],
    entity: Annotated[As, typer.Option("--as", help="What each row is.")],
    maps: Annotated[
        list[str] | None,
        typer.Option(
            "--map",
            metavar="COLUMN=FIELD",
            help="Make a field of a column: --map top_item=category, --map size=attributes.size:number. "
            "A column named like a field needs no mapping.",
        ),
    ] = None,
    fills: Annotated[
        list[str] | None,
        typer.Option(
            "--fill",
            metavar="FIELD=TEMPLATE",
            help="Make up a field where a row has none, from its columns, for a set without names or "
            'addresses: --fill "email={customer_id}@example.com".',
        ),
    ] = None,
    sets: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="FIELD=TEMPLATE", help="Like --fill, in place of what the row has."),
    ] = None,
    url: Annotated[str, typer.Option(help="The CRM. Else the stack of `make run`.", envvar="CRM_URL")] = "",
    key: Annotated[str, typer.Option(help="The ingest API key.", envvar="CRM_API_KEY")] = "",
    batch: Annotated[int, typer.Option(min=1, max=1000, help="Rows of one request.")] = 500,
    in_flight: Annotated[int, typer.Option(min=1, max=8, help="Requests at a time.")] = 3,
    delimiter: Annotated[str | None, typer.Option(help="What separates cells. Else found out.")] = None,
    encoding: Annotated[str, typer.Option(help="The file's encoding.")] = "utf-8-sig",
    report: Annotated[
        Path | None, typer.Option(metavar="FILE.csv", help="Save every rejected row and its reasons here.")
    ] = None,
) -> None:
    """Send the rows of a CSV file to the ingest API.

    Empty cells leave their field as it is. Columns that are no field are ignored.
    Sending a file again is harmless.
    The exit code is 0 when every row was accepted, 1 when some were not, 2 when nothing could begin.
    """
    with plainly(), ExitStack() as stack:
        target = chosen(url, key, Path.cwd())
        if not target.api_key:
            raise Sorry("An ingest API key is needed: give --key, or set CRM_API_KEY.")
        if delimiter is not None and len(delimiter) != 1:
            raise Sorry(f"--delimiter {delimiter!r} must be one character.")
        table = CsvFile(file, delimiter, encoding)
        try:
            columns = plan(entity.value, table.header, maps or (), fills or (), sets or ())
        except ValueError as error:
            raise Sorry(str(error)) from error
        if columns.ignored:
            out.print(f"Ignored columns: {', '.join(map(escape, columns.ignored))}.")
        shown: list[Fault] = []
        save = stack.enter_context(_saving(report))
        result = Report(sink=lambda fault: _keep(fault, shown, save))
        began = time.monotonic()
        _run(table, columns, entity.value, target, result, batch, in_flight)
    _print_report(result, shown, report, time.monotonic() - began)
    if result.rejected or result.stopped:
        raise typer.Exit(1)


def _run(
    table: CsvFile, columns: Plan, entity: str, target: Stack, report: Report, size: int, in_flight: int
) -> None:
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[rows]:,} rows"),
        TimeElapsedColumn(),
        console=out,
    )
    with bar:
        task = bar.add_task(f"Importing {entity}", total=table.size, rows=0)

        def advance() -> None:
            bar.update(task, completed=table.bytes_read, rows=report.accepted + report.rejected)

        async def send() -> None:
            async with httpx2.AsyncClient(timeout=TIMEOUT, trust_env=not target.is_local) as http:
                batches = batched(records_of(table, columns, report), size)
                await upload(batches, Ingest(target, entity, http), report, in_flight, advance)

        asyncio.run(send())
        advance()


def records_of(table: CsvFile, columns: Plan, report: Report) -> Iterator[Numbered]:
    """The records of the table. A row that cannot be one is refused, and the next one follows.

    If the file cannot be read to its end, the rows before that place are still sent, and the report says so.
    """
    try:
        for row in table.rows():
            try:
                yield Numbered(row.number, values_of(columns, row, table.table.delimiter))
            except ValueError as error:
                report.refuse(row.number, [Fault(row.number, "", str(error))])
    except Sorry as reason:
        report.stopped = str(reason)


def _print_report(report: Report, shown: Sequence[Fault], saved: Path | None, seconds: float) -> None:
    if shown:
        grid = Grid("Row", "Field", "Reason", title="Rejected rows (the header is row 1)")
        for fault in shown:
            grid.add_row(str(fault.row), escape(fault.path), escape(fault.reason))
        out.print(grid)
        if saved is not None:
            out.print(f"Every reason is in {escape(str(saved))}.")
        elif len(shown) == SHOWN:
            out.print(f"These are the first {SHOWN} reasons. --report FILE.csv saves all.")
    rate = (report.accepted + report.rejected) / max(seconds, 0.001)
    out.print(
        f"{report.accepted:,} accepted, {report.rejected:,} rejected in {seconds:.1f} s ({rate:,.0f} rows/s)."
    )
    if report.stopped:
        err.print(f"Stopped: {report.stopped}", style="red", markup=False)
        if report.unsent:
            err.print(f"{report.unsent:,} rows of the last requests may be missing, and all after them are.")
        err.print("Sending the file again is harmless.")


def _keep(fault: Fault, shown: list[Fault], save: Callable[[Fault], None]) -> None:
    if len(shown) < SHOWN:
        shown.append(fault)
    save(fault)


@contextmanager
def _saving(path: Path | None) -> Iterator[Callable[[Fault], None]]:
    """A function that writes a fault into the report file, if there is one. Raises Sorry if it cannot."""
    if path is None:
        yield lambda fault: None
        return
    try:
        file = path.open("w", newline="", encoding="utf-8")
    except OSError as error:
        raise Sorry(f"{path} cannot be written: {error.strerror}.") from error
    with file:
        writer = csv.writer(file)
        writer.writerow(["row", "field", "reason"])
        yield lambda fault: writer.writerow([fault.row, inert(fault.path), inert(fault.reason)])
