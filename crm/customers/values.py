"""The values that customer and order fields may have, checked and normalised by pydantic."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, StrictBool, StrictStr

from crm.kernel.hidden_characters import filled_line, has_hidden, one_line
from crm.kernel.money import CURRENCY, DECIMALS, MAX_AMOUNT

OrderStatus = Literal["pending", "completed", "cancelled", "refunded"]
Channel = Literal["simulator", "email", "sms"]
CHANNELS: tuple[Channel, ...] = ("simulator", "email", "sms")
ChannelName = Annotated[StrictStr, Field(pattern="^[a-z][a-z0-9_]{0,59}$")]
"""A channel, also one that only a newer version knows."""
AttributeValue = str | float | bool | date
"""A date stays what it is in JSON, `YYYY-MM-DD`, until it is parsed here."""
EMAIL = re.compile(r"[^\s@<>\",;:]+@[^\s@<>\",;:]+\.[^\s@<>\",;:.]+")
PHONE = re.compile(r"\+?[0-9](?:[0-9 ().-]{3,22})[0-9]")
ATTRIBUTE_NAME = re.compile(r"(?!__)[A-Za-z_][A-Za-z0-9_]{0,59}")
"""Firestore keeps names like `__key__` to itself."""
ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
BEGINS_WITH_DATE = re.compile(r"\s*[0-9]{4}-[0-9]{2}-[0-9]{2}")
"""Without it pydantic takes "5" for five seconds after 1970."""
MAX_EMAIL = 254
MAX_ATTRIBUTES = 50
MAX_TAGS = 50


def _identifier(value: str) -> str:
    if has_hidden(value):
        raise ValueError("holds a control or invisible character")
    return value


def _email(value: str) -> str:
    if not EMAIL.fullmatch(value) or has_hidden(value):
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
        text = one_line(text)
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
Email = Annotated[StrictStr, Field(max_length=MAX_EMAIL), AfterValidator(_email)]
Phone = Annotated[StrictStr, Field(max_length=26), AfterValidator(_phone)]
ShortText = Annotated[StrictStr, Field(max_length=200), AfterValidator(one_line)]
Tag = Annotated[StrictStr, Field(min_length=1, max_length=60), AfterValidator(filled_line)]
Instant = Annotated[datetime, BeforeValidator(_text_of_time), AfterValidator(_utc)]
Day = Annotated[date, BeforeValidator(_text_of_time)]
Amount = Annotated[
    Decimal,
    BeforeValidator(_no_flag),
    Field(ge=-MAX_AMOUNT, le=MAX_AMOUNT, decimal_places=DECIMALS, allow_inf_nan=False),
]
Count = Annotated[int, Field(strict=True, ge=0, le=10**9)]
Tags = Annotated[tuple[Tag, ...], Field(max_length=MAX_TAGS)]
Flag = StrictBool
Currency = Annotated[StrictStr, Field(pattern=CURRENCY)]
Attribute = Annotated[AttributeValue, BeforeValidator(_attribute)]
Attributes = Annotated[
    Mapping[str, Attribute | None], Field(max_length=MAX_ATTRIBUTES), AfterValidator(_attributes)
]
