"""The registered fields of customers and orders as Firestore values: days as `1990-05-17`, tags as a list.

A field that was added later may also be stored as messages have it, by a version that did not know it: then a
time is text.
"""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from crm.customers.fields import FieldSpec, Kind

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)

Converter = Callable[[Any], Any]

_ENCODERS: Final[Mapping[Kind, Converter]] = {"day": date.isoformat, "tags": list}


def _instant(value: datetime | str) -> datetime:
    return datetime.fromisoformat(value) if isinstance(value, str) else value


_DECODERS: Final[Mapping[Kind, Converter]] = {"day": date.fromisoformat, "instant": _instant, "tags": tuple}


class Codec:
    """Encodes and decodes the described fields. Empty ones are left out of documents."""

    def __init__(self, specs: Mapping[str, FieldSpec]) -> None:
        self._encoders = [(name, _ENCODERS.get(spec.kind)) for name, spec in specs.items()]
        self._decoders = [(name, _DECODERS.get(spec.kind)) for name, spec in specs.items()]

    def encode(self, row: object) -> dict[str, Any]:
        """The fields of a document, from the attributes of a row."""
        return {
            name: convert(value) if convert else value
            for name, convert in self._encoders
            if (value := getattr(row, name)) is not None and value != ()
        }

    def decode(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """The attributes of a row, by name; those that the document lacks are left out."""
        return {
            name: convert(fields[name]) if convert else fields[name]
            for name, convert in self._decoders
            if name in fields
        }


def encode_times(times: Mapping[str, datetime]) -> str:
    """The times of fields as JSON: by time, in microseconds since 1970, the fields."""
    by_time: dict[int, list[str]] = {}
    for path, at in times.items():
        by_time.setdefault((at - EPOCH) // MICROSECOND, []).append(path)
    return json.dumps(by_time, separators=(",", ":"))


def decode_times(text: str) -> dict[str, datetime]:
    """The times of fields, by field."""
    return {
        path: EPOCH + int(microseconds) * MICROSECOND
        for microseconds, paths in json.loads(text).items()
        for path in paths
    }
