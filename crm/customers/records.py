"""Records: customers and orders as systems post them, on the wire and in Pub/Sub.

A record changes only the fields it names. `updated_at` is the source's own time of the change. The ingest API
sets it to the time of arrival when a source gives none, so a redelivered record keeps its time.

The API refuses fields that it does not know. Readers of the topic keep them: a newer version may have sent
them, see `crm.customers.others`.
"""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from crm.customers.fields import AMOUNT, UPDATED_AT, OrderFields, Profile, examples_of
from crm.customers.others import MAX_WIDTH
from crm.customers.values import Amount, Attributes, Channel, ChannelName, Flag, Instant


class _Record(BaseModel, frozen=True):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class CustomerRecord(_Record, Profile, frozen=True):
    """What a source says of one customer. A field left out stays as it was; a null empties it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    **examples_of(Profile),
                    "consents": {"sms": False},
                    "attributes": {"shoe_size": 38, "loyalty": "gold"},
                    "updated_at": UPDATED_AT.example,
                }
            ]
        }
    )

    consents: Mapping[Channel, Flag | None] | None = None
    attributes: Attributes | None = None
    updated_at: Annotated[Instant | None, UPDATED_AT] = None


class OrderRecord(_Record, OrderFields, frozen=True):
    """What a source says of one order: always whole. The newest `updated_at` of an order wins."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    **examples_of(OrderFields),
                    "amount": AMOUNT.example,
                    "updated_at": "2026-02-20T18:05:00Z",
                }
            ]
        }
    )

    amount: Annotated[Amount, AMOUNT]
    updated_at: Annotated[Instant | None, UPDATED_AT] = None


class CustomerMessage(CustomerRecord, frozen=True):
    """What a message says of one customer, whichever version sent it."""

    model_config = ConfigDict(extra="allow", ser_json_inf_nan="constants")

    consents: Annotated[Mapping[ChannelName, Flag | None], Field(max_length=MAX_WIDTH)] | None = None  # type: ignore[assignment]


class OrderMessage(OrderRecord, frozen=True):
    """What a message says of one order, whichever version sent it."""

    model_config = ConfigDict(extra="allow", ser_json_inf_nan="constants")


def others_of(record: CustomerRecord | OrderRecord) -> Mapping[str, Any]:
    """The fields of a message that this version does not know."""
    return record.model_extra or {}
