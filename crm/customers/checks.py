"""Checks what systems post, and stamps records that have no time of their own."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from pydantic import ValidationError
from pydantic_core import from_json

from crm.customers.batches import BATCHES, AnyBatch
from crm.customers.others import MAX_WIDTH
from crm.customers.packs import MODELS, Kind, Record, each_checked
from crm.kernel.errors import Invalid, Malformed
from crm.kernel.raw_json import values_in
from crm.kernel.validation import refused

MAX_AHEAD: Final = timedelta(days=1)
"""How far a source's clock may be ahead. A time further off would outrank every later change."""

MAX_BATCH_VALUES: Final = 300_000
"""About how many values a batch may hold: a thousand records with 50 tags and 50 attributes have half."""

FEW_VALUES: Final = 30_000
"""About how many values a batch may hold to be validated in one pass, which is a third faster if all is valid
and lost otherwise."""

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

    A valid batch, the usual case, is validated in one pass, unless it has so many values that an error for
    each would be costly.
    """
    values = values_in(body)
    if values > MAX_BATCH_VALUES:
        raise Invalid.at("body", f"holds more than {MAX_BATCH_VALUES:,} values")
    records: Sequence[Record | Invalid] | None = None
    if values <= FEW_VALUES:
        with suppress(ValidationError):
            records = BATCHES[kind].model_validate_json(body).records
    if records is None:
        records = _each_alone(kind, body)
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


def _each_alone(kind: Kind, body: bytes) -> Sequence[Record | Invalid]:
    """Each record of a batch, or its errors. Raises Malformed, Invalid for the batch as a whole."""
    try:
        value = from_json(body)
    except ValueError as error:
        raise Malformed(f"The body is not valid JSON: {error}") from error
    if isinstance(value, dict) and len(value) > MAX_WIDTH:
        raise Invalid.at("body", f"has more than {MAX_WIDTH} fields")
    try:
        values = AnyBatch.model_validate(value).records
    except ValidationError as error:
        raise refused(error, detail="The request is not valid.") from error
    return list(each_checked(MODELS[kind], values))


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
    if error.error_count() == 1:
        (fault,) = error.errors(include_url=False, include_input=False)
        if fault["type"] == "json_invalid":
            return Malformed(f"The body is not valid JSON: {fault['ctx']['error']}")
    return refused(error, detail="The request is not valid.")
