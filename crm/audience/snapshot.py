"""The projection at one moment: a large part that stays, and a small one with whoever changed since.

A change costs what the changed customers weigh, not what all weigh: their whole rows and all their orders
move into the small part, and the large one no longer counts them. Every question is put to both.

Two rules of the writers make this right in whatever order the log is read, and however often. A commit that
changes an order also changes its customer, and the one whom the order leaves: it raises their versions. And
the rows of one commit stay together in a payload. So whoever is known in a version has all orders of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Final

import numpy as np
import polars as pl

from crm.audience.blocks import Frames, frames_of, frames_of_blocks
from crm.audience.columns import Mask
from crm.audience.parts import Part, part_of
from crm.audience.tables import Tables, empty, newest, rows_of

_VERSION: Final = ("customer_id", "version", "removed")


@dataclass(frozen=True, eq=False)
class Snapshot:
    """All customers and orders as of `as_of`.

    `changed` are the rows of `delta`; `stays` is false in `base` for customers who are in `delta`.
    """

    as_of: datetime
    base: Part
    delta: Part
    changed: Tables
    stays: Mask

    @cached_property
    def parts(self) -> tuple[tuple[Part, Mask], tuple[Part, Mask]]:
        """Both parts, each with the rows that count: known, not removed, and not newer in the other."""
        return (self.base, self.base.known & self.stays), (self.delta, self.delta.known)

    @property
    def attributes(self) -> Sequence[str]:
        """The names of all attributes that occur."""
        return sorted({name for part, _ in self.parts for name in part.attributes})

    @property
    def total(self) -> int:
        """How many customers there are."""
        return sum(int(np.count_nonzero(counts)) for _, counts in self.parts)


def snapshot_of(tables: Tables, as_of: datetime) -> Snapshot:
    """The tables laid out."""
    return _snapshot_of(part_of([frames_of(tables)]), as_of)


def snapshot_of_frames(frames: Sequence[Frames], as_of: datetime) -> Snapshot:
    """The customers and orders of some blocks' frames, which are used up."""
    return _snapshot_of(part_of(frames), as_of)


def snapshot_of_blocks(blocks: Sequence[bytes], as_of: datetime) -> Snapshot:
    """The customers and orders of those blocks. Raises ValueError for what is not a block."""
    return _snapshot_of(part_of(frames_of_blocks(blocks)), as_of)


def applied(snapshot: Snapshot, payloads: Sequence[bytes], as_of: datetime) -> Snapshot:
    """The snapshot after the changes in `payloads`. Raises ValueError for a payload that is not ours.

    Nothing changes by payloads that were applied before, or that are older than what is there.
    """
    told = rows_of(payloads)
    ids = pl.concat([told.customers["customer_id"], told.orders["customer_id"]]).unique()
    in_delta = ids.is_in(snapshot.changed.customers["customer_id"].implode())
    places = snapshot.base.places(ids.filter(~in_delta))
    here = pl.concat([snapshot.base.versions(places), snapshot.changed.customers.select(_VERSION)])
    customers, orders = _news(told, here)
    touched = pl.concat([customers["customer_id"], orders.filter(~pl.col("stale"))["customer_id"]]).unique()
    if touched.is_empty():
        return replace(snapshot, as_of=as_of)
    moving = snapshot.base.places(
        touched.filter(~touched.is_in(snapshot.changed.customers["customer_id"].implode()))
    )
    changed = Tables(
        newest([customers, snapshot.base.rows(moving), snapshot.changed.customers], "customer_id"),
        newest(
            [
                orders,
                *(
                    frame.with_columns(stale=False)
                    for frame in (snapshot.base.orders_of(moving), snapshot.changed.orders)
                ),
            ],
            "order_id",
        )
        .filter(~pl.col("stale"))
        .drop("stale"),
    )
    stays = snapshot.stays.copy()
    stays[moving] = False
    return Snapshot(as_of, snapshot.base, part_of([frames_of(changed)]), changed, stays)


def _news(told: Tables, here: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The customers who are newer than `here`, and all told orders with whether they are `stale`.

    A stale order belongs to a customer who is here in that version or a later one, and so with all the orders
    of that version. It says nothing new of them, but it still takes the order from whom it was of before.
    """
    known = here.select("customer_id", known_rank=_rank())
    customers = told.customers.join(known, on="customer_id", how="left")
    orders = told.orders.join(known, on="customer_id", how="left")
    return (
        customers.filter(pl.col("known_rank").is_null() | (_rank() > pl.col("known_rank"))).drop(
            "known_rank"
        ),
        orders.with_columns(stale=(2 * pl.col("told") <= pl.col("known_rank")).fill_null(False)).drop(
            "told", "known_rank"
        ),
    )


def _rank() -> pl.Expr:
    """Orders versions, and of one version the removal above the row."""
    return 2 * pl.col("version") + pl.col("removed").cast(pl.Int64)


def _snapshot_of(base: Part, as_of: datetime) -> Snapshot:
    return Snapshot(as_of, base, part_of([]), empty(), np.ones(base.size, np.bool_))
