"""Receive receipts: check what a vendor posts, and hand it on durably, packed."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import from_json

from crm.delivery.receipts import Receipt
from crm.kernel.batches import batched
from crm.kernel.broker import Broker
from crm.kernel.errors import Invalid, Malformed
from crm.kernel.validation import found_by

TOPIC = "receipts"

MAX_BATCH = 1000
"""Receipts of one call."""

PACK_SIZE = 500
"""Receipts of one message: what one commit applies."""

AHEAD = timedelta(days=1)
"""How far a vendor's clock may be ahead: a row keeps the latest time it is told."""

_EXAMPLES: Any = Receipt.model_config.get("json_schema_extra")


class ReceiptBatch(BaseModel):
    """Up to a thousand receipts. A bad one does not stop the others."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"receipts": _EXAMPLES["examples"]}]}
    )

    receipts: Annotated[list[Receipt], Field(min_length=1, max_length=MAX_BATCH)]


class _AnyBatch(BaseModel):
    """A batch of whatever, checked from outside only."""

    model_config = ConfigDict(extra="forbid")

    receipts: Annotated[list[Any], Field(min_length=1, max_length=MAX_BATCH)]


@dataclass(frozen=True, slots=True)
class Checked:
    """What a call holds: the good receipts, and what is wrong with each of the others, by its index."""

    receipts: Sequence[Receipt]
    rejected: dict[int, Invalid] = field(default_factory=dict)

    def require_all(self) -> None:
        """Raise Invalid where one is not good."""
        if self.rejected:
            raise Invalid([error for refusal in self.rejected.values() for error in refusal.errors])


def check(body: bytes, now: datetime) -> Checked:
    """The receipts of a body, which is one receipt or `{"receipts": […]}`.

    Raises Malformed where it is not JSON, and Invalid where it is neither, holds none or too many, or is
    one receipt that breaks a rule. In a list a bad receipt does not stop the good ones.
    """
    try:
        value = from_json(body, allow_inf_nan=False)
    except ValueError as error:
        raise Malformed(f"The body is not valid JSON: {error}") from error
    if not isinstance(value, dict):
        raise Invalid.at("body", 'must be one receipt or {"receipts": […]}')
    if "receipts" not in value:
        return Checked([_checked(value, (), now)])
    try:
        items = _AnyBatch.model_validate(value).receipts
    except ValidationError as error:
        raise Invalid(found_by(error)) from error
    good: list[Receipt] = []
    rejected: dict[int, Invalid] = {}
    for index, item in enumerate(items):
        try:
            good.append(_checked(item, ("receipts", index), now))
        except Invalid as refusal:
            rejected[index] = refusal
    return Checked(good, rejected)


async def publish(broker: Broker, receipts: Sequence[Receipt]) -> None:
    """Return once the broker has every receipt. Raises Unavailable otherwise; safe to repeat."""
    messages = [_packed(batch) for batch in batched(receipts, PACK_SIZE)]
    if messages:
        await broker.publish(TOPIC, messages)


def _checked(item: Any, place: Sequence[str | int], now: datetime) -> Receipt:
    try:
        receipt = Receipt.model_validate(item)
    except ValidationError as error:
        raise Invalid(found_by(error, place)) from error
    if receipt.occurred_at > now + AHEAD:
        path = ".".join(map(str, (*place, "occurred_at")))
        raise Invalid.at(path, "is more than a day in the future")
    return receipt


def _packed(receipts: Sequence[Receipt]) -> bytes:
    body = {"receipts": [receipt.model_dump(mode="json", exclude_none=True) for receipt in receipts]}
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
