"""Receipts as vendors post them and as they travel to be applied: one, or a batch in JSON."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import from_json

from crm.customers.dead_letters import MAX_PACK, DeadLetter
from crm.delivery.receipts import Receipt, ReceiptMessage
from crm.kernel import raw_json
from crm.kernel.batches import packed
from crm.kernel.errors import Invalid, Malformed
from crm.kernel.validation import Refusals, refused

MAX_BATCH = 1000
"""Receipts of one call."""

PACK_SIZE = 500
"""Receipts of one published message: what one commit applies."""

MIN_WEIGHT = MAX_PACK // PACK_SIZE
"""What a shorter receipt counts as, in bytes."""

SOURCE = "receipts"
"""The topic of receipts."""

AHEAD = timedelta(days=1)
"""How far a vendor's clock may be ahead: a row keeps the latest time of any report."""

_EXAMPLES: Any = Receipt.model_config.get("json_schema_extra")


class ReceiptBatch(BaseModel):
    """Up to a thousand receipts. An invalid one does not stop the others."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"receipts": _EXAMPLES["examples"]}]}
    )

    receipts: Annotated[list[Receipt], Field(min_length=1, max_length=MAX_BATCH)]


class _UncheckedBatch(BaseModel):
    """A batch whose items are not checked yet."""

    model_config = ConfigDict(extra="forbid")

    receipts: Annotated[list[Any], Field(min_length=1, max_length=MAX_BATCH)]


class _Message(_UncheckedBatch):
    """A message of the topic, whichever version sent it."""

    model_config = ConfigDict(extra="ignore")


@dataclass(frozen=True, slots=True)
class Checked:
    """The valid receipts of a body, and what is wrong with each of the others, by its index."""

    receipts: Sequence[Receipt]
    rejected: dict[int, Invalid] = field(default_factory=dict)


def check(body: bytes, now: datetime) -> Checked:
    """The receipts of a body, which is one receipt or `{"receipts": […]}`.

    Raises Malformed where it is not JSON, and Invalid where it is neither, where it holds none or too many,
    or where its one receipt is invalid. In a list an invalid receipt does not stop the others.
    """
    return _read(body, now, _UncheckedBatch, Receipt)


def _read(body: bytes, now: datetime, batch: type[_UncheckedBatch], model: type[Receipt]) -> Checked:
    try:
        value = from_json(body, allow_inf_nan=False)
    except ValueError as error:
        raise Malformed(f"The body is not valid JSON: {error}") from error
    if not isinstance(value, dict):
        raise Invalid.at("body", 'must be one receipt or {"receipts": […]}')
    if "receipts" not in value:
        return Checked([_checked(value, model, (), now, Refusals())])
    try:
        items = batch.model_validate(value).receipts
    except ValidationError as error:
        raise refused(error) from error
    valid: list[Receipt] = []
    rejected: dict[int, Invalid] = {}
    refusals = Refusals()
    for index, item in enumerate(items):
        try:
            valid.append(_checked(item, model, ("receipts", index), now, refusals))
        except Invalid as refusal:
            rejected[index] = refusal
    return Checked(valid, rejected)


def unpack(message: bytes, now: datetime) -> list[Receipt | DeadLetter]:
    """The receipts of a message of the topic, with a dead letter in place of each invalid one.

    A message that is neither one receipt nor a list of them, or a list of too many, is one dead letter.
    """
    with suppress(Malformed, Invalid):
        checked = _read(message, now, _Message, ReceiptMessage)
        if not checked.rejected:
            return list(checked.receipts)
    texts = raw_json.items(raw_json.members(message).get(b"receipts", b""), MAX_BATCH)
    refusals = Refusals()
    return [_decoded(text, now, refusals) for text in ([message] if texts is None else texts)]


def pack(receipts: Sequence[Receipt]) -> list[bytes]:
    """Receipts as messages of the topic, each a batch as `check` reads it."""
    texts = (receipt.__pydantic_serializer__.to_json(receipt, exclude_none=True) for receipt in receipts)
    batches = packed(texts, lambda text: max(len(text), MIN_WEIGHT), MAX_PACK)
    return [b'{"receipts":[' + b",".join(batch) + b"]}" for batch in batches]


def _decoded(text: bytes, now: datetime, refusals: Refusals) -> Receipt | DeadLetter:
    try:
        return _checked(from_json(text, allow_inf_nan=False), ReceiptMessage, (), now, refusals)
    except ValueError as error:
        reason = f"is not valid JSON: {error}"
    except Invalid as refusal:
        reason = str(refusal)
    return DeadLetter(source=SOURCE, reason=reason, payload=text)


def _checked(
    item: Any, model: type[Receipt], place: Sequence[str | int], now: datetime, refusals: Refusals
) -> Receipt:
    try:
        receipt = model.model_validate(item)
    except ValidationError as error:
        raise refusals.of(error, place) from error
    if receipt.occurred_at > now + AHEAD:
        path = ".".join(map(str, (*place, "occurred_at")))
        raise Invalid.at(path, "is more than a day in the future")
    return receipt
