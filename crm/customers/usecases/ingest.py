"""Ingest: check what systems post, stamp it, and make it durable with the broker."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pydantic import ValidationError

from crm.customers.batches import BATCHES, AnyBatch
from crm.customers.packs import MODELS, SOURCE, Kind, Record, each_checked, pack
from crm.kernel.broker import Broker
from crm.kernel.errors import Invalid, Malformed
from crm.kernel.validation import found_by

AHEAD = timedelta(days=1)
"""How far a source's clock may be ahead. A time further off would outrank every later change."""

_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Checked:
    """What a batch holds: the stamped records, and what is wrong with each of the others, by its index."""

    records: Sequence[Record]
    rejected: dict[int, Invalid] = field(default_factory=dict)


def check_one(kind: Kind, body: bytes, now: datetime) -> Record:
    """The stamped record of a body. Raises Malformed, Invalid."""
    try:
        record = MODELS[kind].model_validate_json(body)
    except ValidationError as error:
        raise _refusal(error) from error
    if _is_ahead(record, now):
        raise _ahead("updated_at")
    return _stamped(record, now)


def check_batch(kind: Kind, body: bytes, now: datetime) -> Checked:
    """The good records of a batch, and what is wrong with the others. Raises Malformed, Invalid.

    A batch without a fault is checked in one go, which is what most batches are.
    """
    records: Sequence[Record | Invalid]
    try:
        records = BATCHES[kind].model_validate_json(body).records
    except ValidationError:
        try:
            values = AnyBatch.model_validate_json(body).records
        except ValidationError as error:
            raise _refusal(error) from error
        records = list(each_checked(kind, values))
    good: list[Record] = []
    rejected: dict[int, Invalid] = {}
    for index, record in enumerate(records):
        if isinstance(record, Invalid):
            rejected[index] = record
        elif _is_ahead(record, now):
            rejected[index] = _ahead(f"records.{index}.updated_at")
        else:
            # A later record of the same call counts for more than an earlier one.
            good.append(_stamped(record, now + index * _MICROSECOND))
    return Checked(good, rejected)


async def publish(broker: Broker, records: Sequence[Record]) -> None:
    """Return once the broker has the records, of both kinds and packed together. Raises Unavailable."""
    messages: list[bytes] = []
    for kind, model in MODELS.items():
        messages += pack(kind, (record for record in records if isinstance(record, model)))
    if messages:
        await broker.publish(SOURCE, messages)


def _stamped(record: Record, now: datetime) -> Record:
    return record if record.updated_at is not None else record.model_copy(update={"updated_at": now})


def _is_ahead(record: Record, now: datetime) -> bool:
    return record.updated_at is not None and record.updated_at > now + AHEAD


def _ahead(path: str) -> Invalid:
    return Invalid.at(path, "is more than a day in the future")


def _refusal(error: ValidationError) -> Invalid | Malformed:
    details = error.errors(include_url=False, include_input=False)
    if details[0]["type"] == "json_invalid":
        return Malformed(f"The body is not valid JSON: {details[0]['ctx']['error']}")
    return Invalid(found_by(error), "The request is not valid.")
