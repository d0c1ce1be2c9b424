"""The change log's wire format: the customers and orders that one commit changed, packed.

A payload is zlib over JSON, column by column: `{"v":1,"customers":{column:[…]},"orders":{column:[…]}}`.
Times are microseconds since 1970 in UTC, days are days since 1970, money is ten-thousandths. Each row has a
`version`: among rows with the same id the highest wins, so payloads may arrive twice and in any order.
A newer version adds columns and leaves the others as they are, also where it raises `v`.
Encoding does not need polars, which keeps the consumer small and quick to start.
"""

import json
import zlib
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from operator import attrgetter
from typing import Any, Final, NamedTuple, TypeVar

from crm.customers.customer import TOTALS, Customer
from crm.customers.fields import PROFILE, Kind
from crm.customers.order import ORDER, Order
from crm.customers.values import CHANNELS, AttributeValue
from crm.kernel.batches import halved

FORMAT = 1
MAX_PAYLOAD = 900_000
"""Bytes; a Firestore document holds one MiB with its names and times."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
EPOCH_DAY = date(1970, 1, 1).toordinal()

Columns = dict[str, list[Any]]
T = TypeVar("T")


def encode(customers: Sequence[Customer], orders: Sequence[Order]) -> list[bytes]:
    """The rows as payloads of less than `MAX_PAYLOAD` bytes each; none where there are no rows.

    An erased customer becomes a removal: id, version and nothing else. A single row larger than that is one
    payload all the same. Several payloads of one call share a commit id and must be stored in one commit and
    read together: an order in one may have been taken from a customer in another.
    """
    if not customers and not orders:
        return []
    whole = _packed(customers, orders, None)
    if _fits(whole) or len(customers) + len(orders) == 1:
        return [whole]
    return _parts(customers, orders, sha256(whole).hexdigest()[:16])


class Decoded(NamedTuple):
    """Customer and order columns of a payload; `commit` is the commit's id if it has several payloads."""

    customers: Columns
    orders: Columns
    commit: str | None


def decode(payload: bytes) -> Decoded:
    """Decode one payload of `encode`, of this version or a newer one. Raises ValueError if it is damaged.

    Columns that this version does not know are among the others; those that it lacks are missing.
    """
    try:
        body = json.loads(zlib.decompress(payload))
    except zlib.error as error:
        raise ValueError(f"a change log payload that does not unpack: {error}") from error
    if not isinstance(body.get("v"), int):
        raise ValueError("not a change log payload: it names no format")
    return Decoded(body.get("customers", {}), body.get("orders", {}), body.get("commit"))


def _parts(customers: Sequence[Customer], orders: Sequence[Order], commit: str) -> list[bytes]:
    """The customers, then the orders, each halved until every payload fits."""

    def of_customers(rows: Sequence[Customer]) -> bytes:
        return _packed(rows, (), commit)

    def of_orders(rows: Sequence[Order]) -> bytes:
        return _packed((), rows, commit)

    return [
        *map(of_customers, halved(customers, lambda rows: _fits(of_customers(rows)))),
        *map(of_orders, halved(orders, lambda rows: _fits(of_orders(rows)))),
    ]


def _fits(payload: bytes) -> bool:
    return len(payload) < MAX_PAYLOAD


def _packed(customers: Sequence[Customer], orders: Sequence[Order], commit: str | None) -> bytes:
    body = {
        "v": FORMAT,
        "customers": _columns(customers, _CUSTOMER),
        "orders": _columns(orders, _ORDER),
        **({"commit": commit} if commit else {}),
    }
    text = json.dumps(body, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return zlib.compress(text.encode(), 1)


def microseconds(at: datetime) -> int:
    """Microseconds since 1970 in UTC."""
    return (at - EPOCH) // MICROSECOND


def day_number(day: date) -> int:
    """Days since 1970."""
    return day.toordinal() - EPOCH_DAY


def _columns(rows: Sequence[T], getters: Mapping[str, Callable[[T], Any]]) -> Columns:
    return {name: [get(row) for row in rows] for name, get in getters.items()} if rows else {}


def _attributes(customer: Customer) -> list[tuple[str, str, str | float | bool]]:
    """`[name, kind, value]` for each attribute, the kind being t(ext), n(umber), d(ay) or f(lag)."""
    return [(name, *_typed(value)) for name, value in customer.attributes.items()]


def _typed(value: AttributeValue) -> tuple[str, str | float | bool]:
    if isinstance(value, bool):
        return "f", value
    if isinstance(value, date):
        return "d", day_number(value)
    if isinstance(value, str):
        return "t", value
    return "n", float(value)


def _getter(kind: Kind, path: str) -> Callable[[Any], Any]:
    """A function that reads the attribute at `path` of a row and encodes it as a value of `kind`."""
    value = attrgetter(path)
    match kind:
        case "instant":
            return lambda row: None if (at := value(row)) is None else microseconds(at)
        case "day":
            return lambda row: None if (day := value(row)) is None else day_number(day)
        case _:
            return value


_CUSTOMER: Mapping[str, Callable[[Customer], Any]] = {
    **{name: _getter(spec.kind, name) for name, spec in PROFILE.items()},
    "version": lambda c: c.version,
    "removed": lambda c: c.erased_at is not None,
    "known": lambda c: c.known,
    "consents": lambda c: [c.consents.get(channel) for channel in CHANNELS],
    "suppressions": lambda c: [c.suppressions.get(channel) for channel in CHANNELS],
    "attributes": _attributes,
    **{name: _getter(spec.kind, f"totals.{name}") for name, spec in TOTALS.items()},
}

_ORDER: Mapping[str, Callable[[Order], Any]] = {
    **{name: _getter(spec.kind, name) for name, spec in ORDER.items()},
    "version": lambda o: o.version,
}

CUSTOMER_COLUMNS: Final = tuple(_CUSTOMER)
ORDER_COLUMNS: Final = tuple(_ORDER)
"""The columns of a payload."""
