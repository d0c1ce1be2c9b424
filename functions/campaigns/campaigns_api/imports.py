"""Files of customers and orders: looked at, tried out, and imported."""

import asyncio
import hashlib
import json
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import nullcontext
from datetime import datetime
from typing import Annotated
from uuid import UUID

import python_multipart  # noqa: F401  # what FastAPI reads uploads with
from fastapi import APIRouter, File, Form, Path, Query, UploadFile
from fastapi.responses import StreamingResponse
from pydantic import TypeAdapter, ValidationError

from campaigns_api.responses import Page, ResponseModel
from campaigns_api.services import SIGNED_IN, Limit, Marketer, Services, Viewer
from crm.entry.csv_files import csv_file, lines
from crm.imports.columns import Entity
from crm.imports.file_import import MAX_FILE, PART, Import, State
from crm.imports.mapping import attribute_name, guesses, plan_of, targets
from crm.imports.tables import header_of, read_csv
from crm.imports.usecases.import_file import count_rows, import_records
from crm.kernel.errors import Invalid, TooLarge
from crm.platform.clock import now

router = APIRouter(prefix="/imports", tags=["imports"], dependencies=[SIGNED_IN])

COLUMNS_SAMPLE = 256 * 1024
"""Bytes of a file that are enough to know its columns."""

SAMPLES = 3

ENOUGH = 30.0
"""Seconds that one call works: the platform ends it after a minute, in which the file has to arrive, too."""

Kind = Annotated[Entity, Form()]
ImportId = Annotated[UUID, Path(alias="id")]


class TargetResponse(ResponseModel):
    """A field that a column may fill."""

    name: str
    label: str
    required: bool


class ColumnResponse(ResponseModel):
    """A column: its first values, the field it seems to be, and its name as a custom attribute's."""

    name: str
    samples: list[str]
    field: str | None
    attribute: str | None


class ColumnsResponse(ResponseModel):
    """What a file has, and what its columns can become. `problems` do not keep it from being imported."""

    encoding: str
    delimiter: str
    columns: list[ColumnResponse]
    fields: list[TargetResponse]
    problems: list[str]


class ProblemRowResponse(ResponseModel):
    """A row that cannot be imported, counted as a spreadsheet does: the header is row 1."""

    row: int
    id: str
    column: str
    value: str
    reason: str


class ImportResponse(ResponseModel):
    """An import and how far it is. `problems` are the first 50 invalid rows; the file of results has all."""

    id: str
    kind: Entity
    dry_run: bool
    file_name: str
    state: State
    rows: int
    checked: int
    created: int
    updated: int
    skipped: int
    invalid: int
    problems: list[ProblemRowResponse]
    created_at: datetime
    created_by: str


RESULT_COLUMNS: tuple[str, ...] = ("row", "id", "outcome", "column", "value", "reason")


@router.post("/columns")
async def columns(
    file: Annotated[UploadFile, File(description="A CSV file; its first 256 kB are enough.")],
    kind: Kind,
    _: Marketer,
) -> ColumnsResponse:
    """The columns of a file, with the fields that they seem to be. Nothing is stored."""
    head = await file.read(COLUMNS_SAMPLE)
    is_whole = len(head) < COLUMNS_SAMPLE
    table = read_csv(head, whole=is_whole)
    header = header_of(table)
    rows = []
    problems = []
    for row in table.rows():
        if len(row.cells) != len(header):
            problems.append(
                f"Row {row.number} has {len(row.cells)} cells where the header has {len(header)}."
            )
        rows.append(row.cells)
        if len(rows) > 20:
            break
    if len(rows) == 1:
        problems.append("The file has no rows beneath its header.")
    samples = [
        [row[place][:100] for row in rows[1:] if place < len(row) and row[place].strip()][:SAMPLES]
        for place in range(len(header))
    ]
    found = guesses(kind, header)
    return ColumnsResponse(
        encoding=table.encoding,
        delimiter=table.delimiter,
        columns=[
            ColumnResponse(
                name=name,
                samples=samples[place],
                field=found[place],
                attribute=attribute_name(name) if kind == "customers" else None,
            )
            for place, name in enumerate(header)
        ],
        fields=[TargetResponse.model_validate(target) for target in targets(kind)],
        problems=problems[:10],
    )


@router.post("")
async def run(
    file: Annotated[UploadFile, File(description="A CSV file of at most 25 MiB and 100,000 rows.")],
    kind: Kind,
    mapping: Annotated[str, Form(description='Column → field, as JSON: {"E-mail": "email"}.')],
    import_id: Annotated[UUID, Form()],
    services: Services,
    person: Marketer,
    dry_run: Annotated[bool, Query()] = False,
) -> ImportResponse:
    """Import a file, or see what importing it would do. The same `import_id` again changes nothing twice.

    What was stopped half-way goes on when it is sent again: after half a minute it stops by itself, before
    the platform would, and is not `done` yet. Empty cells say nothing of their field.
    """
    until = time.monotonic() + ENOUGH
    data = await file.read(MAX_FILE + 1)
    if len(data) > MAX_FILE:
        raise TooLarge(f"The file is larger than {MAX_FILE // 2**20} MiB: cut it into several.")
    chosen = _mapping(mapping)
    table = read_csv(data)
    plan = plan_of(kind, header_of(table), chosen)
    digest = hashlib.sha256(json.dumps([kind, chosen]).encode() + data).hexdigest()
    wanted = Import(
        import_id=str(import_id),
        kind=kind,
        dry_run=dry_run,
        at=now(),
        by=person.email,
        digest=digest,
        file_name=(file.filename or "")[:200],
        rows=await asyncio.to_thread(count_rows, table),
    )
    detail = f"{wanted.rows} rows of {kind}"
    # What is only tried out changes nothing.
    doing = (
        nullcontext() if dry_run else services.audited(person.email, "import.run", wanted.import_id, detail)
    )
    async with doing:
        ended = await import_records(
            wanted,
            table,
            plan,
            services.imports,
            services.records,
            services.broker,
            lambda: time.monotonic() >= until,
        )
    return _shape(ended)


@router.get("")
async def recent(services: Services, _: Viewer, limit: Limit = 20) -> Page[ImportResponse]:
    """The imports of the last 30 days, newest first, dry runs left out."""
    return Page(data=[_shape(each) for each in await services.imports.recent(now(), limit)])


@router.get("/{id}")
async def one(name: ImportId, services: Services, _: Viewer) -> ImportResponse:
    """An import and how far it is; where there is none yet, its dry run."""
    return _shape(await services.imports.get(str(name), now()))


@router.get("/{id}/results.csv", response_class=StreamingResponse)
async def results(name: ImportId, services: Services, person: Viewer) -> StreamingResponse:
    """What became of each row, as CSV. Cells that a spreadsheet would run begin with an apostrophe."""
    async with services.audited(person.email, "import.export", str(name)):
        known = await services.imports.get(str(name), now())

    async def written() -> AsyncIterator[str]:
        yield lines([RESULT_COLUMNS])
        waiting: list[tuple[str | int, ...]] = []
        async for result in services.imports.every_result(known, -(-known.rows // PART)):
            waiting.append(tuple(getattr(result, column) for column in RESULT_COLUMNS))
            if len(waiting) == PART:
                yield lines(waiting)
                waiting = []
        yield lines(waiting)

    return csv_file(written(), f"import-{known.import_id}")


def _mapping(text: str) -> Mapping[str, str]:
    """Column → field; columns mapped to nothing are left out. Raises Invalid at "mapping"."""
    try:
        chosen = _MAPPING.validate_json(text)
    except ValidationError as error:
        raise Invalid.at("mapping", 'must be JSON like {"E-mail": "email"}') from error
    return {column.strip(): name for column, name in chosen.items() if name}


_MAPPING = TypeAdapter(dict[str, str | None])


def _shape(known: Import) -> ImportResponse:
    return ImportResponse(
        id=known.import_id,
        kind=known.kind,
        dry_run=known.dry_run,
        file_name=known.file_name,
        state=known.state,
        rows=known.rows,
        checked=known.checked,
        created=known.created,
        updated=known.updated,
        skipped=known.skipped,
        invalid=known.invalid,
        problems=[ProblemRowResponse.model_validate(problem) for problem in known.problems],
        created_at=known.at,
        created_by=known.by,
    )
