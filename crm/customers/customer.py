"""A customer: the profile, merged field by field from records, and totals over their orders."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Annotated, Any, Final

from crm.customers.fields import PROFILE, FieldSpec, Profile, specs_of
from crm.customers.records import CustomerRecord, others_of
from crm.customers.values import AttributeValue, Channel
from crm.kernel.money import Money
from crm.kernel.stored_values import canonical, is_same


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Sums over a customer's orders: the spend of all completed ones, the count and dates of those of a
    positive amount."""

    total_spend: Annotated[Money, FieldSpec(kind="money", label="total spend")] = 0
    order_count: Annotated[int, FieldSpec(kind="number", label="number of orders", counted="order")] = 0
    first_order_at: Annotated[
        datetime | None, FieldSpec(kind="instant", label="first order", in_lists=False)
    ] = None
    last_order_at: Annotated[datetime | None, FieldSpec(kind="instant", label="last order")] = None


TOTALS: Final = specs_of(Totals)


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer(Profile):
    """One customer. Of an erased one only `version` and `erased_at` are stored; `customer_id` is what the
    reader asked for, or empty."""

    tags: tuple[str, ...] = ()
    consent: bool = True
    known: bool = False
    """False while only orders of them have arrived: they are in no audience."""
    consents: Mapping[Channel, bool] = field(default_factory=dict)
    attributes: Mapping[str, AttributeValue] = field(default_factory=dict)
    suppressions: Mapping[Channel, str] = field(default_factory=dict)
    """By channel, the reason why nothing may be sent there."""
    field_times: Mapping[str, datetime] = field(default_factory=dict)
    """By field ever set (`email`, `consents.sms`, `attributes.loyalty`), the source's time of its value."""
    totals: Totals = field(default_factory=Totals)
    version: int = 0
    """Rises by one with every stored change."""
    erased_at: datetime | None = None
    others: Mapping[str, Any] = field(default_factory=dict)
    """Fields that this version does not know, as they are stored."""


MERGED: Final = tuple(name for name in PROFILE if name != "customer_id")
"""The fields that are merged as wholes; those of `MAPPINGS` are merged entry by entry."""

MAPPINGS: Final = ("consents", "attributes")

_EMPTY: Final = {each.name: each.default for each in fields(Customer)}


def merged(customer: Customer, record: CustomerRecord) -> Customer:
    """The customer after a record; the same object when nothing changes. Records may arrive in any order.

    Each field takes the value of the record with the latest `updated_at`. Of two values of the same time one
    outranks the other, whichever came first. An erased customer stays as they are. Raises ValueError for a
    record without `updated_at`.
    """
    if customer.erased_at is not None:
        return customer
    at = record.updated_at
    if at is None:
        raise ValueError("a record is stamped with updated_at before it is merged")
    times = dict(customer.field_times)
    values: dict[str, Any] = {}

    def wins(path: str, old: Any, new: Any) -> bool:
        known_at = times.get(path)
        if known_at is not None and not outranks(path, (at, new), (known_at, old)):
            return False
        times[path] = at
        return True

    for name in MERGED:
        if name in record.model_fields_set:
            new = _normalized(name, getattr(record, name))
            if wins(name, getattr(customer, name), new):
                values[name] = new
    for name in MAPPINGS:
        entries = getattr(record, name) if name in record.model_fields_set else None
        kept = dict(getattr(customer, name))
        changed = False
        for key, new in (entries or {}).items():
            if wins(f"{name}.{key}", kept.get(key), new):
                changed = True
                if new is None:
                    kept.pop(key, None)
                else:
                    kept[key] = new
        if changed:
            values[name] = kept
    if others := others_of(record):
        stored = customer.others
        won = {name: new for name, new in others.items() if wins(name, stored.get(name), new)}
        if won:
            values["others"] = {n: value for n, value in {**stored, **won}.items() if value is not None}
    if not values and customer.known and times == customer.field_times:
        return customer
    return replace(customer, known=True, field_times=times, **values)


def erased(customer: Customer, at: datetime) -> Customer:
    """The customer without anything but the id, which is not stored, the version and the time."""
    return Customer(customer_id=customer.customer_id, version=customer.version, erased_at=at)


def _normalized(name: str, value: Any) -> Any:
    """The value as a customer has it: null becomes the empty value of the field, tags become a sorted set."""
    if value is None:
        return _EMPTY[name]
    return tuple(sorted(set(value))) if name == "tags" else value


def outranks(path: str, new: tuple[datetime, Any], old: tuple[datetime, Any]) -> bool:
    """Whether a value of a field, with its time, replaces another: if it is later, or has the same time and a
    higher rank."""
    if new[0] != old[0]:
        return new[0] > old[0]
    return not is_same(new[1], old[1]) and _rank(path, new[1]) > _rank(path, old[1])


def _rank(path: str, value: Any) -> tuple[bool, str]:
    """A total order over the values of one field, of any types, None first. A refusal outranks consent."""
    if value is not None and (path == "consent" or path.startswith("consents.")):
        value = not value
    return (value is not None, canonical(value))
