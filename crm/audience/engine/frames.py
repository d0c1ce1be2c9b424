"""A partition's rows in data frames that are fast to load.

Lists are exploded to rows, repeated texts are enumerations and whole numbers are steps, so a reader mostly
concatenates partitions.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import polars as pl

from crm.audience.engine.numbers import AMOUNTS, COUNTS, INSTANTS, Numbers, Scale, Stepped, stepped, unstepped
from crm.audience.engine.tables import ATTRIBUTE, CUSTOMERS, INSTANT, ORDERS, Tables
from crm.customers.customer import TOTALS
from crm.customers.fields import PROFILE
from crm.customers.order import ORDER
from crm.customers.values import CHANNELS

STUB: Final = -1
"""The version of a row for a customer of whom a partition has only orders. Any real row replaces it."""

_CODED: Final = (
    *(name for name, spec in PROFILE.items() if spec.few_values),
    *(f"suppressions.{channel}" for channel in CHANNELS),
)
_CODED_OF_ORDERS: Final = tuple(
    name
    for name, spec in ORDER.items()
    if spec.few_values or (spec.in_rules and spec.kind in ("text", "choice"))
)
"""Text fields that are stored as enumerations."""
_AMOUNTS: Final = tuple(name for name, spec in (*TOTALS.items(), *ORDER.items()) if spec.kind == "money")
ORDERS_IN_RULES: Final = {name: spec for name, spec in ORDER.items() if spec.in_rules}
"""The fields of an order that rules may use."""
_DETAILS: Final = (
    "version",
    *(name for name in ORDER if name not in ("customer_id", "updated_at", *ORDERS_IN_RULES)),
)

_SHORT: Final = 2**16


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """A data frame whose whole numbers are steps, and whose columns can be taken out to save memory."""

    height: int
    columns: dict[str, pl.Series]
    scales: Mapping[str, Scale | None]
    """The scale of each column of steps."""

    @staticmethod
    def of(frame: pl.DataFrame, scales: Mapping[str, Scale | None]) -> "Sheet":
        """The sheet of a frame that was read from a block."""
        return Sheet(frame.height, {series.name: series for series in frame}, scales)

    @property
    def frame(self) -> pl.DataFrame:
        """All columns."""
        return pl.DataFrame(list(self.columns.values()))

    def steps(self, name: str) -> Stepped:
        """A column of whole numbers."""
        return self.columns[name], self.scales[name]

    def taken(self, name: str) -> pl.Series:
        """Remove and return a column, so that it is not in memory twice."""
        return self.columns.pop(name)

    def taken_steps(self, name: str) -> Stepped:
        """Remove and return a column of whole numbers."""
        return self.columns.pop(name), self.scales[name]

    def at(self, rows: Any) -> "Sheet":
        """Some of the rows."""
        return Sheet(
            len(rows), {name: series.gather(rows) for name, series in self.columns.items()}, self.scales
        )


class Details:
    """The fields of orders that rules do not use, unpacked on first use and then cached."""

    def __init__(self, unpack: Callable[[], Sheet]) -> None:
        self._unpack = unpack

    @cached_property
    def sheet(self) -> Sheet:
        """`order_id`, `version`, `currency`, and `updated_at` as the time since `placed_at`."""
        return self._unpack()


@dataclass(frozen=True, slots=True, eq=False)
class Frames:
    """`Tables` with lists exploded. `row` is the index of a customer in `customers`."""

    customers: Sheet
    """The columns of `tables.CUSTOMERS`, without tags and attributes."""
    tags: pl.DataFrame
    """`row` and `tag`."""
    attributes: pl.DataFrame
    """`row`, `name` and a column for each kind."""
    orders: Sheet
    """`row` and the fields that rules use, by category and time."""
    details: Details
    """The other fields of the same orders."""


def frames_of(tables: Tables) -> Frames:
    """The frames of tables, with customers sorted by id. Orders of removed customers are left out."""
    customers = _with_stubs(tables).sort("customer_id")
    row = pl.UInt16 if customers.height <= _SHORT else pl.UInt32
    rows = customers.with_row_index("row").with_columns(pl.col("row").cast(row))
    tags = rows.select("row", tag="tags").explode("tag").drop_nulls()
    attributes = rows.select("row", "attributes").explode("attributes").drop_nulls().unnest("attributes")
    kept = rows.filter(~pl.col("removed")).select("row", "customer_id")
    orders = tables.orders.join(kept, on="customer_id", how="inner").sort("category", "placed_at")
    coded = _coded(orders, _CODED_OF_ORDERS)
    since = pl.col("updated_at").to_physical() - pl.col("placed_at").to_physical()
    details = _sheet(coded.select(*_DETAILS, since.alias("updated_at")))
    return Frames(
        customers=_sheet(_coded(customers.drop("tags", "attributes"), _CODED)),
        tags=_coded(tags, ("tag",)),
        attributes=_coded(attributes, ("name",)),
        orders=_sheet(coded.select("row", *ORDERS_IN_RULES)),
        details=Details(lambda: details),
    )


def tables_of(frames: Frames) -> Tables:
    """The inverse of `frames_of`."""
    plain = _plain(frames.customers, CUSTOMERS)
    ids = plain.select("customer_id").with_row_index("row")
    tags = frames.tags.group_by("row", maintain_order=True).agg(tags=pl.col("tag").cast(pl.String))
    parts = [pl.col(field.name).cast(field.dtype) for field in ATTRIBUTE.fields]
    attributes = frames.attributes.group_by("row", maintain_order=True).agg(attributes=pl.struct(parts))
    lists = ids.select("row")
    for each in (tags, attributes):
        lists = lists.join(each.with_columns(pl.col("row").cast(pl.UInt32)), on="row", how="left")
    customers = (
        pl.concat([plain, lists.drop("row")], how="horizontal")
        .filter(pl.col("version") != STUB)
        .with_columns(pl.col("tags", "attributes").fill_null([]))
    )
    asked = _plain(frames.orders, ORDERS).with_columns(
        customer_id=ids["customer_id"].gather(frames.orders.columns["row"])
    )
    return Tables(
        customers.select(pl.col(name).cast(dtype) for name, dtype in CUSTOMERS.items()),
        orders_with(asked, [frames.details.sheet]),
    )


def orders_with(asked: pl.DataFrame, details: Sequence[Sheet]) -> pl.DataFrame:
    """The columns of `tables.ORDERS`, joined from the fields that rules use and the details, row by row."""
    if not details:
        return pl.DataFrame(schema=ORDERS)
    numbers = {name: Numbers.joined([each.steps(name) for each in details]) for name in details[0].scales}
    others = [name for name in details[0].columns if name not in numbers]
    every = np.arange(asked.height, dtype=np.uint32)
    whole = asked.with_columns(
        *(column.values(every).alias(name) for name, column in numbers.items()),
        *(pl.concat([each.columns[name].cast(ORDERS[name]) for each in details]) for name in others),
    ).with_columns(updated_at=pl.col("placed_at").to_physical() + pl.col("updated_at"))
    return whole.select(pl.col(name).cast(dtype) for name, dtype in ORDERS.items())


def _sheet(frame: pl.DataFrame) -> Sheet:
    columns: list[pl.Series] = []
    scales: dict[str, Scale | None] = {}
    for series in frame:
        if series.dtype in (pl.Int64, pl.Date, INSTANT):
            units = AMOUNTS if series.name in _AMOUNTS else COUNTS
            if series.dtype == INSTANT or series.name == "updated_at":
                units = INSTANTS
            series, scales[series.name] = stepped(series, units)
        columns.append(series)
    return Sheet.of(pl.DataFrame(columns), scales)


def _plain(sheet: Sheet, schema: Mapping[str, Any]) -> pl.DataFrame:
    """The columns that are in the schema, converted to its types."""
    return pl.DataFrame(
        [
            unstepped(sheet.steps(each.name), schema[each.name])
            if each.name in sheet.scales
            else each.cast(schema[each.name])
            for each in sheet.columns.values()
            if each.name in schema
        ]
    )


def _with_stubs(tables: Tables) -> pl.DataFrame:
    """The customers, and a stub for each customer of whom there are only orders."""
    orphans = (
        tables.orders.select("customer_id")
        .unique()
        .join(tables.customers.select("customer_id"), on="customer_id", how="anti")
    )
    if orphans.is_empty():
        return tables.customers
    empty: dict[str, object] = {"version": STUB, "removed": False, "known": False, "consent": True}
    stubs = orphans.select(
        pl.col("customer_id") if name == "customer_id" else pl.lit(empty.get(name), dtype).alias(name)
        for name, dtype in CUSTOMERS.items()
    ).with_columns(pl.col("tags", "attributes").fill_null([]))
    return pl.concat([tables.customers, stubs])


def _coded(frame: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    return frame.with_columns(
        pl.col(name).cast(pl.Enum(frame[name].drop_nulls().unique().sort())) for name in names
    )
