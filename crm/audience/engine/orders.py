"""Orders sorted by category and then by time, so that a rule reads only the slices that can match.

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
"""Number of slices (category and period): NumPy sorts keys of two bytes in linear time."""
_MOST_SLICES: Final = 100
"""Above this number of categories, one pass over all orders is faster than many short ones."""
_LOW_BITS: Final = 26
_LOW: Final = (1 << _LOW_BITS) - 1
_FEW: Final = 8
"""Up to this number of orders, removing each customer's last order repeatedly is faster than counting."""


@dataclass(frozen=True, slots=True, eq=False)
class Orders:
    """Orders sorted by category and period. An order's index in the sorted columns is its place."""

    row: Rows
    """The customer's row."""
    columns: Mapping[str, Numbers | Codes]
    """The fields that rules use, by name."""
    starts: npt.NDArray[np.int64]
    """Where each slice begins: category `code` in period `n` at `starts[code * periods + n]`. Orders
    without a category come last."""
    periods: int
    """Number of periods of a category."""
    width: int
    """Length of a period in steps of `placed_at`."""
    details: Sequence[Details]
    """The other fields, by block, unsorted."""
    begins: npt.NDArray[np.int64]
    """Number of the first order of each block in `details`."""
    came: Rows
    """Number in `details` of the order at each place."""

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
        """The ranges of places that may hold orders of the chosen categories placed within the bounds.

        `chosen` has an entry for each category, and a last one for no category.
        """
        if chosen.all() and placed == (None, None):
            return [(0, len(self.row))]
        codes = np.flatnonzero(chosen)
        if len(codes) > _MOST_SLICES:
            return [(0, len(self.row))]
        return list(self._slices(codes, placed))

    def of_customers(self, rows: Rows, size: int) -> npt.NDArray[np.int64]:
        """The places of all orders of the customers in these rows, of `size` rows in all."""
        wanted = np.zeros(size, np.bool_)
        wanted[rows] = True
        return np.flatnonzero(wanted.take(self.row))

    def rows(self, places: npt.NDArray[np.int64], ids: pl.Series) -> pl.DataFrame:
        """Those orders with the columns of `tables.ORDERS`; `ids` are the customers' ids by row."""
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
        skipped = 0 if first is None else self._period(first)
        last = self.periods - 1 if beyond is None else self._period(beyond)
        for code in codes:
            start, stop = (int(self.starts[code * self.periods + n]) for n in (skipped, last + 1))
            if start < stop:
                yield start, stop

    def _period(self, at: int) -> int:
        return min(max(self.placed().step(at) // self.width, 0), self.periods - 1)


def orders_of_frames(frames: Sequence[Frames], first_rows: npt.NDArray[np.int64]) -> Orders:
    """The orders of some blocks, whose customers begin at `first_rows`. Empties the frames' orders."""
    sheets = [each.orders for each in frames]
    begins = np.cumsum([0, *(sheet.height for sheet in sheets)])
    placed = Numbers.joined([sheet.taken_steps("placed_at") for sheet in sheets])
    categories = Codes.of([sheet.taken("category") for sheet in sheets])
    count = len(categories.texts) + 1
    periods = max(_KEYS // count, 1)
    width = int(placed.steps.max(initial=0)) // periods + 1
    keys = (placed.steps // width).astype(np.min_scalar_type(periods * count - 1))
    keys += categories.codes.astype(keys.dtype) * keys.dtype.type(periods)
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
        starts=np.concatenate(([0], np.cumsum(np.bincount(keys, minlength=periods * count)))),
        periods=periods,
        width=width,
        details=[each.details for each in frames],
        begins=begins,
        came=came,
    )


def at_least(rows: Rows, size: int, count: int) -> Mask:
    """The customers, of `size`, whose row occurs at least `count` times in `rows`."""
    if count > _FEW or (count > 1 and len(rows) > size):
        return np.bincount(rows, minlength=size) >= count
    found = np.zeros(size, np.bool_)
    kind = np.min_scalar_type(len(rows))
    latest = np.empty(size if count > 1 else 0, kind)
    for _ in range(count - 1):
        # Removes the last occurrence of each customer.
        places = np.arange(len(rows), dtype=kind)
        latest[rows] = places
        rows = rows[latest.take(rows) != places]
    found[rows] = True
    return found


def sums(rows: Rows, amounts: npt.NDArray[np.int64], size: int) -> npt.NDArray[np.int64]:
    """The sum of each customer's amounts, of `size` customers.

    NumPy sums weights in floats, which are exact to 2^53, so the halves of an amount are summed separately.
    """
    low = np.bincount(rows, amounts & _LOW, size).astype(np.int64)
    return (np.bincount(rows, amounts >> _LOW_BITS, size).astype(np.int64) << _LOW_BITS) + low
