"""Orders laid out for counting: by category and then by day, so that a rule looks only where it may find.

"Two orders of shoes in the last 30 days" reads the last 30 days of shoes, not all orders.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from crm.audience.columns import AMOUNTS, INSTANTS, Bounds, Codes, Mask, Numbers, Rows
from crm.audience.tables import ORDERS

_DAY: Final = 86_400_000_000
_MOST_DAYS: Final = 2**16 - 1
_MOST_SLICES: Final = 100
"""Beyond so many, one pass over all orders is quicker than so many short ones."""
_LOW_BITS: Final = 26
_LOW: Final = (1 << _LOW_BITS) - 1
_SPARSE: Final = 200
"""Up to one order in so many customers it is quicker to sort them than to count for every customer."""


@dataclass(frozen=True, slots=True, eq=False)
class Orders:
    """Orders by category and day; `row` is the customer's.

    `columns` holds what rules ask for, `rest` what is left of `tables.ORDERS`, as it came: the order at a
    place is at `came[place]` there. `days` counts from `first` microseconds in steps of `width`; orders of
    a category lie from `starts[code]` on, those without one last.
    """

    row: Rows
    columns: Mapping[str, Numbers | Codes]
    days: npt.NDArray[np.uint16]
    starts: npt.NDArray[np.int64]
    first: int
    width: int
    rest: pl.DataFrame
    came: Rows

    def categories(self) -> Codes:
        """The category of each order."""
        column = self.columns["category"]
        assert isinstance(column, Codes)
        return column

    def amounts(self) -> Numbers:
        """The amount of each order."""
        column = self.columns["amount"]
        assert isinstance(column, Numbers)
        return column

    def statuses(self) -> Codes:
        """The status of each order."""
        column = self.columns["status"]
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
        columns = self.rest[self.came[places]].to_dict(as_series=True)
        columns |= {name: column.values(places.astype(np.uint32)) for name, column in self.columns.items()}
        columns["customer_id"] = ids.gather(self.row[places])
        return pl.DataFrame([columns[name].cast(dtype).alias(name) for name, dtype in ORDERS.items()])

    def _slices(self, codes: npt.NDArray[np.int64], placed: Bounds) -> Iterator[tuple[int, int]]:
        first, beyond = placed
        for code in codes:
            start, stop = int(self.starts[code]), int(self.starts[code + 1])
            days = self.days[start:stop]
            skipped = 0 if first is None else np.searchsorted(days, self._day(first), side="left")
            ended = len(days) if beyond is None else np.searchsorted(days, self._day(beyond), side="right")
            if skipped < ended:
                yield start + int(skipped), start + int(ended)

    def _day(self, at: int) -> np.uint16:
        """The day in the type of `days`; of another type, all days would be converted to search them."""
        return np.uint16(min(max((at - self.first) // self.width, 0), _MOST_DAYS))


def orders_of_frames(frames: Sequence[pl.DataFrame], row: Rows) -> Orders:
    """The orders of some blocks, whose frames are used up; `row` is the customer's in the whole."""
    categories = Codes.of([frame.drop_in_place("category") for frame in frames])
    placed = pl.concat([frame.drop_in_place("placed_at") for frame in frames], rechunk=True)
    at = placed.to_physical().to_numpy()
    first, last = (int(at.min()), int(at.max())) if len(at) else (0, 0)
    width = max(_DAY, (last - first) // _MOST_DAYS + 1)
    days = ((at - first) // width).astype(np.uint16)
    # Two passes over small numbers, the second keeping the order of the first: quicker than one over pairs.
    came = np.argsort(days, kind="stable").astype(np.uint32)
    came = came[np.argsort(categories.codes[came], kind="stable")]
    sorted_codes = categories.codes[came]
    amounts = pl.concat([frame.drop_in_place("amount") for frame in frames], rechunk=True)
    statuses = Codes.of([frame.drop_in_place("status") for frame in frames])
    rest = ("order_id", "version", "currency", "updated_at")
    return Orders(
        row=row[came],
        columns={
            "placed_at": _sorted(Numbers.of(placed, INSTANTS), came),
            "amount": _sorted(Numbers.of(amounts, AMOUNTS), came),
            "category": Codes(sorted_codes, categories.texts, categories.place),
            "status": Codes(statuses.codes[came], statuses.texts, statuses.place),
        },
        days=days[came],
        starts=np.searchsorted(sorted_codes, np.arange(len(categories.texts) + 2)),
        first=first,
        width=width,
        rest=pl.concat([frame.select(rest).cast({"currency": pl.Categorical}) for frame in frames]),
        came=came,
    )


def at_least(rows: Rows, size: int, count: int) -> Mask:
    """The customers, of `size`, who are named at least `count` times in `rows`."""
    if count > 1 and len(rows) * _SPARSE > size:
        return np.bincount(rows, minlength=size) >= count
    found = np.zeros(size, np.bool_)
    if count > 1:
        # In order, whoever is named so often stands again that much further on.
        ordered = np.sort(rows)
        rows = ordered[count - 1 :][ordered[count - 1 :] == ordered[: max(len(ordered) - count + 1, 0)]]
    found[rows] = True
    return found


def sums(rows: Rows, amounts: npt.NDArray[np.int64], size: int) -> npt.NDArray[np.int64]:
    """The amounts of each customer added up, of `size`.

    NumPy adds up by row in floats, which are exact to 2^53. Each half of an amount stays below that by far.
    """
    low = np.bincount(rows, amounts & _LOW, size).astype(np.int64)
    return (np.bincount(rows, amounts >> _LOW_BITS, size).astype(np.int64) << _LOW_BITS) + low


def _sorted(column: Numbers, came: Rows) -> Numbers:
    present = None if column.present is None else column.present[came]
    return Numbers(column.steps[came], present, column.base, column.unit)
