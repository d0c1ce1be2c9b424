"""A customer as we keep them: profile merged field by field, and totals that follow their orders."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from crm.customers.records import AttributeValue, Channel, CustomerRecord
from crm.kernel.money import Money

PLAIN_FIELDS = (
    "email",
    "phone",
    "name",
    "city",
    "country",
    "birthday",
    "created_at",
    "visits",
    "last_active_at",
    "tags",
    "consent",
)
MAPPING_FIELDS = ("consents", "attributes")


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """What the customer's orders add up to: all completed amounts, and the completed positive orders."""

    total_spend: Money = 0
    order_count: int = 0
    first_order_at: datetime | None = None
    last_order_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """One customer.

    `known` is false for a customer of whom only orders have arrived: they count in no audience yet.
    `field_times` holds, for each field ever set (`email`, `consents.sms`, `attributes.loyalty`), the source's
    time of the value. `suppressions` maps a channel to the reason why nothing may be sent there.
    `version` rises by one with every stored change. An erased customer keeps only their id and `erased_at`.
    """

    customer_id: str
    known: bool = False
    email: str | None = None
    phone: str | None = None
    name: str | None = None
    city: str | None = None
    country: str | None = None
    birthday: date | None = None
    created_at: datetime | None = None
    visits: int | None = None
    last_active_at: datetime | None = None
    tags: tuple[str, ...] = ()
    consent: bool = True
    consents: Mapping[Channel, bool] = field(default_factory=dict)
    attributes: Mapping[str, AttributeValue] = field(default_factory=dict)
    suppressions: Mapping[Channel, str] = field(default_factory=dict)
    field_times: Mapping[str, datetime] = field(default_factory=dict)
    totals: Totals = field(default_factory=Totals)
    version: int = 0
    erased_at: datetime | None = None


def merged(customer: Customer, record: CustomerRecord) -> Customer:
    """The customer after a record, whatever order records come in; the same object when nothing changes.

    Each field goes to the record with the later `updated_at`; of two at the same time one value outranks the
    other, so that all orders of arrival end alike. Nobody brings an erased customer back.
    """
    if customer.erased_at is not None:
        return customer
    at = record.updated_at
    if at is None:
        raise ValueError("a record is stamped with updated_at before it is merged")
    times = dict(customer.field_times)
    values: dict[str, Any] = {}

    def offer(path: str, old: Any, new: Any) -> bool:
        known_at = times.get(path)
        if known_at is not None and (at, _rank(path, new)) <= (known_at, _rank(path, old)):
            return False
        times[path] = at
        return True

    for name in PLAIN_FIELDS:
        if name in record.model_fields_set:
            new = _filled(name, getattr(record, name))
            if offer(name, getattr(customer, name), new):
                values[name] = new
    for name in MAPPING_FIELDS:
        entries = getattr(record, name) if name in record.model_fields_set else None
        kept = dict(getattr(customer, name))
        changed = False
        for key, new in (entries or {}).items():
            if offer(f"{name}.{key}", kept.get(key), new):
                changed = True
                if new is None:
                    kept.pop(key, None)
                else:
                    kept[key] = new
        if changed:
            values[name] = kept
    if not values and customer.known and times == customer.field_times:
        return customer
    return replace(customer, known=True, field_times=times, **values)


def erased(customer: Customer, at: datetime) -> Customer:
    """What is left of a customer who asked to be forgotten: that they did, and when."""
    return Customer(customer_id=customer.customer_id, version=customer.version, erased_at=at)


def _filled(name: str, value: Any) -> Any:
    """A null empties a field; emptied tags are no tags, and emptied consent is the default."""
    if value is None:
        return {"tags": (), "consent": True}.get(name)
    return tuple(sorted(set(value))) if name == "tags" else value


def _rank(path: str, value: Any) -> tuple[bool, str]:
    """A total order over values of one field, of any types, "nothing" first. A refusal outranks consent."""
    if path.startswith("consent") and value is not None:
        value = not value
    return (value is not None, repr(value))
