"""A part of the audience in columns: customers by row, with their tags, attributes and orders.

A part is immutable. Its rows are in the order of the blocks; `by_key` orders them independently of how
customers are spread over parts.
"""

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, partial
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl

from crm.audience.engine.columns import Codes, Column, Flags, Holders, Texts, moved
from crm.audience.engine.frames import Frames, frames_of
from crm.audience.engine.numbers import Mask, Numbers, Rows
from crm.audience.engine.orders import Orders, orders_of_frames
from crm.audience.engine.tables import ATTRIBUTE, CUSTOMERS, INSTANT, empty
from crm.audience.engine.tags import Tags
from crm.customers.changes import EPOCH, EPOCH_DAY, MICROSECOND

_CHUNK: Final = 4096
_SPARSE: Final = 64
"""If fewer than one row in this many is a member, sorting all members is faster than scanning `drawn`."""
_DRAWN: Final = 1 << 16
"""Rows that are scanned first for a sample."""

_PLAIN: Final = tuple(name for name in CUSTOMERS if name not in ("tags", "attributes"))
_INSTANTS: Final = tuple(name for name, dtype in CUSTOMERS.items() if dtype == INSTANT)
_DAYS: Final = tuple(name for name, dtype in CUSTOMERS.items() if dtype == pl.Date)
_KINDS: Final = tuple(each.name for each in ATTRIBUTE.fields if each.name != "name")


@dataclass(frozen=True, slots=True, eq=False)
class Attribute:
    """The values of one attribute."""

    holders: Holders
    """The rows with a value of any kind."""
    kinds: Mapping[str, tuple[Rows, pl.Series]]
    """The ascending rows with a value, and their values, by kind: `text`, `number`, `day` or `flag`. Kinds
    without values are left out."""


@dataclass(frozen=True, eq=False)
class Part:
    """The columns of some customers and their orders."""

    size: int
    """Number of rows."""
    columns: Mapping[str, Column]
    """By the names of `tables.CUSTOMERS`, without tags and attributes."""
    tags: Tags
    attributes: Mapping[str, Attribute]
    orders: Orders
    reasons: dict[str, Mapping[Any, Mask]] = field(default_factory=dict)
    """Cache of `reach.reasons`, by channel."""

    @cached_property
    def known(self) -> Mask:
        """The rows that belong to audiences: known and not removed."""
        return self.flags("known").yes & ~self.flags("removed").yes

    @cached_property
    def keys(self) -> npt.NDArray[np.uint64]:
        """A hash of each id."""
        return self.ids.hash().to_numpy()

    @cached_property
    def by_key(self) -> npt.NDArray[np.int64]:
        """The rows sorted by the hash of the id. Takes a tenth of a second for a million rows."""
        return np.argsort(self.keys)

    @cached_property
    def drawn(self) -> npt.NDArray[np.int64]:
        """The first rows by the hash of the id, a pseudo-random order for samples."""
        first = np.arange(self.size)
        if self.size > _DRAWN:
            first = np.argpartition(self.keys, _DRAWN)[:_DRAWN]
        return np.asarray(first[np.argsort(self.keys[first])])

    @cached_property
    def anniversaries(self) -> npt.NDArray[np.uint16]:
        """Each birthday as `32 * month + day`, 0 without one."""
        birthday = self.numbers("birthday").values(np.arange(self.size, dtype=np.uint32)).cast(pl.Int32)
        day = birthday.cast(pl.Date).dt
        return (day.month().cast(pl.UInt16) * 32 + day.day()).fill_null(0).to_numpy()

    @property
    def ids(self) -> pl.Series:
        """The customers' ids."""
        return self.texts("customer_id").series

    def numbers(self, name: str) -> Numbers:
        """A column of whole numbers."""
        column = self.columns[name]
        assert isinstance(column, Numbers)
        return column

    def flags(self, name: str) -> Flags:
        """A column of flags."""
        column = self.columns[name]
        assert isinstance(column, Flags)
        return column

    def codes(self, name: str) -> Codes:
        """A column of texts with few distinct values."""
        column = self.columns[name]
        assert isinstance(column, Codes)
        return column

    def texts(self, name: str) -> Texts:
        """A column of mostly distinct texts."""
        column = self.columns[name]
        assert isinstance(column, Texts)
        return column

    def places(self, ids: pl.Series) -> Rows:
        """The rows of those ids that are in this part."""
        keys = ids.unique().hash().to_numpy()
        start = np.searchsorted(self.keys, keys, side="left", sorter=self.by_key)
        stop = np.searchsorted(self.keys, keys, side="right", sorter=self.by_key)
        reach = np.arange(max((stop - start).max(initial=0), 0))
        near = (start[:, None] + reach)[reach < (stop - start)[:, None]]
        rows = self.by_key[near].astype(np.uint32)
        return np.asarray(rows[self.ids.gather(rows).is_in(ids.implode()).to_numpy()])

    def sample(self, members: Mask, limit: int) -> Rows:
        """Up to `limit` members, the first by key."""
        if np.count_nonzero(members) * _SPARSE >= self.size:
            found: list[int] = []
            for start in range(0, len(self.drawn), _CHUNK):
                rows = self.drawn[start : start + _CHUNK]
                found.extend(rows[members[rows]][: limit - len(found)])
                if len(found) == limit:
                    return np.array(found, np.uint32)
        rows = np.flatnonzero(members)
        if len(rows) > limit:
            rows = rows[np.argpartition(self.keys[rows], limit)[:limit]]
        return rows[np.argsort(self.keys[rows])].astype(np.uint32)

    def row(self, row: int) -> dict[str, Any]:
        """One row, by the names of `tables.CUSTOMERS`."""
        here = np.array([row], np.uint32)
        return {**self.some(here)[0], "attributes": self._attributes_of(here)[0]}

    def some(self, rows: Rows) -> list[dict[str, Any]]:
        """A few rows by the names of `tables.CUSTOMERS`, without attributes.

        Builds no data frame, which would take ten times as long.
        """
        found: list[dict[str, Any]] = []
        for row, tags in zip(rows, self.tags.of(rows), strict=True):
            values: dict[str, Any] = {name: column.value(int(row)) for name, column in self.columns.items()}
            for name in _INSTANTS:
                if values[name] is not None:
                    values[name] = EPOCH + values[name] * MICROSECOND
            for name in _DAYS:
                if values[name] is not None:
                    values[name] = date.fromordinal(EPOCH_DAY + values[name])
            found.append({**values, "tags": tags})
        return found

    def rows(self, rows: Rows) -> pl.DataFrame:
        """Those rows with the columns of `tables.CUSTOMERS`."""
        plain = {name: self._values(name, rows) for name in CUSTOMERS if name in self.columns}
        lists = {
            name: pl.Series(name, values, CUSTOMERS[name])
            for name, values in (("tags", self.tags.of(rows)), ("attributes", self._attributes_of(rows)))
        }
        return pl.DataFrame(
            [(plain | lists)[name].cast(dtype).alias(name) for name, dtype in CUSTOMERS.items()]
        )

    def versions(self, rows: Rows) -> pl.DataFrame:
        """`customer_id`, `version` and `removed` of those rows."""
        names = ("customer_id", "version", "removed")
        return pl.DataFrame([self._values(name, rows).alias(name) for name in names])

    def orders_of(self, rows: Rows) -> pl.DataFrame:
        """All orders of those customers, with the columns of `tables.ORDERS`."""
        return self.orders.rows(self.orders.of_customers(rows, self.size), self.ids)

    def _values(self, name: str, rows: Rows) -> pl.Series:
        column = self.columns[name]
        return column.series.gather(rows) if isinstance(column, Texts) else column.values(rows)

    def _attributes_of(self, rows: Rows) -> list[list[dict[str, Any]]]:
        nothing = dict.fromkeys(_KINDS)
        found: list[list[dict[str, Any]]] = [[] for _ in rows]
        for name, attribute in self.attributes.items():
            for kind, (having, values) in attribute.kinds.items():
                at = np.searchsorted(having, rows)
                near = np.minimum(at, len(having) - 1)
                for place in np.flatnonzero(having[near] == rows):
                    found[place].append({"name": name, **nothing, kind: values[int(near[place])]})
        return found


def part_of(frames: Sequence[Frames]) -> Part:
    """Join the frames of some blocks into one part. No customer may be in two of them.

    Joins columns concurrently, as many as there are processors, and empties the frames.
    """
    frames = frames or [frames_of(empty())]
    starts = np.cumsum([0, *(each.customers.height for each in frames)])
    size = int(starts[-1])
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        orders = threads.submit(orders_of_frames, frames, starts)  # first, because it takes the longest
        attributes = threads.submit(_attributes, [each.attributes for each in frames], starts, size)
        tags = threads.submit(Tags.joined, [each.tags for each in frames], starts, size)
        columns = dict(zip(_PLAIN, threads.map(partial(_column, frames), _PLAIN), strict=True))
        return Part(size, columns, tags.result(), attributes.result(), orders.result())


def _column(frames: Sequence[Frames], name: str) -> Column:
    if name in frames[0].customers.scales:
        return Numbers.joined([each.customers.taken_steps(name) for each in frames])
    parts = [each.customers.taken(name) for each in frames]
    if isinstance(parts[0].dtype, pl.Enum):
        return Codes.of(parts)
    series = pl.concat(parts, rechunk=True)
    return Texts(series) if series.dtype == pl.String else Flags.of(series)


def _attributes(
    parts: Sequence[pl.DataFrame], starts: npt.NDArray[np.int64], size: int
) -> Mapping[str, Attribute]:
    names = Codes.of([part["name"] for part in parts])
    rows = moved([part["row"] for part in parts], starts)
    columns = {kind: pl.concat([part[kind] for part in parts], rechunk=True) for kind in _KINDS}
    values = {kind: column for kind, column in columns.items() if column.null_count() < len(column)}
    found: dict[str, Attribute] = {}
    for name, places in names.places().items():
        mine = rows[places]
        kinds = {}
        for kind, column in values.items():
            theirs = column.gather(places)
            if theirs.null_count() < len(theirs):
                there = theirs.is_not_null()
                kinds[kind] = (mine[there.to_numpy()], theirs.filter(there))
        found[name] = Attribute(Holders.of(mine, size), kinds)
    return found
