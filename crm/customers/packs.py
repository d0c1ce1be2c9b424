"""The messages of the `records` topic: `{"kind":"customers"|"orders","records":[…]}`, many records to one.

One customer's records of a pack stay in one message, so that they rarely meet in two commits at once.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from crm.customers.dead_letters import KIND, DeadLetter
from crm.customers.records import CustomerRecord, OrderRecord
from crm.kernel.errors import Invalid
from crm.kernel.validation import found_by

Kind = Literal["customers", "orders"]
Record = CustomerRecord | OrderRecord

MODELS: Mapping[Kind, type[CustomerRecord] | type[OrderRecord]] = {
    "customers": CustomerRecord,
    "orders": OrderRecord,
}

MAX_RECORDS = 500
"""Records of a message."""

MAX_BYTES = 1_000_000
"""Bytes of a message, unless one record is larger. The broker takes 10 MB, a commit has to hold several."""

SOURCE = "records"


def pack(kind: Kind, records: Iterable[Record]) -> list[bytes]:
    """Stamped records as messages. A customer's records are split only where they alone are over a limit."""
    by_customer: dict[str, list[bytes]] = {}
    for record in records:
        text = record.__pydantic_serializer__.to_json(record, exclude_unset=True)
        by_customer.setdefault(record.customer_id, []).append(text)
    head = b'{"kind":"%s","records":[' % kind.encode()
    return [head + b",".join(texts) + b"]}" for texts in _filled(by_customer.values())]


def _filled(groups: Iterable[list[bytes]]) -> Iterator[list[bytes]]:
    texts: list[bytes] = []
    size = 0
    for group in groups:
        weight = sum(map(len, group))
        if len(texts) + len(group) > MAX_RECORDS or size + weight > MAX_BYTES:
            # A group that fits into a message of its own is not torn to fill this one.
            if texts:
                yield texts
            texts, size = [], 0
        for text in group:
            if texts and (len(texts) == MAX_RECORDS or size + len(text) > MAX_BYTES):
                yield texts
                texts, size = [], 0
            texts.append(text)
            size += len(text)
    if texts:
        yield texts


def unpack(message: bytes) -> list[Record | DeadLetter]:
    """The records of a message; in place of each that is not valid, a dead letter that says why."""
    try:
        pack = _PACK.validate_json(message)
    except ValidationError:
        return _unpack_one_by_one(message)
    return [_stamped(record) for record in pack.records]


def _unpack_one_by_one(message: bytes) -> list[Record | DeadLetter]:
    try:
        envelope = _Envelope.model_validate_json(message)
    except ValidationError as undecodable:
        reason = str(Invalid(found_by(undecodable)))
        return [DeadLetter(source=SOURCE, reason=reason, payload=message)]
    return [
        _letter(record, envelope.kind, envelope.records[index])
        if isinstance(record, Invalid)
        else _stamped(record)
        for index, record in enumerate(each_checked(envelope.kind, envelope.records))
    ]


def each_checked(kind: Kind, values: Sequence[Any]) -> Iterator[Record | Invalid]:
    """Each value as a record, or what is wrong with it at `records.<index>`."""
    model = MODELS[kind]
    for index, value in enumerate(values):
        try:
            yield model.model_validate(value)
        except ValidationError as error:
            yield Invalid(found_by(error, ("records", index)))


def letter_of(record: Record, reason: str) -> DeadLetter:
    """A valid record that cannot be stored."""
    text = record.__pydantic_serializer__.to_json(record, exclude_unset=True)
    kind = "customers" if isinstance(record, CustomerRecord) else "orders"
    return DeadLetter(source=SOURCE, reason=reason, payload=text, attributes={KIND: kind})


def _letter(refusal: Invalid, kind: Kind, value: Any) -> DeadLetter:
    text = json.dumps(value, sort_keys=True).encode()
    return DeadLetter(source=SOURCE, reason=str(refusal), payload=text, attributes={KIND: kind})


def _stamped(record: Record) -> Record | DeadLetter:
    return record if record.updated_at is not None else letter_of(record, "updated_at: is missing")


class _CustomerPack(BaseModel):
    kind: Literal["customers"]
    records: list[CustomerRecord]


class _OrderPack(BaseModel):
    kind: Literal["orders"]
    records: list[OrderRecord]


class _Envelope(BaseModel):
    kind: Kind
    records: list[Any]


_PACK: TypeAdapter[_CustomerPack | _OrderPack] = TypeAdapter(
    Annotated[_CustomerPack | _OrderPack, Field(discriminator="kind")]
)
