"""Import a file: check each row, find out what it changes, and ingest the rows that change something.

The consumer stays the only writer of customers and orders. The results of a part are stored before its rows
are published. A repeat of the same import goes by the stored results, and its rows carry the same times, so
nothing changes twice.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from itertools import islice
from typing import Final

from crm.customers.customer import Customer
from crm.customers.order import Order
from crm.customers.packs import Record
from crm.customers.records import CustomerRecord
from crm.customers.usecases.ingest import Ingest
from crm.imports.columns import Plan
from crm.imports.file_import import ERASED, MAX_ROWS, PART, SHOWN, Import, Result, tally
from crm.imports.ports import ImportStore, StoredRecords, StoredRows
from crm.imports.rows import CheckedRow, check_row, judge
from crm.imports.tables import Row, Table
from crm.kernel.batches import batched
from crm.kernel.errors import Conflict, Invalid

CONCURRENT_PARTS: Final = 8
"""Parts that are checked concurrently. After them the rows are published and the progress is stored."""

Results = Sequence[Result]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportFile:
    """Imports a table, or finds out what importing it would change. Safe to repeat and to interrupt."""

    imports: ImportStore
    records: StoredRecords
    ingest: Ingest

    async def __call__(
        self, wanted: Import, table: Table, plan: Plan, is_enough: Callable[[], bool] = lambda: False
    ) -> Import:
        """Import until the end, or until `is_enough`: the next call goes on from there.

        Returns the import with its progress; one that is done is returned as it is stored.
        Raises Conflict if another file was imported under this id, and Unavailable.
        """
        known = await self.imports.begin(wanted)
        if known.digest != wanted.digest:
            raise Conflict("Another file was imported under this id. Take a new id for a new file.")
        if known.state == "done":
            return known
        repeated = await asyncio.to_thread(RepeatedIds, plan, table)
        is_new = known is wanted
        # Counts start again.
        known = replace(wanted, at=known.at, by=known.by, handed=known.handed, file_name=known.file_name)
        first = 0
        has_worked = False
        batches = batched(batched(table.rows_beneath_header(), PART), CONCURRENT_PARTS)
        # Rows are read and checked in a thread: a file may hold millions of empty ones, or long ones.
        while parts := await asyncio.to_thread(next, batches, None):
            if has_worked and is_enough():
                return known
            numbers = range(first, first + len(parts))
            first = numbers.stop
            stored: Sequence[Results | None] = [None] * len(parts)
            if not is_new:
                stored = await asyncio.gather(*(self.imports.find_results(known, each) for each in numbers))
            finished = [results for results in stored if results is not None]
            if len(finished) == len(parts) and (known.dry_run or numbers.stop <= known.handed):
                await self._skip(known, parts, finished, table, plan, repeated)
                known = reduce(_counted, finished, known)
                continue
            has_worked = True
            checked = await asyncio.to_thread(_checked, known, parts, table, plan)
            judged = await self._judge(known, numbers, checked, stored, repeated)
            known = reduce(_counted, judged, known)
            changing = [
                record
                for number, rows, results in zip(numbers, checked, judged, strict=True)
                if number >= known.handed
                for record in _changing(rows, results)
            ]
            if changing and not known.dry_run:
                known = replace(known, state="handing_over")
                await self.ingest(changing)
                known = replace(known, handed=numbers.stop)
            await self.imports.save(known)
        known = replace(known, state="done")
        await self.imports.save(known)
        return known

    async def _skip(
        self,
        known: Import,
        parts: Sequence[Sequence[Row]],
        finished: Sequence[Results],
        table: Table,
        plan: Plan,
        repeated: "RepeatedIds",
    ) -> None:
        """Of parts that are finished, note only what later rows of the same ids have to know."""
        checked = [
            check_row(plan, known.kind, row, table.delimiter, known.at)
            for part, results in zip(parts, finished, strict=True)
            for row, result in zip(part, results, strict=True)
            if result.id in repeated.ids
        ]
        _judged(checked, await self._stored_rows(checked), repeated)

    async def _judge(
        self,
        known: Import,
        numbers: Sequence[int],
        checked: Sequence[Sequence[CheckedRow]],
        stored: Sequence[Results | None],
        repeated: "RepeatedIds",
    ) -> Sequence[Results]:
        """The results of each part: as they were stored, or found out and stored now."""
        # Of parts with stored results, only rows of repeated ids are judged again, for later rows.
        relevant = [
            rows
            if results is None
            else [row for row, result in zip(rows, results, strict=True) if result.id in repeated.ids]
            for rows, results in zip(checked, stored, strict=True)
        ]
        before = await asyncio.gather(*map(self._stored_rows, relevant))
        judged = [_judged(rows, found, repeated) for rows, found in zip(relevant, before, strict=True)]

        async def kept(number: int, found: Results, results: Results | None) -> Results:
            return await self.imports.keep_results(known, number, found) if results is None else results

        return await asyncio.gather(*map(kept, numbers, judged, stored))

    async def _stored_rows(self, checked: Sequence[CheckedRow]) -> StoredRows:
        records = [row.record for row in checked if row.record is not None]
        orders = [record.order_id for record in records if not isinstance(record, CustomerRecord)]
        customers = {row.customer_id for row in checked if row.customer_id}
        return await self.records.find(customers, orders) if customers else ({}, {})


class RepeatedIds:
    """The ids that come more than once in a file, and what earlier rows make of them, for later rows."""

    def __init__(self, plan: Plan, table: Table) -> None:
        names = [target.name if target else "" for target in plan.fields]
        place = names.index("order_id" if "order_id" in names else "customer_id")
        seen: set[str] = set()
        self.ids: set[str] = set()
        for row in table.rows_beneath_header():
            name = row.cells[place].strip() if place < len(row.cells) else ""
            (self.ids if name in seen else seen).add(name)
        self.latest: dict[str, Customer | Order] = {}

    def note(self, name: str, after: Customer | Order | None) -> None:
        """Remember what a row makes of a repeated id."""
        if after is not None and name in self.ids:
            self.latest[name] = after


def count_rows(table: Table) -> int:
    """The number of rows beneath the header. Raises Invalid at "file" if one is not CSV, or for too many."""
    count = sum(1 for _ in islice(table.rows_beneath_header(), MAX_ROWS + 1))
    if count > MAX_ROWS:
        raise Invalid.at("file", f"has more than {MAX_ROWS:,} rows; split it into several")
    if count == 0:
        raise Invalid.at("file", "has no rows beneath its header")
    return count


def _checked(
    known: Import, parts: Sequence[Sequence[Row]], table: Table, plan: Plan
) -> list[list[CheckedRow]]:
    return [[check_row(plan, known.kind, row, table.delimiter, known.at) for row in part] for part in parts]


def _judged(checked: Sequence[CheckedRow], before: StoredRows, repeated: RepeatedIds) -> list[Result]:
    customers, orders = before
    results: list[Result] = []
    for row in checked:
        record = row.record
        order = None
        seen = customers.get(row.customer_id)
        customer = seen.row if seen else None
        if record is not None:
            if isinstance(record, CustomerRecord):
                earlier = repeated.latest.get(record.customer_id)
                customer = earlier if isinstance(earlier, Customer) else customer
            else:
                seen_order = orders.get(record.order_id)
                earlier = repeated.latest.get(record.order_id)
                order = earlier if isinstance(earlier, Order) else seen_order.row if seen_order else None
        result, after = judge(row, customer, order)
        repeated.note(result.id, after)
        results.append(result)
    return results


def _changing(checked: Sequence[CheckedRow], results: Results) -> Iterator[Record]:
    for row, result in zip(checked, results, strict=True):
        if row.record is not None and result.outcome in ("created", "updated"):
            yield row.record


def _counted(known: Import, results: Results) -> Import:
    counts = tally(results)
    invalid = [result for result in results if result.outcome == "invalid"]
    return replace(
        known,
        checked=known.checked + len(results),
        created=known.created + counts["created"],
        updated=known.updated + counts["updated"],
        skipped=known.skipped + counts["skipped"],
        invalid=known.invalid + counts["invalid"],
        problems=(*known.problems, *invalid)[:SHOWN],
        file_name="" if any(result.reason == ERASED for result in results) else known.file_name,
    )
