"""Python values as Firestore's protobuf values, and back."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from google.cloud.firestore_v1.types import Value

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_Value = Value.pb()


def encoded(value: Any) -> Any:
    """A Python value as a protobuf value. Raises TypeError for a type that Firestore cannot store."""
    message = _Value()
    fill(message, value)
    return message


def fill(message: Any, value: Any) -> None:
    """Write `value` into a protobuf value in place: building it elsewhere and copying it takes twice as long.

    Raises TypeError for a type that Firestore cannot store.
    """
    if value is None:
        message.null_value = 0
    elif isinstance(value, bool):
        message.boolean_value = value
    elif isinstance(value, int):
        message.integer_value = value
    elif isinstance(value, float):
        message.double_value = value
    elif isinstance(value, str):
        message.string_value = value
    elif isinstance(value, bytes):
        message.bytes_value = value
    elif isinstance(value, datetime):
        since = value - EPOCH
        stamp = message.timestamp_value
        stamp.seconds = since.days * 86_400 + since.seconds
        stamp.nanos = since.microseconds * 1000
    elif isinstance(value, Mapping):
        message.map_value.SetInParent()
        for name, item in value.items():
            fill(message.map_value.fields[name], item)
    elif isinstance(value, Sequence):
        message.array_value.SetInParent()
        for item in value:
            fill(message.array_value.values.add(), item)
    else:
        raise TypeError(f"{type(value).__name__} cannot be stored")


def decoded(message: Any) -> Any:
    """A protobuf value as a Python value; timestamps as plain UTC datetimes."""
    kind = message.WhichOneof("value_type")
    if kind == "timestamp_value":
        return moment(message.timestamp_value)
    if kind == "map_value":
        return {name: decoded(item) for name, item in message.map_value.fields.items()}
    if kind == "array_value":
        return [decoded(item) for item in message.array_value.values]
    return None if kind == "null_value" else getattr(message, kind)


def moment(stamp: Any) -> datetime:
    """A protobuf timestamp, such as an etag, as a UTC datetime, cut to microseconds."""
    return EPOCH + timedelta(seconds=stamp.seconds, microseconds=stamp.nanos // 1000)
