"""The messages of the `records` topic: `{"kind":"customers"|"orders","records":[…]}`, many records in one.

A customer's records stay in one message where possible, so that concurrent commits rarely change the same
customer.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from crm.customers.customer import TOTALS
from crm.customers.dead_letters import KIND, MAX_PACK, DeadLetter
from crm.customers.others import MAX_ITEMS, MAX_WIDTH, fault_of
from crm.customers.records import CustomerMessage, CustomerRecord, OrderMessage, OrderRecord, others_of
from crm.kernel import raw_json
from crm.kernel.batches import packed
from crm.kernel.errors import Invalid
from crm.kernel.validation import Refusals, refused
from crm.retention import EXPIRES
from crm.schemas import SCHEMA

Kind = Literal["customers", "orders"]
Record = CustomerRecord | OrderRecord

MODELS: Mapping[Kind, type[CustomerRecord] | type[OrderRecord]] = {
    "customers": CustomerRecord,
    "orders": OrderRecord,
}
"""Records as the API and imports take them."""

_MESSAGES: Mapping[Kind, type[CustomerMessage] | type[OrderMessage]] = {
    "customers": CustomerMessage,
    "orders": OrderMessage,
}
"""Records as the topic has them."""

_TAKEN: frozenset[str] = frozenset(
    (
        *("customer_key", "erased_at", "field_times", "known", "suppressions", "version"),
        *(EXPIRES, SCHEMA, *TOTALS),
    )
)
"""Names that documents of customers and orders use for what no record says."""

MIN_WEIGHT = MAX_PACK // 500
"""What a shorter record counts as, in bytes: so a message has at most 500 records."""

SOURCE = "records"

MAX_RECORDS = 5_000
"""Records of a message that is taken apart where something in it is wrong. Ours have at most 500."""


def pack(kind: Kind, records: Iterable[Record]) -> list[bytes]:
    """Stamped records as messages. A customer's records are split only if one message cannot hold them.

    An order states all its fields, also the empty ones: a field that an order lacks is of a version that does
    not know it.
    """
    by_customer: dict[str, list[bytes]] = {}
    for record in records:
        text = record.__pydantic_serializer__.to_json(record, exclude_unset=kind == "customers")
        by_customer.setdefault(record.customer_id, []).append(text)
    groups = (group for texts in by_customer.values() for group in packed(texts, _weight, MAX_PACK))
    messages = packed(groups, lambda group: sum(map(_weight, group)), MAX_PACK)
    head = b'{"kind":"%s","records":[' % kind.encode()
    return [head + b",".join(chain.from_iterable(message)) + b"]}" for message in messages]


def _weight(text: bytes) -> int:
    return max(len(text), MIN_WEIGHT)


def unpack(message: bytes, attributes: Mapping[str, str] | None = None) -> list[Record | DeadLetter]:
    """The records of a message, with a dead letter in place of each invalid one.

    Of the message's attributes a letter keeps the version of its schema, so a replay publishes it as that.
    """
    found = _unpacked(message)
    if attributes is None or SCHEMA not in attributes:
        return found
    version = {SCHEMA: attributes[SCHEMA]}
    return [
        replace(each, attributes={**version, **each.attributes}) if isinstance(each, DeadLetter) else each
        for each in found
    ]


def _unpacked(message: bytes) -> list[Record | DeadLetter]:
    try:
        pack = _PACK.validate_json(message)
    except ValidationError:
        return _unpack_one_by_one(message)
    return [_stamped(record) for record in pack.records]


def _unpack_one_by_one(message: bytes) -> list[Record | DeadLetter]:
    try:
        envelope = _Envelope.model_validate_json(message)
    except ValidationError as undecodable:
        return _decoded_alone(message) or [_whole(message, str(refused(undecodable)))]
    if len(envelope.records) > MAX_RECORDS:
        return [_whole(message, f"has {len(envelope.records):,} records, of at most {MAX_RECORDS:,}")]
    return [
        _letter(record, envelope.kind, envelope.records[index])
        if isinstance(record, Invalid)
        else _stamped(record)
        for index, record in enumerate(each_checked(_MESSAGES[envelope.kind], envelope.records))
    ]


def _decoded_alone(message: bytes) -> list[Record | DeadLetter]:
    """The records of a message that is not JSON as a whole; none if it does not look like one of ours."""
    parts = raw_json.members(message)
    kind = next((known for known in MODELS if parts.get(b"kind") == b'"%s"' % known.encode()), None)
    texts = raw_json.items(parts.get(b"records", b""), MAX_RECORDS)
    return [_decoded(kind, text) for text in texts or ()] if kind else []


def _decoded(kind: Kind, text: bytes) -> Record | DeadLetter:
    try:
        return _stamped(_MESSAGES[kind].model_validate_json(text))
    except ValidationError as error:
        return DeadLetter(source=SOURCE, reason=str(refused(error)), payload=text, attributes={KIND: kind})


def _whole(message: bytes, reason: str) -> DeadLetter:
    return DeadLetter(source=SOURCE, reason=reason, payload=message)


def each_checked(
    model: type[CustomerRecord] | type[OrderRecord], values: Sequence[Any]
) -> Iterator[Record | Invalid]:
    """Each value as a record, or its errors at `records.<index>`."""
    refusals = Refusals()
    for index, value in enumerate(values):
        if _is_wide(value, model):
            yield Invalid.at(f"records.{index}", f"has more than {MAX_WIDTH} fields, attributes or tags")
            continue
        try:
            yield model.model_validate(value)
        except ValidationError as error:
            yield refusals.of(error, ("records", index))


def _is_wide(value: Any, model: type[BaseModel]) -> bool:
    """Whether a record, or one of its fields, has more values than it may. Each would become an error."""
    if not isinstance(value, dict):
        return False
    return len(value) > MAX_WIDTH or any(
        isinstance(inner, dict | list)
        and len(inner) > (MAX_WIDTH if name in model.model_fields or isinstance(inner, dict) else MAX_ITEMS)
        for name, inner in value.items()
    )


def letter_of(record: Record, reason: str) -> DeadLetter:
    """A dead letter of a valid record that cannot be stored."""
    text = record.__pydantic_serializer__.to_json(record, exclude_unset=True)
    kind = "customers" if isinstance(record, CustomerRecord) else "orders"
    return DeadLetter(source=SOURCE, reason=reason, payload=text, attributes={KIND: kind})


def _letter(refusal: Invalid, kind: Kind, value: Any) -> DeadLetter:
    text = json.dumps(value, sort_keys=True).encode()
    return DeadLetter(source=SOURCE, reason=str(refusal), payload=text, attributes={KIND: kind})


def _stamped(record: Record) -> Record | DeadLetter:
    """The record, unless it has no time or holds what cannot be kept."""
    if record.updated_at is None:
        return letter_of(record, "updated_at: is missing")
    if others := others_of(record):
        fault = fault_of(others, _TAKEN)
        if fault is None and len(record.model_fields_set) > MAX_WIDTH:
            fault = f"has more than {MAX_WIDTH} fields"
        if fault is not None:
            return letter_of(record, fault)
    return record


class _CustomerPack(BaseModel):
    kind: Literal["customers"]
    records: list[CustomerMessage]


class _OrderPack(BaseModel):
    kind: Literal["orders"]
    records: list[OrderMessage]


class _Envelope(BaseModel):
    kind: Kind
    records: list[Any]


_PACK: TypeAdapter[_CustomerPack | _OrderPack] = TypeAdapter(
    Annotated[_CustomerPack | _OrderPack, Field(discriminator="kind")]
)
