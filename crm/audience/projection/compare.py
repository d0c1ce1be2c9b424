"""Compares the projection with the customers and orders it is made of, row by row."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import polars as pl

from crm.audience.engine.tables import Tables

KEYS: Final = {"customer": "customer_id", "order": "order_id"}

SLICES: Final = 16
"""Rows are joined in so many slices; joining all together would take twice the memory of the tables."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One row that differs. `what` is "missing", "surplus", or the columns with both values."""

    kind: Literal["customer", "order"]
    id: str
    what: str


def differences(projection: Tables, truth: Tables) -> Iterator[Difference]:
    """The rows that the projection lacks, has in excess, or has with other values than the truth.

    Ignores erased customers, and orders of customers who are missing or erased.
    """
    yield from _of("customer", *(_present(tables) for tables in (projection, truth)))
    yield from _of("order", _owned(projection), _owned(truth))


def _of(kind: Literal["customer", "order"], have: pl.DataFrame, want: pl.DataFrame) -> Iterator[Difference]:
    for number in range(SLICES):
        here = pl.col(KEYS[kind]).hash() % SLICES == number
        yield from _of_slice(kind, have.filter(here), want.filter(here))


def _of_slice(
    kind: Literal["customer", "order"], have: pl.DataFrame, want: pl.DataFrame
) -> Iterator[Difference]:
    key = KEYS[kind]
    for row in want.join(have, on=key, how="anti")[key]:
        yield Difference(kind, row, "missing")
    for row in have.join(want, on=key, how="anti")[key]:
        yield Difference(kind, row, "surplus")
    names = [name for name in want.columns if name != key]
    both = want.join(have, on=key, how="inner", suffix=".have")
    unequal = both.filter(
        pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"{name}.have")) for name in names)
    )
    for row in unequal.iter_rows(named=True):
        what = _described(row, names)
        if what:
            yield Difference(kind, row[key], what)


def _described(row: Mapping[str, Any], names: list[str]) -> str:
    """The columns that differ, or nothing. The order of tags and attributes does not matter."""
    pairs = [(name, _plain(row[f"{name}.have"]), _plain(row[name])) for name in names]
    return ", ".join(f"{name}: {have!r} for {want!r}" for name, have, want in pairs if have != want)


def _plain(value: Any) -> Any:
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return {each["name"]: each for each in value}
    return sorted(value) if isinstance(value, list) else value


def _owned(tables: Tables) -> pl.DataFrame:
    return tables.orders.join(_present(tables), on="customer_id", how="semi")


def _present(tables: Tables) -> pl.DataFrame:
    return tables.customers.filter(~pl.col("removed"))
