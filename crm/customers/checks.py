"""Checks what systems post, and stamps records that have no time of their own."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from pydantic import ValidationError

from crm.customers.batches import BATCHES, AnyBatch
from crm.customers.packs import MODELS, Kind, Record, each_checked
from crm.kernel.errors import Invalid, Malformed
from crm.kernel.validation import refused

MAX_AHEAD: Final = timedelta(days=1)
"""How far a source's clock may be ahead. A time further off would outrank every later change."""

_MICROSECOND: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class CheckedBatch:
    """The valid records of a batch, stamped, and the errors of the others by their index."""

    records: Sequence[Record]
    rejected: dict[int, Invalid] = field(default_factory=dict)


def check_one(kind: Kind, body: bytes, now: datetime) -> Record:
    """The stamped record of a body. Raises Malformed, Invalid."""
    try:
        record = MODELS[kind].model_validate_json(body)
    except ValidationError as error:
        raise _refusal(error) from error
    if is_ahead(record, now):
        raise _ahead("updated_at")
    return stamped(record, now)


def check_batch(kind: Kind, body: bytes, now: datetime) -> CheckedBatch:
    """The records of a batch, each checked on its own. Raises Malformed, Invalid for the batch as a whole.

    A valid batch, the usual case, is validated in one pass.
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
    valid: list[Record] = []
    rejected: dict[int, Invalid] = {}
    for index, record in enumerate(records):
        if isinstance(record, Invalid):
            rejected[index] = record
        elif is_ahead(record, now):
            rejected[index] = _ahead(f"records.{index}.updated_at")
        else:
            valid.append(stamped(record, now, index))
    return CheckedBatch(valid, rejected)


def stamped(record: Record, now: datetime, place: int = 0) -> Record:
    """The record with the time `now`, unless it has one. `place` lets a later record of one call win."""
    if record.updated_at is not None:
        return record
    return record.model_copy(update={"updated_at": now + place * _MICROSECOND})


def is_ahead(record: Record, now: datetime) -> bool:
    """Whether the record's own time is too far in the future."""
    return record.updated_at is not None and record.updated_at > now + MAX_AHEAD


AHEAD: Final = "is more than a day in the future"


def _ahead(path: str) -> Invalid:
    return Invalid.at(path, AHEAD)


def _refusal(error: ValidationError) -> Invalid | Malformed:
    details = error.errors(include_url=False, include_input=False)
    if details[0]["type"] == "json_invalid":
        return Malformed(f"The body is not valid JSON: {details[0]['ctx']['error']}")
    return refused(error, detail="The request is not valid.")
