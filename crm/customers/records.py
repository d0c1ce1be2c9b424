"""What systems post: customers and orders, as they stand on the wire and in Pub/Sub.

A record speaks only of the fields it names. `updated_at` is the source's own time of the change; the edge
fills it in with the time of arrival when a source has none, so a redelivered record keeps its time.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, StrictStr

from crm.kernel.money import CURRENCY, DECIMALS, MAX_AMOUNT

OrderStatus = Literal["pending", "completed", "cancelled", "refunded"]
Channel = Literal["simulator", "email", "sms"]
CHANNELS: tuple[Channel, ...] = ("simulator", "email", "sms")
AttributeValue = str | float | bool | date
"""A date stays what it is in JSON, `YYYY-MM-DD`, until it is parsed here."""

EMAIL = re.compile(r"[^\s@<>\",;:]+@[^\s@<>\",;:]+\.[^\s@<>\",;:.]+")
PHONE = re.compile(r"\+?[0-9](?:[0-9 ().-]{3,22})[0-9]")
ATTRIBUTE_NAME = re.compile(r"(?!__)[A-Za-z_][A-Za-z0-9_]{0,59}")
"""Firestore keeps names like `__key__` to itself."""
ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
BEGINS_WITH_DATE = re.compile(r"\s*[0-9]{4}-[0-9]{2}-[0-9]{2}")
"""Without it pydantic takes "5" for five seconds after 1970."""
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
MAX_ATTRIBUTES = 50
MAX_TAGS = 50


def _identifier(value: str) -> str:
    if CONTROL.search(value):
        raise ValueError("holds a control character")
    return value


def _email(value: str) -> str:
    if not EMAIL.fullmatch(value):
        raise ValueError("is not an e-mail address")
    return value


def _phone(value: str) -> str:
    if not PHONE.fullmatch(value):
        raise ValueError("is not a phone number")
    return value


def _text_of_time(value: Any) -> Any:
    if isinstance(value, date) or (isinstance(value, str) and BEGINS_WITH_DATE.match(value)):
        return value
    raise ValueError("is not a date, like 2026-03-01 or 2026-03-01T12:00:00Z")


def _utc(value: datetime) -> datetime:
    try:
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    except OverflowError:
        raise ValueError("is outside the years 1 to 9999") from None


def _no_flag(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError("is not a number")
    return value


def _attribute(value: Any) -> AttributeValue:
    if isinstance(value, bool) or (isinstance(value, date) and not isinstance(value, datetime)):
        return value
    if isinstance(value, int | float):
        if not abs(value) <= 10**15:
            raise ValueError("is not a number of at most 10^15")
        return float(value)
    if isinstance(value, str):
        text = value.strip()
        if len(text) > 500:
            raise ValueError("has more than 500 characters")
        return date.fromisoformat(text) if ISO_DATE.fullmatch(text) else text
    raise ValueError("is neither text nor a number, true or false, or a date")


def _attributes(values: Mapping[str, Any]) -> Mapping[str, Any]:
    for name in values:
        if not ATTRIBUTE_NAME.fullmatch(name):
            raise ValueError(
                f"{name[:60]!r} is not a name: letters, digits and _, at most 60, no __ in front"
            )
    return values


Identifier = Annotated[StrictStr, Field(min_length=1, max_length=128), AfterValidator(_identifier)]
Email = Annotated[StrictStr, Field(max_length=254), AfterValidator(_email)]
Phone = Annotated[StrictStr, Field(max_length=26), AfterValidator(_phone)]
ShortText = Annotated[StrictStr, Field(max_length=200)]
Tag = Annotated[StrictStr, Field(min_length=1, max_length=60)]
Instant = Annotated[datetime, BeforeValidator(_text_of_time), AfterValidator(_utc)]
Day = Annotated[date, BeforeValidator(_text_of_time)]
Amount = Annotated[
    Decimal,
    BeforeValidator(_no_flag),
    Field(ge=-MAX_AMOUNT, le=MAX_AMOUNT, decimal_places=DECIMALS, allow_inf_nan=False),
]
Attribute = Annotated[AttributeValue, BeforeValidator(_attribute)]


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class CustomerRecord(_Record):
    """What a source says of one customer. A field left out stays as it was; a null empties it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "customer_id": "C-1001",
                    "email": "mira@example.com",
                    "phone": "+44 20 7946 0018",
                    "name": "Mira Shah",
                    "city": "Leeds",
                    "country": "United Kingdom",
                    "birthday": "1990-05-17",
                    "created_at": "2025-01-12T09:30:00Z",
                    "visits": 7,
                    "last_active_at": "2026-02-20T18:05:00Z",
                    "tags": ["newsletter", "vip"],
                    "consent": True,
                    "consents": {"sms": False},
                    "attributes": {"shoe_size": 38, "loyalty": "gold"},
                    "updated_at": "2026-02-21T08:00:00Z",
                }
            ]
        }
    )

    customer_id: Identifier
    email: Email | None = None
    phone: Phone | None = None
    name: ShortText | None = None
    city: ShortText | None = None
    country: ShortText | None = None
    birthday: Day | None = None
    created_at: Instant | None = None
    visits: Annotated[int, Field(strict=True, ge=0, le=10**9)] | None = None
    last_active_at: Instant | None = None
    tags: Annotated[tuple[Tag, ...], Field(max_length=MAX_TAGS)] | None = None
    consent: StrictBool | None = None
    consents: Mapping[Channel, StrictBool | None] | None = None
    attributes: (
        Annotated[
            Mapping[str, Attribute | None], Field(max_length=MAX_ATTRIBUTES), AfterValidator(_attributes)
        ]
        | None
    ) = None
    updated_at: Instant | None = None


class OrderRecord(_Record):
    """What a source says of one order: always whole. The newest `updated_at` of an order wins."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "order_id": "O-90001",
                    "customer_id": "C-1001",
                    "amount": 49.9,
                    "currency": "GBP",
                    "status": "completed",
                    "category": "shoes",
                    "placed_at": "2026-02-20T18:05:00Z",
                    "updated_at": "2026-02-20T18:05:00Z",
                }
            ]
        }
    )

    order_id: Identifier
    customer_id: Identifier
    amount: Amount
    currency: Annotated[StrictStr, Field(pattern=CURRENCY)] = "GBP"
    status: OrderStatus = "completed"
    category: ShortText | None = None
    placed_at: Instant
    updated_at: Instant | None = None
