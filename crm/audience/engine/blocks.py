"""Blocks: a partition's customers and orders as bytes, in a layout that the engine loads quickly.

- `pack_block(tables) -> bytes` and `unpack_block(bytes) -> Tables` are inverses. Of a removed customer the
  orders are left out. A block has no byte of any other rows.
- `snapshot.snapshot_of_blocks(blocks, as_of)` makes a snapshot of blocks, faster than through `Tables`;
  `snapshot.applied(snapshot, payloads, as_of)` applies the change log.
- `projection.partitions.folded` folds the log into one partition. It needs whole payloads: an order may have
  moved to a customer of another partition, and only the whole payload says so.
- No customer may be in two blocks. The order of blocks has no meaning.

A block is a header in JSON, `{"v": 2, "scales": {stream: {column: [base, unit, top] or null}}}`, and five
Arrow IPC streams with zstd, each after its length in four bytes: customers by id, tags, attributes, orders,
and the details of the same orders. Rows name a customer by their row in the first. Texts with few distinct
values are dictionaries.

A newer version adds columns and streams, and leaves the others as they are, also where it raises `v`. What
this version does not know is left out. A column that an older version did not write reads as empty: its
values, if there are any, are in the documents only, and `crm audience rebuild` reads them from there.
"""

import json
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from io import BytesIO
from typing import Any, Final

import polars as pl

from crm.audience.engine.frames import Details, Frames, Sheet, frames_of, tables_of
from crm.audience.engine.numbers import Scale
from crm.audience.engine.tables import Tables, empty

FORMAT: Final = 2
_STREAMS: Final = ("customers", "tags", "attributes", "orders", "details")
_ALWAYS: Final = frozenset({"customer_id", "version", "removed", "row", "order_id"})
"""Columns that every version writes."""


def pack_block(tables: Tables) -> bytes:
    """The rows as a block."""
    frames = frames_of(tables)
    sheets = {"customers": frames.customers, "orders": frames.orders, "details": frames.details.sheet}
    plain = {"tags": frames.tags, "attributes": frames.attributes}
    scales = {
        name: {each: _described(scale) for each, scale in sheet.scales.items()}
        for name, sheet in sheets.items()
    }
    packed = [json.dumps({"v": FORMAT, "scales": scales}, separators=(",", ":")).encode()]
    every = plain | {name: sheet.frame for name, sheet in sheets.items()}
    for name in _STREAMS:
        stream = BytesIO()
        # In the newest layout polars writes whole buffers, also the texts of rows that were filtered out.
        every[name].write_ipc_stream(stream, compression="zstd", compat_level=pl.CompatLevel.oldest())
        packed.append(stream.getvalue())
    return b"".join(len(part).to_bytes(4, "little") + part for part in packed)


def unpack_block(block: bytes) -> Tables:
    """The rows of a block. Raises ValueError for truncated or other bytes."""
    return tables_of(frames_in(block))


def frames_in(block: bytes) -> Frames:
    """The frames of a block. Raises ValueError for truncated or other bytes."""
    header, *streams = _parts(block)
    try:
        described = json.loads(header)
        if described["v"] < FORMAT:
            raise ValueError("of an older format")
        scales = {
            name: {each: _scale(it) for each, it in described["scales"][name].items()}
            for name in described["scales"]
        }
        customers, tags, attributes, orders, details = streams[: len(_STREAMS)]
        return Frames(
            customers=_sheet("customers", pl.read_ipc_stream(customers), scales["customers"]),
            tags=pl.read_ipc_stream(tags),
            attributes=pl.read_ipc_stream(attributes),
            orders=_sheet("orders", pl.read_ipc_stream(orders), scales["orders"]),
            details=Details(lambda: _sheet("details", pl.read_ipc_stream(details), scales["details"])),
        )
    except (pl.exceptions.PolarsError, OSError, ValueError, KeyError, TypeError) as error:
        raise ValueError(f"not a block of the audience: {error}") from error


def frames_of_blocks(blocks: Sequence[bytes]) -> list[Frames]:
    """The frames of each block. This is mostly decompression, so one thread for each processor."""
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        return list(threads.map(frames_in, blocks))


def _sheet(name: str, frame: pl.DataFrame, scales: Mapping[str, Scale | None]) -> Sheet:
    """A sheet with the columns that this version knows. Raises ValueError where one is missing that
    every version writes."""
    layout = _layout()[name]
    lacking = layout.columns.keys() - {*frame.columns}
    if lacking & _ALWAYS:
        raise ValueError(f"without {', '.join(sorted(lacking & _ALWAYS))}")
    columns = {
        column: frame[column]
        if column not in lacking
        else pl.Series(column, [None] * frame.height, like.dtype)
        for column, like in layout.columns.items()
    }
    of_steps = {column: scales.get(column) for column in layout.scales}
    return Sheet(frame.height, columns, of_steps)


@cache
def _layout() -> Mapping[str, Sheet]:
    """The columns of each sheet, without rows."""
    frames = frames_of(empty())
    return {"customers": frames.customers, "orders": frames.orders, "details": frames.details.sheet}


def _parts(block: bytes) -> list[bytes]:
    parts: list[bytes] = []
    start = 0
    while start < len(block):
        end = start + 4 + int.from_bytes(block[start : start + 4], "little")
        parts.append(block[start + 4 : end])
        start = end
    if start != len(block) or not parts:
        raise ValueError("not a block of the audience")
    return parts


def _described(scale: Scale | None) -> list[int] | None:
    return None if scale is None else [scale.base, scale.unit, scale.top]


def _scale(described: Any) -> Scale | None:
    return None if described is None else Scale(*described[:3])
