"""Import a file: check each row, say what it changes, and hand the rows to the broker like anybody's records.

The consumer stays the only writer of customers and orders. What becomes of the rows of a part is written down
before the part is handed over; whoever runs the same import again goes by that, and the rows carry the same
times, so nothing changes twice.
"""

import asyncio
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import reduce
from itertools import islice
from typing import Final, Protocol, TypeVar

from crm.customers.customer import Customer
from crm.customers.order import Order
from crm.customers.packs import Record
from crm.customers.records import CustomerRecord
from crm.customers.usecases.ingest import Ingest
from crm.imports.columns import Plan
from crm.imports.file_import import MAX_ROWS, PART, SHOWN, Checked, Import, Result, check_row, judge, tally
from crm.imports.tables import CsvText
from crm.kernel.broker import Broker
from crm.kernel.errors import Conflict, Invalid
from crm.kernel.versioned import Seen

AT_ONCE: Final = 8
"""Parts in work together; after them it is told how far the import is, and their rows are handed over."""

T = TypeVar("T")


class Imports(Protocol):
    """Where imports are kept."""

    async def begin(self, wanted: Import) -> Import:
        """The import as it is kept: `wanted` where there was none of this id, or a dry run that is not this
        one half-way."""

    async def save(self, known: Import) -> None:
        """Keep how far it is."""

    async def results(self, known: Import, part: int) -> Sequence[Result] | None:
        """What was written down of a part."""

    async def keep(self, known: Import, part: int, results: Sequence[Result]) -> Sequence[Result]:
        """Write down what becomes of a part; what was written before, where it was."""


class Stored(Protocol):
    """The customers and orders that are stored."""

    async def find(
        self, customer_ids: Collection[str], order_ids: Collection[str]
    ) -> tuple[Mapping[str, Seen[Customer]], Mapping[str, Seen[Order]]]:
        """Those that exist, by id."""


def count_rows(table: CsvText) -> int:
    """How many rows are beneath the header, all of them well-formed. Raises Invalid at "file"."""
    count = sum(1 for _ in table.rows()) - 1
    if count > MAX_ROWS:
        raise Invalid.at("file", f"has {count:,} rows; import at most {MAX_ROWS:,} at a time")
    if count == 0:
        raise Invalid.at("file", "has no rows beneath its header")
    return count


async def import_records(
    wanted: Import,
    table: CsvText,
    plan: Plan,
    imports: Imports,
    stored: Stored,
    broker: Broker,
    is_enough: Callable[[], bool] = lambda: False,
) -> Import:
    """The import as it ended, or how far it is when `is_enough` for one call: the next goes on from there.
    Safe to repeat after it was stopped anywhere; one that is done is told again.

    Raises Conflict where another file was imported under the same id, Unavailable.
    """
    known = await imports.begin(wanted)
    if known.digest != wanted.digest:
        raise Conflict("Another file was imported under this id. Take a new id for a new file.")
    if known.state == "done":
        return known
    seen = await asyncio.to_thread(_Twice, plan, table)
    is_new = known is wanted
    known = replace(wanted, at=known.at, by=known.by, handed=known.handed)  # counted from the start
    number = 0
    worked = False
    for group in _parts(_parts(islice(table.rows(), 1, None), PART), AT_ONCE):
        if worked and is_enough():
            return known
        numbers = range(number, number + len(group))
        kept: Sequence[Sequence[Result] | None] = [None] * len(group)
        if not is_new:
            kept = await asyncio.gather(*(imports.results(known, each) for each in numbers))
        through = [told for told in kept if told is not None]
        if len(through) == len(group) and (known.dry_run or numbers.stop <= known.handed):
            twice = [
                check_row(plan, known.kind, row, table.delimiter, known.at)
                for part, told in zip(group, through, strict=True)
                for row, result in zip(part, told, strict=True)
                if result.id in seen.ids
            ]
            _judged(twice, *await _read(twice, stored), seen)
            known = reduce(_counted, through, known)
            number = numbers.stop
            continue
        worked = True
        checked = [
            [check_row(plan, known.kind, row, table.delimiter, known.at) for row in part] for part in group
        ]
        results = await _results(known, numbers, checked, kept, imports, stored, seen)
        waiting: list[Record] = []
        for each, rows, found in zip(numbers, checked, results, strict=True):
            known = _counted(known, found)
            if each >= known.handed:
                waiting += _changing(rows, found)
        number += len(group)
        if waiting and not known.dry_run:
            known = replace(known, state="handing_over")
            await Ingest(broker=broker)(waiting)
            known = replace(known, handed=number)
        await imports.save(known)
    known = replace(known, state="done")
    await imports.save(known)
    return known


async def _results(
    known: Import,
    numbers: Sequence[int],
    checked: Sequence[Sequence[Checked]],
    kept: Sequence[Sequence[Result] | None],
    imports: Imports,
    stored: Stored,
    seen: "_Twice",
) -> Sequence[Sequence[Result]]:
    """What becomes of each part: as it was written down, or found out now and written down."""

    # Of what was written down before, the rows count whose ids come again.
    concerned = [
        part if told is None else [row for row, of in zip(part, told, strict=True) if of.id in seen.ids]
        for part, told in zip(checked, kept, strict=True)
    ]
    read = await asyncio.gather(*(_read(part, stored) for part in concerned))
    found_out = [_judged(part, *found, seen) for part, found in zip(concerned, read, strict=True)]
    judged = [found if told is None else told for found, told in zip(found_out, kept, strict=True)]

    async def written(
        number: int, found: Sequence[Result], told: Sequence[Result] | None
    ) -> Sequence[Result]:
        return await imports.keep(known, number, found) if told is None else told

    return await asyncio.gather(*map(written, numbers, judged, kept))


_Before = tuple[Mapping[str, Seen[Customer]], Mapping[str, Seen[Order]]]


async def _read(checked: Sequence[Checked], stored: Stored) -> _Before:
    good = [each.record for each in checked if each.record is not None]
    if not good:
        return {}, {}
    orders = [each.order_id for each in good if not isinstance(each, CustomerRecord)]
    return await stored.find({each.customer_id for each in good}, orders)


def _judged(
    checked: Sequence[Checked],
    customers: Mapping[str, Seen[Customer]],
    known_orders: Mapping[str, Seen[Order]],
    seen: "_Twice",
) -> list[Result]:
    results: list[Result] = []
    for each in checked:
        made = each.record
        customer = order = None
        if made is not None:
            found = customers.get(made.customer_id)
            customer = found.row if found else None
            if isinstance(made, CustomerRecord):
                earlier = seen.latest.get(made.customer_id)
                customer = earlier if isinstance(earlier, Customer) else customer
            else:
                kept = known_orders.get(made.order_id)
                earlier = seen.latest.get(made.order_id)
                order = earlier if isinstance(earlier, Order) else kept.row if kept else None
        result, after = judge(each, customer, order)
        seen.note(result.id, after)
        results.append(result)
    return results


def _changing(checked: Sequence[Checked], results: Sequence[Result]) -> Iterator[Record]:
    for each, result in zip(checked, results, strict=True):
        if each.record is not None and result.outcome in ("created", "updated"):
            yield each.record


def _counted(known: Import, results: Sequence[Result]) -> Import:
    counts = tally(results)
    wrong = [result for result in results if result.outcome == "invalid"]
    return replace(
        known,
        checked=known.checked + len(results),
        created=known.created + counts["created"],
        updated=known.updated + counts["updated"],
        skipped=known.skipped + counts["skipped"],
        invalid=known.invalid + counts["invalid"],
        problems=(*known.problems, *wrong)[:SHOWN],
    )


class _Twice:
    """The ids that come more than once in a file, and what earlier rows make of them, for later ones."""

    def __init__(self, plan: Plan, table: CsvText) -> None:
        names = [target.name if target else "" for target in plan.fields]
        place = names.index("order_id" if "order_id" in names else "customer_id")
        seen: set[str] = set()
        self.ids: set[str] = set()
        for row in islice(table.rows(), 1, None):
            name = row.cells[place].strip() if place < len(row.cells) else ""
            (self.ids if name in seen else seen).add(name)
        self.latest: dict[str, Customer | Order] = {}

    def note(self, name: str, after: Customer | Order | None) -> None:
        if after is not None and name in self.ids:
            self.latest[name] = after


def _parts(items: Iterable[T], size: int) -> Iterator[list[T]]:
    source = iter(items)
    while part := list(islice(source, size)):
        yield part
