"""The projection held against what it is made of, row by row."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import polars as pl

from crm.audience.engine.tables import Tables

KEYS: Final = {"customer": "customer_id", "order": "order_id"}

SLICES: Final = 16
"""Rows are joined a part at a time: all at once would take twice the memory of the tables themselves."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One row that differs. `what` is `missing`, `surplus`, or the columns with both values."""

    kind: Literal["customer", "order"]
    id: str
    what: str


def differences(projection: Tables, truth: Tables) -> Iterator[Difference]:
    """What the projection lacks, has too much, or has otherwise than the truth. Orders count only with a
    customer who is there and not erased."""
    yield from _of("customer", projection.customers, truth.customers)
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
        told = _told(row, names)
        if told:
            yield Difference(kind, row[key], told)


def _told(row: Mapping[str, Any], names: list[str]) -> str:
    """The columns that differ; of attributes the order says nothing."""
    pairs = [(name, _plain(row[f"{name}.have"]), _plain(row[name])) for name in names]
    return ", ".join(f"{name}: {have!r} for {want!r}" for name, have, want in pairs if have != want)


def _plain(value: Any) -> Any:
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return {each["name"]: each for each in value}
    return sorted(value) if isinstance(value, list) else value


def _owned(tables: Tables) -> pl.DataFrame:
    present = tables.customers.filter(~pl.col("removed"))
    return tables.orders.join(present, on="customer_id", how="semi")
