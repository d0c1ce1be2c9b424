"""Blocks: a partition's customers and orders as bytes, in the shape from which the engine starts quickly.

For whoever stores them:

- `pack_block(tables) -> bytes` and `unpack_block(bytes) -> Tables` are inverses. A removed customer keeps a
  row of id and version, so that an old change of theirs stays old; their orders are left out.
- `snapshot.snapshot_of_blocks(blocks, as_of)` makes a snapshot of any number of blocks, quicker than by
  `Tables`; `snapshot.applied(snapshot, payloads, as_of)` brings the change log in.
- To fold the log into a partition: `tables.applied(unpack_block(block), payloads)` with the payloads whole,
  then keep the rows of the partition's customers. An order may have moved to a customer of another partition,
  and only the whole payload says so.
- No customer may be in two blocks. The order of blocks means nothing.

A block is four Arrow IPC streams with zstd, each after its length in four bytes: customers by id, tags,
attributes and orders. The last three name a customer by their row in the first. Texts of few values are
dictionaries.
"""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import BytesIO
from typing import Final

import polars as pl

from crm.audience.tables import ATTRIBUTE, CUSTOMERS, ORDERS, Tables
from crm.domain.records import CHANNELS

CODED: Final = ("city", "country", *(f"suppressions.{channel}" for channel in CHANNELS))
"""Texts of a customer that have few values, and those of an order."""
CODED_OF_ORDERS: Final = ("status", "category", "currency")

STUB: Final = -1
"""The version of a customer of whom only orders are known here. Any real row replaces it."""


@dataclass(frozen=True, slots=True, eq=False)
class Frames:
    """`Tables` with lists laid out and repeated texts coded.

    `customers` has the columns of `tables.CUSTOMERS` less tags and attributes, `tags` has `row` and `tag`,
    `attributes` has `row`, `name` and a column a kind, `orders` the columns of `tables.ORDERS` with `row` in
    place of `customer_id`. Coded columns are enumerations; each frame has its own.
    """

    customers: pl.DataFrame
    tags: pl.DataFrame
    attributes: pl.DataFrame
    orders: pl.DataFrame


def pack_block(tables: Tables) -> bytes:
    """The rows as a block."""
    packed = b""
    for frame in _each(frames_of(tables)):
        stream = BytesIO()
        frame.write_ipc_stream(stream, compression="zstd")
        packed += stream.tell().to_bytes(4, "little") + stream.getvalue()
    return packed


def unpack_block(block: bytes) -> Tables:
    """The rows of a block. Raises ValueError where it is cut off or not a block."""
    return tables_of(frames_in(block))


def frames_in(block: bytes) -> Frames:
    """The frames of a block. Raises ValueError where it is cut off or not a block."""
    streams: list[bytes] = []
    start = 0
    while start < len(block):
        end = start + 4 + int.from_bytes(block[start : start + 4], "little")
        streams.append(block[start + 4 : end])
        start = end
    if len(streams) != 4 or start != len(block):
        raise ValueError("not a block of the audience")
    try:
        return Frames(*(pl.read_ipc_stream(stream) for stream in streams))
    except (pl.exceptions.PolarsError, OSError) as error:
        raise ValueError(f"not a block of the audience: {error}") from error


def frames_of_blocks(blocks: Sequence[bytes]) -> list[Frames]:
    """The frames of each block. Most of it is decompression, so there are as many threads as processors."""
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        return list(threads.map(frames_in, blocks))


def frames_of(tables: Tables) -> Frames:
    """The tables as frames, customers by id. Orders of removed customers are left out."""
    customers = _with_stubs(tables).sort("customer_id")
    rows = customers.with_row_index("row").select("row", "customer_id", "removed", "tags", "attributes")
    kept = rows.filter(~pl.col("removed")).select("row", "customer_id")
    tags = rows.select("row", tag="tags").explode("tag").drop_nulls()
    attributes = rows.select("row", "attributes").explode("attributes").drop_nulls().unnest("attributes")
    return Frames(
        customers=_coded(customers.drop("tags", "attributes"), CODED),
        tags=_coded(tags, ("tag",)),
        attributes=_coded(attributes, ("name",)),
        orders=_coded(
            tables.orders.join(kept, on="customer_id", how="inner").drop("customer_id"), CODED_OF_ORDERS
        ),
    )


def tables_of(frames: Frames) -> Tables:
    """The inverse of `frames_of`."""
    rows = frames.customers.select("customer_id").with_row_index("row")
    tags = frames.tags.group_by("row", maintain_order=True).agg(tags=pl.col("tag").cast(pl.String))
    parts = [pl.col(field.name).cast(field.dtype) for field in ATTRIBUTE.fields]
    attributes = frames.attributes.group_by("row", maintain_order=True).agg(attributes=pl.struct(parts))
    customers = (
        frames.customers.with_row_index("row")
        .join(tags, on="row", how="left")
        .join(attributes, on="row", how="left")
        .filter(pl.col("version") != STUB)
        .with_columns(pl.col("tags", "attributes").fill_null([]))
    )
    return Tables(
        customers.select(pl.col(name).cast(dtype) for name, dtype in CUSTOMERS.items()),
        frames.orders.join(rows, on="row", how="inner").select(
            pl.col(name).cast(dtype) for name, dtype in ORDERS.items()
        ),
    )


def _each(frames: Frames) -> Iterator[pl.DataFrame]:
    yield from (frames.customers, frames.tags, frames.attributes, frames.orders)


def _with_stubs(tables: Tables) -> pl.DataFrame:
    """The customers, and one row for each who has orders here and no row."""
    lonely = (
        tables.orders.select("customer_id")
        .unique()
        .join(tables.customers.select("customer_id"), on="customer_id", how="anti")
    )
    if lonely.is_empty():
        return tables.customers
    empty: dict[str, object] = {"version": STUB, "removed": False, "known": False, "consent": True}
    stubs = lonely.select(
        pl.col("customer_id") if name == "customer_id" else pl.lit(empty.get(name), dtype).alias(name)
        for name, dtype in CUSTOMERS.items()
    ).with_columns(pl.col("tags", "attributes").fill_null([]))
    return pl.concat([tables.customers, stubs])


def _coded(frame: pl.DataFrame, names: tuple[str, ...]) -> pl.DataFrame:
    return frame.with_columns(
        pl.col(name).cast(pl.Enum(frame[name].drop_nulls().unique().sort())) for name in names
    )
