"""The vendor's requests and responses."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from crm.channels.simulator_ledger import LedgerEntry

MAX_MESSAGES = 1000
"""Messages of one call, and ids of one look-up."""

MessageId = Annotated[str, StringConstraints(pattern="^[A-Za-z0-9-]{1,128}$")]


def _split(values: list[str]) -> list[str]:
    return [part for value in values for part in value.split(",")]


Ids = Annotated[list[MessageId], Field(max_length=MAX_MESSAGES), BeforeValidator(_split)]
"""Ids in a query, separated by commas."""


class Message(BaseModel):
    """One message. Its `id` is the idempotency key: a message is sent once, however often it is posted."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: MessageId
    channel: Annotated[str, StringConstraints(min_length=1, max_length=32)]
    to: Annotated[str, StringConstraints(max_length=320)]
    subject: Annotated[str, StringConstraints(max_length=1000)] | None = None
    body: Annotated[str, StringConstraints(max_length=100_000)]
    unsubscribe_url: Annotated[str, StringConstraints(max_length=2_000)] | None = None


class Batch(BaseModel):
    """Messages of one call."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    messages: Annotated[list[Message], Field(min_length=1, max_length=MAX_MESSAGES)]


class Result(BaseModel):
    """The vendor's immediate answer for a message. Its outcome comes later, as receipts."""

    id: str
    status: Literal["accepted", "rejected"]
    reason: str | None = None


class Results(BaseModel):
    """The results in the order of the messages."""

    results: list[Result]


class LedgerMessage(BaseModel):
    """A message in the vendor's ledger. `offered` counts the calls that contained it."""

    id: str
    status: Literal["accepted", "rejected"]
    reason: str | None
    at: datetime
    offered: int
    content: dict[str, Any]


class LedgerResponse(BaseModel):
    """Messages of the ledger."""

    messages: list[LedgerMessage]


class Summary(BaseModel):
    """How many messages the ledger has, and how often they were offered in all."""

    messages: int
    offered: int


def result(entry: LedgerEntry) -> Result:
    return Result(id=entry.message_id, status=entry.status, reason=entry.reason)


def ledger_message(entry: LedgerEntry) -> LedgerMessage:
    return LedgerMessage(
        id=entry.message_id,
        status=entry.status,
        reason=entry.reason,
        at=entry.at,
        offered=entry.offered,
        content=dict(entry.content),
    )
