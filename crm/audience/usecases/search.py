"""Search customers by name, e-mail or id."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
import polars as pl

from crm.audience.engine.conditions import text_holds
from crm.audience.engine.numbers import Mask
from crm.audience.engine.parts import Part
from crm.audience.engine.snapshot import Snapshot
from crm.audience.json_values import customer_as_json


def search_customers(
    snapshot: Snapshot, query: str | None, after: str | None, limit: int
) -> list[dict[str, Any]]:
    """Customers whose name, e-mail or id contains `query`, ignoring case: up to `limit` by id, after `after`.

    Each is as `customer_as_json`.
    """
    part_of_text = query.strip().lower() if query else ""
    found = [
        (customer_id, part, row)
        for part, counts in snapshot.parts
        for customer_id, row in _first_found(part, counts, part_of_text, after, limit)
    ]
    found.sort(key=lambda each: each[0])
    return [customer_as_json(part.some(np.array([row], np.uint32))[0]) for _, part, row in found[:limit]]


def _first_found(
    part: Part, counts: Mask, part_of_text: str, after: str | None, limit: int
) -> Iterator[tuple[str, int]]:
    """The ids and rows of the first customers after `after` with that part in a text."""
    wanted = counts
    if part_of_text:
        holds = partial(text_holds, operator="contains", values=[part_of_text])
        open_ = counts
        for name in ("name", "email", "customer_id"):
            open_ = open_ & ~part.texts(name).where(holds, open_, part_of_text)
        wanted = counts & ~open_
    rows = pl.DataFrame({"id": part.ids, "wanted": wanted}).with_row_index("row").filter("wanted")
    if after is not None:
        rows = rows.filter(pl.col("id") > after)
    yield from rows.bottom_k(limit, by="id").select("id", "row").iter_rows()
