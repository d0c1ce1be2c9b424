"""The registered fields of customers and orders as Firestore values."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from crm.customers.fields import FieldSpec, Kind


def to_stored(kind: Kind, value: Any) -> Any:
    """A value, not None, as Firestore holds it: days as `1990-05-17`, tags as a list."""
    match kind:
        case "day":
            return value.isoformat()
        case "tags":
            return list(value)
        case _:
            return value


def from_stored(specs: Mapping[str, FieldSpec], fields: Mapping[str, Any]) -> dict[str, Any]:
    """The inverse of `to_stored`, of those of the described fields that a document has."""
    return {name: _value(spec.kind, fields[name]) for name, spec in specs.items() if name in fields}


def _value(kind: Kind, stored: Any) -> Any:
    match kind:
        case "day":
            return date.fromisoformat(stored)
        case "tags":
            return tuple(stored)
        case _:
            return stored
