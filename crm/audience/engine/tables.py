"""The rows of the projection as polars frames. Of several rows of one id the highest version wins.

Applying changes is commutative and idempotent, so the change log may be read twice, late and in any order.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from crm.customers import changes
from crm.customers.customer import TOTALS
from crm.customers.fields import PROFILE, Kind
from crm.customers.order import ORDER
from crm.customers.values import CHANNELS

INSTANT: Final = pl.Datetime("us", "UTC")
ATTRIBUTE: Final = pl.Struct(
    {"name": pl.String, "text": pl.String, "number": pl.Float64, "day": pl.Date, "flag": pl.Boolean}
)
"""One attribute of a customer: its name, and its value in the column of its kind; the others are null."""

TYPES: Final[Mapping[Kind, Any]] = {
    "text": pl.String,
    "number": pl.Int64,
    "money": pl.Int64,
    "day": pl.Date,
    "instant": INSTANT,
    "flag": pl.Boolean,
    "choice": pl.String,
    "tags": pl.List(pl.String),
}

CUSTOMERS: Final[Mapping[str, Any]] = {
    **{name: TYPES[spec.kind] for name, spec in PROFILE.items()},
    "version": pl.Int64,
    "removed": pl.Boolean,
    "known": pl.Boolean,
    **{f"consents.{channel}": pl.Boolean for channel in CHANNELS},
    **{f"suppressions.{channel}": pl.String for channel in CHANNELS},
    "attributes": pl.List(ATTRIBUTE),
    **{name: TYPES[spec.kind] for name, spec in TOTALS.items()},
}
"""Money is in ten-thousandths. `removed` marks an erased customer, of whom only the id is kept."""

ORDERS: Final[Mapping[str, Any]] = {
    **{name: TYPES[spec.kind] for name, spec in ORDER.items()},
    "version": pl.Int64,
}

_DECODED_TOGETHER: Final = 50
"""Payloads decoded together: as Python objects they take ten times the memory of frames."""


@dataclass(frozen=True, slots=True, eq=False)
class Tables:
    """Every customer and every order once, in no particular order."""

    customers: pl.DataFrame
    orders: pl.DataFrame


def empty() -> Tables:
    """Tables without rows."""
    return Tables(pl.DataFrame(schema=CUSTOMERS), pl.DataFrame(schema=ORDERS))


def applied(tables: Tables, payloads: Sequence[bytes]) -> Tables:
    """The tables after the changes in `payloads`. Raises ValueError for a payload that is not ours."""
    changes = rows_of(payloads)
    return Tables(
        newest([changes.customers.drop("payload"), tables.customers], "customer_id"),
        newest([changes.orders.select(ORDERS.keys()), tables.orders], "order_id"),
    )


def rows_of(payloads: Sequence[bytes]) -> Tables:
    """All rows of the payloads, repeated rows included.

    Both frames have `payload`, the number of the payload, or of the first one where a commit has several.
    Orders also have `customer_version`: the version of their customer under the same number, null without
    one.
    """
    firsts: dict[str, int] = {}
    parts = [
        _decoded(payloads[start : start + _DECODED_TOGETHER], start, firsts)
        for start in range(0, len(payloads), _DECODED_TOGETHER)
    ] or [_decoded((), 0, firsts)]
    customers = pl.concat([part.customers for part in parts])
    orders = pl.concat([part.orders for part in parts])
    versions = customers.select("payload", "customer_id", customer_version="version").unique(
        ["payload", "customer_id"]
    )
    owned = orders.join(versions, on=["payload", "customer_id"], how="left", maintain_order="left")
    return Tables(customers, owned)


def newest(frames: Sequence[pl.DataFrame], key: str) -> pl.DataFrame:
    """One row a key, the one of the highest version; of equal ones the one of the last frame."""
    rows = pl.concat([frame for frame in frames if frame.height] or [frames[0].clear()])
    rank = [name for name in ("version", "removed") if name in rows.columns]
    return rows.sort(rank, maintain_order=True).unique(key, keep="last")


def _decoded(payloads: Sequence[bytes], first: int, firsts: dict[str, int]) -> Tables:
    customers: changes.Columns = {}
    orders: changes.Columns = {}
    for number, payload in enumerate(payloads, start=first):
        more = changes.decode(payload)
        if more.commit is not None:
            number = firsts.setdefault(more.commit, number)
        for every, columns, fields in (
            (customers, more.customers, changes.CUSTOMER_COLUMNS),
            (orders, more.orders, changes.ORDER_COLUMNS),
        ):
            rows = len(columns.get("version", ()))
            every.setdefault("payload", []).extend([number] * rows)
            # A payload of a version without a column lacks it; one that this version lacks is left out.
            _extend(every, {name: columns.get(name) or [None] * rows for name in fields} if rows else {})
    return Tables(
        _customers(customers, {**CUSTOMERS, "payload": pl.Int64}),
        _frame(orders, {**ORDERS, "payload": pl.Int64}),
    )


def _extend(columns: changes.Columns, more: changes.Columns) -> None:
    for name, values in more.items():
        columns.setdefault(name, []).extend(values)


def _customers(columns: changes.Columns, schema: Mapping[str, Any]) -> pl.DataFrame:
    for name in ("consents", "suppressions"):
        values = columns.pop(name, [])
        for place, channel in enumerate(CHANNELS):
            # A version that knew fewer channels lists fewer.
            columns[f"{name}.{channel}"] = [
                each[place] if each and place < len(each) else None for each in values
            ]
    tags, attributes = ([each or [] for each in columns.pop(name, [])] for name in ("tags", "attributes"))
    lists = {
        "tags": _lists(tags, pl.Series([tag for row in tags for tag in row], dtype=pl.String)),
        "attributes": _lists(attributes, _attributes([each for row in attributes for each in row])),
    }
    return pl.DataFrame(
        [
            lists[name].alias(name) if name in lists else _series(name, columns.get(name, []), dtype)
            for name, dtype in schema.items()
        ]
    )


_COLUMN_OF_KIND: Final = {"t": "text", "n": "number", "d": "day", "f": "flag"}


def _attributes(every: Sequence[Sequence[Any]]) -> pl.Series:
    """Structs of `ATTRIBUTE`, built by column: polars takes ten times as long to build them one by one."""
    columns: changes.Columns = {"name": [each[0] for each in every]}
    for kind, column in _COLUMN_OF_KIND.items():
        columns[column] = [each[2] if each[1] == kind else None for each in every]
    types = {field.name: field.dtype for field in ATTRIBUTE.fields}
    return pl.DataFrame([_series(name, columns[name], dtype) for name, dtype in types.items()]).to_struct()


def _lists(rows: Sequence[Sequence[Any]], every: pl.Series) -> pl.Series:
    """One list for each row, cut from the concatenated values of all rows."""
    counts = pl.Series([len(row) for row in rows], dtype=pl.UInt32)
    numbers = pl.int_range(len(rows), dtype=pl.UInt32, eager=True)
    of = pl.DataFrame({"row": numbers, "count": counts}).select(pl.col("row").repeat_by("count").explode())
    lists = of.drop_nulls().with_columns(each=every).group_by("row", maintain_order=True).agg("each")
    found = pl.DataFrame({"row": numbers}).join(lists, on="row", how="left", maintain_order="left")
    return found["each"].fill_null([])


def _frame(columns: changes.Columns, schema: Mapping[str, Any]) -> pl.DataFrame:
    return pl.DataFrame([_series(name, columns.get(name, []), dtype) for name, dtype in schema.items()])


def _series(name: str, values: list[Any], dtype: Any) -> pl.Series:
    """A typed column. Times and days are given as whole numbers."""
    if dtype == INSTANT:
        return pl.Series(name, values, pl.Int64).cast(dtype)
    if dtype == pl.Date:
        return pl.Series(name, values, pl.Int32).cast(dtype)
    return pl.Series(name, values, dtype)
