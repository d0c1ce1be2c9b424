"""Orders laid out for counting: by category and then by day, so that a rule looks only where it may find.

"Two orders of shoes in the last 30 days" reads the last 30 days of shoes, not all orders.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from crm.audience.engine.columns import Codes, moved
from crm.audience.engine.frames import ORDERS_IN_RULES, Details, Frames, Sheet, orders_with
from crm.audience.engine.numbers import Bounds, Mask, Numbers, Rows

_KEYS: Final = 2**16 - 1
"""Pairs of a category and a stretch of time: as many as one pass sorts by."""
_MOST_SLICES: Final = 100
"""Beyond so many, one pass over all orders is quicker than so many short ones."""
_LOW_BITS: Final = 26
_LOW: Final = (1 << _LOW_BITS) - 1
_FEW: Final = 8
"""Up to so many orders of each it is quicker to strike them off one by one than to count for everybody."""


@dataclass(frozen=True, slots=True, eq=False)
class Orders:
    """Orders by category and stretch of time; `row` is the customer's.

    `columns` holds what rules ask for. Time is cut into `stretches` of `width` steps of `placed_at`; those of
    category `code` in stretch `n` lie from `starts[code * stretches + n]` on, orders without category last.
    The order at a place is number `came[place]` of those in `details`, of which there is one a block.
    """

    row: Rows
    columns: Mapping[str, Numbers | Codes]
    starts: npt.NDArray[np.int64]
    stretches: int
    width: int
    details: Sequence[Details]
    begins: npt.NDArray[np.int64]
    came: Rows

    def placed(self) -> Numbers:
        """When each order was placed."""
        return self.numbers("placed_at")

    def categories(self) -> Codes:
        """The category of each order."""
        return self.codes("category")

    def amounts(self) -> Numbers:
        """The amount of each order."""
        return self.numbers("amount")

    def statuses(self) -> Codes:
        """The status of each order."""
        return self.codes("status")

    def numbers(self, name: str) -> Numbers:
        """A column of whole numbers."""
        column = self.columns[name]
        assert isinstance(column, Numbers)
        return column

    def codes(self, name: str) -> Codes:
        """A column of texts."""
        column = self.columns[name]
        assert isinstance(column, Codes)
        return column

    def slices(self, chosen: Mask, placed: Bounds) -> Sequence[tuple[int, int]]:
        """Where orders of the chosen categories may lie that were placed in these bounds.

        `chosen` has an entry a category and a last one for none.
        """
        if chosen.all() and placed == (None, None):
            return [(0, len(self.row))]
        codes = np.flatnonzero(chosen)
        if len(codes) > _MOST_SLICES:
            return [(0, len(self.row))]
        return list(self._slices(codes, placed))

    def of_customers(self, rows: Rows, size: int) -> npt.NDArray[np.int64]:
        """The places of all orders of those customers, of `size` customers in all."""
        wanted = np.zeros(size, np.bool_)
        wanted[rows] = True
        return np.flatnonzero(wanted.take(self.row))

    def rows(self, places: npt.NDArray[np.int64], ids: pl.Series) -> pl.DataFrame:
        """Those orders with the columns of `tables.ORDERS`; `ids` are the customers' by row."""
        came = self.came[places]
        order = np.argsort(came)
        places, came = places[order], came[order]
        asked = {name: column.values(places.astype(np.uint32)) for name, column in self.columns.items()}
        columns = pl.DataFrame([series.alias(name) for name, series in asked.items()]).with_columns(
            customer_id=ids.gather(self.row[places])
        )
        parts: list[Sheet] = []
        for number, details in enumerate(self.details):
            start, stop = np.searchsorted(came, self.begins[number : number + 2])
            if start < stop:
                parts.append(details.sheet.at(came[start:stop] - self.begins[number]))
        return orders_with(columns, parts)

    def _slices(self, codes: npt.NDArray[np.int64], placed: Bounds) -> Iterator[tuple[int, int]]:
        first, beyond = placed
        skipped = 0 if first is None else self._stretch(first)
        last = self.stretches - 1 if beyond is None else self._stretch(beyond)
        for code in codes:
            start, stop = (int(self.starts[code * self.stretches + n]) for n in (skipped, last + 1))
            if start < stop:
                yield start, stop

    def _stretch(self, at: int) -> int:
        return min(max(self.placed().step(at) // self.width, 0), self.stretches - 1)


def orders_of_frames(frames: Sequence[Frames], first_rows: npt.NDArray[np.int64]) -> Orders:
    """The orders of some blocks, whose customers begin at these rows of the whole. Used up."""
    sheets = [each.orders for each in frames]
    begins = np.cumsum([0, *(sheet.height for sheet in sheets)])
    placed = Numbers.joined([sheet.taken_steps("placed_at") for sheet in sheets])
    categories = Codes.of([sheet.taken("category") for sheet in sheets])
    count = len(categories.texts) + 1
    stretches = max(_KEYS // count, 1)
    width = int(placed.steps.max(initial=0)) // stretches + 1
    keys = (placed.steps // width).astype(np.min_scalar_type(stretches * count - 1))
    keys += categories.codes.astype(keys.dtype) * keys.dtype.type(stretches)
    came = np.argsort(keys, kind="stable").astype(np.uint32)
    every: dict[str, Numbers | Codes] = {"placed_at": placed, "category": categories}
    for name in ORDERS_IN_RULES.keys() - every.keys():
        if name in sheets[0].scales:
            every[name] = Numbers.joined([sheet.taken_steps(name) for sheet in sheets])
        else:
            every[name] = Codes.of([sheet.taken(name) for sheet in sheets])
    return Orders(
        row=moved([sheet.taken("row") for sheet in sheets], first_rows).take(came),
        columns={name: column.at(came) for name, column in every.items()},
        starts=np.concatenate(([0], np.cumsum(np.bincount(keys, minlength=stretches * count)))),
        stretches=stretches,
        width=width,
        details=[each.details for each in frames],
        begins=begins,
        came=came,
    )


def at_least(rows: Rows, size: int, count: int) -> Mask:
    """The customers, of `size`, who are named at least `count` times in `rows`."""
    if count > _FEW or (count > 1 and len(rows) > size):
        return np.bincount(rows, minlength=size) >= count
    found = np.zeros(size, np.bool_)
    kind = np.min_scalar_type(len(rows))
    latest = np.empty(size if count > 1 else 0, kind)
    for _ in range(count - 1):
        # Each customer keeps their last place; what is left are all their other ones.
        places = np.arange(len(rows), dtype=kind)
        latest[rows] = places
        rows = rows[latest.take(rows) != places]
    found[rows] = True
    return found


def sums(rows: Rows, amounts: npt.NDArray[np.int64], size: int) -> npt.NDArray[np.int64]:
    """The amounts of each customer added up, of `size`.

    NumPy adds up by row in floats, which are exact to 2^53. Each half of an amount stays below that by far.
    """
    low = np.bincount(rows, amounts & _LOW, size).astype(np.int64)
    return (np.bincount(rows, amounts >> _LOW_BITS, size).astype(np.int64) << _LOW_BITS) + low
