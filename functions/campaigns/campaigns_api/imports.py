"""Imports of files with customers or orders, and dry runs of them."""

import asyncio
import hashlib
import json
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import nullcontext
from datetime import datetime
from typing import Annotated, BinaryIO
from uuid import UUID

import python_multipart  # noqa: F401  # what FastAPI reads uploads with
from fastapi import File, Query, UploadFile
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from campaigns_api.ids import ImportId
from campaigns_api.responses import Page, ResponseModel
from campaigns_api.services import Caller, Limit, Services
from crm.entry.csv_files import csv_file, lines
from crm.entry.routing import Router
from crm.imports.columns import Entity, Plan
from crm.imports.file_import import MAX_FILE, Import, State
from crm.imports.mapping import attribute_name, guesses, plan_of, targets
from crm.imports.tables import MAX_COLUMNS, Table, header_of, read_csv
from crm.imports.usecases.import_file import count_rows
from crm.kernel.errors import Invalid, TooLarge
from crm.platform.clock import now

router = Router(prefix="/imports", tags=["imports"])

COLUMNS_SAMPLE = 256 * 1024
"""Bytes of a file that are enough to know its columns."""

SAMPLES = 3

MAX_SECONDS = 30.0
"""How long one call works. The platform ends it after a minute, which includes the upload."""


class ImportSample(BaseModel):
    """The beginning of a file to import."""

    file: Annotated[UploadFile, Field(description="A CSV file; its first 256 kB are enough.")]
    kind: Entity


class ImportUpload(BaseModel):
    """A file to import, and how. The same `import_id` continues an import."""

    file: Annotated[UploadFile, Field(description="A CSV file of at most 25 MiB and 100,000 rows.")]
    kind: Entity
    mapping: Annotated[str, Field(description='Column → field, as JSON: {"E-mail": "email"}.')]
    import_id: UUID


class TargetResponse(ResponseModel):
    """A field that a column may fill."""

    name: str
    label: str
    required: bool


class ColumnResponse(ResponseModel):
    """A column: its first values, the field that its name suggests, and the attribute it can become."""

    name: str
    samples: list[str]
    field: str | None
    attribute: str | None


class ColumnsResponse(ResponseModel):
    """A file's columns, and the fields that they can fill. `problems` do not prevent an import."""

    encoding: str
    delimiter: str
    columns: list[ColumnResponse]
    fields: list[TargetResponse]
    problems: list[str]


class ProblemRowResponse(ResponseModel):
    """A row that cannot be imported. Rows count as in a spreadsheet: the header is row 1."""

    row: int
    id: str
    column: str
    value: str
    reason: str


class ImportResponse(ResponseModel):
    """An import and its progress. `problems` are the first 50 invalid rows; the file of results has all."""

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
async def columns(upload: Annotated[ImportSample, File()]) -> ColumnsResponse:
    """The columns of a file, with the fields that their names suggest. Nothing is stored."""
    kind = upload.kind
    head = await upload.file.read(COLUMNS_SAMPLE)
    return await asyncio.to_thread(_columns, kind, head)


def _columns(kind: Entity, head: bytes) -> ColumnsResponse:
    table = read_csv(head, whole=len(head) < COLUMNS_SAMPLE)
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
    upload: Annotated[ImportUpload, File()],
    services: Services,
    person: Caller,
    dry_run: Annotated[bool, Query()] = False,
) -> ImportResponse:
    """Import a file, or with `dry_run` find out what importing it would change.

    A call ends after half a minute, possibly before the import is `done`: send the file again with the same
    `import_id` to continue. A repeat changes nothing twice. Empty cells leave their field as it is.
    """
    until = time.monotonic() + MAX_SECONDS
    kind = upload.kind
    chosen = _mapping(upload.mapping)
    async with services.import_slots.one():
        table, plan, rows, digest = await asyncio.to_thread(_read, kind, chosen, upload.file.file)
        wanted = Import(
            import_id=str(upload.import_id),
            kind=kind,
            dry_run=dry_run,
            at=now(),
            by=person.email,
            digest=digest,
            file_name=(upload.file.filename or "")[:200],
            rows=rows,
        )
        detail = f"{wanted.rows} rows of {kind}"
        # A dry run changes nothing, so it is not audited.
        audited = (
            nullcontext() if dry_run else services.audited(person, "import.run", wanted.import_id, detail)
        )
        async with audited:
            ended = await services.import_file(wanted, table, plan, lambda: time.monotonic() >= until)
    return _response(ended)


@router.get("")
async def recent(services: Services, limit: Limit = 20) -> Page[ImportResponse]:
    """The imports of the last 30 days, or as the installation chose, newest first, without dry runs."""
    return Page(data=[_response(each) for each in await services.imports.recent(now(), limit)])


@router.get("/{id}")
async def one(name: ImportId, services: Services) -> ImportResponse:
    """An import and its progress, or else its dry run."""
    return _response(await services.imports.get(name, now()))


@router.get("/{id}/results.csv", response_class=StreamingResponse)
async def results(name: ImportId, services: Services, person: Caller) -> StreamingResponse:
    """The result of each row, as CSV. Cells that a spreadsheet would run begin with an apostrophe."""
    async with services.audited(person, "import.export", name):
        known = await services.imports.get(name, now())

    async def written() -> AsyncIterator[str]:
        yield lines([RESULT_COLUMNS])
        async for part in services.imports.every_part(known):
            yield lines([tuple(getattr(result, name) for name in RESULT_COLUMNS) for result in part])

    return csv_file(written(), f"import-{known.import_id}")


def _read(kind: Entity, chosen: Mapping[str, str], file: BinaryIO) -> tuple[Table, Plan, int, str]:
    """The table in a file, the plan of its columns, the number of its rows, and the digest of all.

    Raises TooLarge and Invalid.
    """
    data = file.read(MAX_FILE + 1)
    if len(data) > MAX_FILE:
        raise TooLarge(f"The file is larger than {MAX_FILE // 2**20} MiB: cut it into several.")
    digest = hashlib.sha256(json.dumps([kind, chosen]).encode())
    digest.update(data)
    table = read_csv(data)
    plan = plan_of(kind, header_of(table), chosen)
    return table, plan, count_rows(table), digest.hexdigest()


def _mapping(text: str) -> Mapping[str, str]:
    """Column → field, without columns that are mapped to nothing. Raises Invalid at "mapping"."""
    try:
        chosen = _MAPPING.validate_json(text)
    except ValidationError as error:
        raise Invalid.at("mapping", 'must be JSON like {"E-mail": "email"}') from error
    if len(chosen) > MAX_COLUMNS:
        raise Invalid.at("mapping", f"names {len(chosen)} columns; at most {MAX_COLUMNS} are taken")
    return {column.strip(): name for column, name in chosen.items() if name}


_MAPPING = TypeAdapter(dict[str, str | None])


def _response(known: Import) -> ImportResponse:
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
