"""`imports/{id}` holds an import's progress, `imports/{id}/results/{file}-{nnnn}` the results of 500 rows.

A dry run is `{id}-dry`; a later dry run replaces it. All documents expire at `expires_at`.
"""

import json
import zlib
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import suppress
from dataclasses import asdict, fields, replace
from datetime import datetime, timedelta
from pathlib import PurePath
from typing import Any, Final

from google.api_core import exceptions as api
from google.cloud.firestore import AsyncClient, AsyncQuery

from crm import retention
from crm.customers.named_customers import normalised
from crm.imports.file_import import PART, Import, Result
from crm.kernel.batches import batched
from crm.kernel.errors import Conflict, NotFound
from crm.kernel.mentions import searchable
from crm.platform.firestore import documents
from crm.platform.firestore.commits import Commit

COLLECTION: Final = "imports"
PARTS_READ: Final = 10
"""Parts of one read."""

LISTED: Final = 100

RESUMED: Final = timedelta(minutes=10)
"""How long an interrupted dry run may be continued. Later what is stored may have changed."""

_COLUMNS: Final = tuple(field.name for field in fields(Result))
_PLAIN: Final = tuple(field.name for field in fields(Import) if field.name not in ("import_id", "problems"))
_ATTEMPTS: Final = 5


class FirestoreImports:
    """Reads and writes imports. Every method raises Unavailable."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def begin(self, wanted: Import) -> Import:
        """The stored import of this id; `wanted` itself if there is none.

        A dry run starts over unless it is the same file, half-way.
        """
        if wanted.dry_run:
            return await self._half_way(wanted) or await self._anew(wanted)
        commit = Commit(self._client)
        commit.create(_path(wanted.import_id, False), _encoded(wanted))
        try:
            await commit.send()
        except api.AlreadyExists:
            stored = (await documents.get_many(self._client, [_path(wanted.import_id, False)])).values()
            return next((_decoded(wanted.import_id, each.fields) for each in stored), wanted)
        return wanted

    async def _half_way(self, wanted: Import) -> Import | None:
        path = _path(wanted.import_id, True)
        for stored in (await documents.get_many(self._client, [path])).values():
            known = _decoded(wanted.import_id, stored.fields)
            if known.digest == wanted.digest and known.state != "done" and wanted.at - known.at < RESUMED:
                return known
        return None

    async def _anew(self, wanted: Import) -> Import:
        await self.save(wanted)
        return wanted

    async def save(self, known: Import) -> None:
        """Store the progress."""
        commit = Commit(self._client)
        commit.merge(_path(known.import_id, known.dry_run), _encoded(known), {})
        await commit.send()

    async def get(self, import_id: str, now: datetime) -> Import:
        """The import of this id, or else its dry run. Raises NotFound."""
        paths = [_path(import_id, False), _path(import_id, True)]
        found = await documents.get_many(self._client, paths)
        for path in paths:
            if path in found and found[path].fields["expires_at"] > now:
                return _decoded(import_id, found[path].fields)
        raise NotFound("There is no such import, or it is not kept any more.")

    async def recent(self, now: datetime, limit: int) -> Sequence[Import]:
        """The newest imports, without dry runs."""
        query = self._client.collection(COLLECTION).order_by("at", direction=AsyncQuery.DESCENDING)
        found = (await documents.query(self._client, query.limit(LISTED))).documents
        known = [
            _decoded(name, stored.fields)
            for name, stored in found.items()
            if stored.fields["expires_at"] > now
        ]
        return [each for each in known if not each.dry_run][:limit]

    async def find_results(self, known: Import, part: int) -> Sequence[Result] | None:
        """The stored results of a part."""
        path = _result_path(known, part)
        stored = (await documents.get_many(self._client, [path])).get(path)
        return None if stored is None else _unpacked(stored.fields["rows"])

    async def keep_results(self, known: Import, part: int, results: Sequence[Result]) -> Sequence[Result]:
        """Store the results of a part; return those that were stored before, if it is no dry run."""
        commit = Commit(self._client)
        document = {"rows": _packed(results), "expires_at": known.at + retention.kept("imports")}
        path = _result_path(known, part)
        if known.dry_run:
            commit.merge(path, document, {})
        else:
            commit.create(path, document)
        try:
            await commit.send()
        except api.AlreadyExists:
            return await self.find_results(known, part) or results
        return results

    async def every_part(self, known: Import) -> AsyncIterator[Sequence[Result]]:
        """The results of all rows, part by part in the order of the file."""
        paths = [_result_path(known, part) for part in range(-(-known.rows // PART))]
        for batch in batched(paths, PARTS_READ):
            found = await documents.get_many(self._client, batch)
            for path in batch:
                if path in found:
                    yield _unpacked(found[path].fields["rows"])

    async def of_customer(self, customer_id: str, now: datetime) -> Sequence[tuple[Import, Result]]:
        """The rows about the customer, in all imports and dry runs that are still kept.

        Reads all of their results: a document for 500 rows.
        """
        imports = await documents.query(
            self._client, self._client.collection(COLLECTION).order_by("__name__")
        )
        found: list[tuple[Import, Result]] = []
        for name, stored in imports.documents.items():
            if stored.fields["expires_at"] > now:
                known = _decoded(name, stored.fields)
                async for part in self.every_part(known):
                    found += [(known, each) for each in part if each.customer_id == customer_id]
        return found

    async def erase_customers(self, customer_ids: Collection[str]) -> None:
        """Remove customers from the results of all imports, and the names of files that may name them.

        A file's name may do so if a row is theirs, or if it is not known whose a row is. Safe to repeat.
        """
        erased = _Erased(customer_ids)
        imports = await documents.query(
            self._client, self._client.collection(COLLECTION).order_by("__name__")
        )
        for name, stored in imports.documents.items():
            path = f"{COLLECTION}/{name}"
            if erased.is_in(PurePath(stored.fields["file_name"]).stem):
                await self._drop_file_name(path)
            await self._erase_from(path, path, "problems", erased)
            results = self._client.collection(f"{path}/results").select([])
            for part in (await documents.query(self._client, results)).documents:
                await self._erase_from(path, f"{path}/results/{part}", "rows", erased)

    async def _erase_from(self, import_path: str, path: str, field: str, erased: "_Erased") -> None:
        for _ in range(_ATTEMPTS):
            stored = (await documents.get_many(self._client, [path])).get(path)
            if stored is None:
                return
            rows = _rows(stored.fields[field])
            known = [_result(row) for row in rows]
            left = [erased.taken_out_of(each) for each in known]
            if left == known:
                if any(map(_is_of_nobody, known)):
                    await self._drop_file_name(import_path)
                return
            if path != import_path:
                await self._drop_file_name(import_path)
            # Of a row that changes nothing stays that this version does not know: it may be about them.
            kept = [
                row if after == before else _row(after)
                for row, before, after in zip(rows, known, left, strict=True)
            ]
            fields_of = {field: _compressed(kept), **({"file_name": ""} if path == import_path else {})}
            commit = Commit(self._client)
            commit.update(path, fields_of, stored.etag)
            try:
                await commit.send()
            except (api.FailedPrecondition, api.NotFound):
                continue
            return
        raise Conflict("This import changes too often right now.")

    async def _drop_file_name(self, import_path: str) -> None:
        commit = Commit(self._client)
        commit.change(import_path, {"file_name": ""})
        with suppress(api.NotFound):
            await commit.send()


class _Erased:
    """Customers who were erased, and how results are without them."""

    def __init__(self, customer_ids: Collection[str]) -> None:
        self._ids = frozenset(customer_ids)

    def taken_out_of(self, result: Result) -> Result:
        """The result without these customers."""
        if normalised(result.customer_id) in self._ids or normalised(result.id) in self._ids:
            result = replace(result, id="", customer_id="", value="", reason=result.reason or "erased since")
        return replace(
            result,
            value=self._kept(result.value),
            column=self._kept(result.column),
            reason=self._kept(result.reason),
        )

    def _kept(self, text: str) -> str:
        return "" if self.is_in(text) else text

    def is_in(self, text: str) -> bool:
        """Whether the text holds one of their ids."""
        found = searchable(text) if text else None
        return found is not None and any(found.holds(each, alone=True) for each in self._ids)


def _is_of_nobody(result: Result) -> bool:
    """Whether it is not known whose row it is."""
    return result.outcome == "invalid" and not result.customer_id


def _path(import_id: str, dry_run: bool) -> str:
    return f"{COLLECTION}/{import_id}{'-dry' if dry_run else ''}"


def _result_path(known: Import, part: int) -> str:
    return f"{_path(known.import_id, known.dry_run)}/results/{known.digest[:16]}-{part:04d}"


def _packed(results: Sequence[Result]) -> bytes:
    return _compressed([_row(result) for result in results])


def _unpacked(packed: bytes) -> list[Result]:
    return [_result(row) for row in _rows(packed)]


def _compressed(rows: Sequence[Sequence[Any]]) -> bytes:
    return zlib.compress(json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode())


def _rows(packed: bytes) -> list[list[Any]]:
    rows: list[list[Any]] = json.loads(zlib.decompress(packed))
    return rows


def _row(result: Result) -> list[Any]:
    return [getattr(result, name) for name in _COLUMNS]


def _result(row: Sequence[Any]) -> Result:
    """The result in a row, which of another version may have more columns or fewer."""
    return Result(**dict(zip(_COLUMNS, row, strict=False)))


def _encoded(known: Import) -> dict[str, Any]:
    plain = asdict(known)
    fields_of = {name: plain[name] for name in _PLAIN}
    return {
        **fields_of,
        "problems": _packed(known.problems),
        "expires_at": known.at + retention.kept("imports"),
    }


def _decoded(name: str, document: dict[str, Any]) -> Import:
    return Import(
        import_id=name.removesuffix("-dry"),
        problems=tuple(_unpacked(document["problems"])),
        **{field: document[field] for field in _PLAIN if field in document},
    )
