"""Columns of a table as fields of a record: pure, so that every rule of it is a unit test.

A cell becomes the kind of value that its field has. What cannot be read as such goes out as the text that it
is, so that the one judge of values, the ingest API, refuses it with its own reason.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from crm.customers import fields
from crm.customers.fields import FieldSpec, specs_of
from crm.customers.records import CustomerRecord, OrderRecord
from crm.customers.values import ATTRIBUTE_NAME, CHANNELS

Kind = Literal["text", "integer", "number", "boolean", "tags"]
Entity = Literal["customers", "orders"]

RECORDS: Mapping[Entity, type[CustomerRecord] | type[OrderRecord]] = {
    "customers": CustomerRecord,
    "orders": OrderRecord,
}
SPECS: Mapping[Entity, Mapping[str, FieldSpec]] = {
    entity: specs_of(record) for entity, record in RECORDS.items()
}
"""The fields that a column may fill, besides attributes and consents by channel."""

KINDS: Mapping[fields.Kind, Kind] = {"number": "integer", "flag": "boolean", "tags": "tags"}
"""All others are sent as text. Of an amount this keeps the decimals exact."""

ATTRIBUTE_KINDS: tuple[Kind, ...] = ("text", "number", "boolean")
TRUE = frozenset({"true", "yes", "y", "1", "on"})
FALSE = frozenset({"false", "no", "n", "0", "off"})

_INTEGER = re.compile(r"[+-]?[0-9]{1,15}")
_NUMBER = re.compile(r"[+-]?[0-9]{1,15}(?:\.[0-9]+)?")
PLACEHOLDER = re.compile(r"\{([^{}]+)\}")


@dataclass(frozen=True, slots=True)
class Field:
    """Where a value goes: `("email",)` or `("attributes", "loyalty")`, and what kind it is."""

    path: tuple[str, ...]
    kind: Kind

    @property
    def name(self) -> str:
        return ".".join(self.path)


@dataclass(frozen=True, slots=True)
class Template:
    """A value made of other cells: `{customer_id}@example.com`. `always` replaces what the row has itself."""

    field: Field
    text: str
    always: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """How a table's rows become records. `ignored` are the columns that nothing is made of."""

    header: tuple[str, ...]
    fields: tuple[Field | None, ...]
    templates: tuple[Template, ...]
    ignored: tuple[str, ...]


def record(plan: Plan, cells: Sequence[str]) -> dict[str, Any]:
    """The record of a row. An empty cell says nothing, so its field is absent.

    Raises ValueError where the row has more or fewer cells than the header.
    """
    if len(cells) != len(plan.header):
        raise ValueError(f"has {len(cells)} cells where the header has {len(plan.header)}")
    made: dict[str, Any] = {}
    row = {column: cell.strip() for column, cell in zip(plan.header, cells, strict=True)}
    for column, target in zip(plan.header, plan.fields, strict=True):
        if target is not None and row[column]:
            _put(made, target, row[column])
    for template in plan.templates:
        names = PLACEHOLDER.findall(template.text)
        if all(row[name] for name in names) and (template.always or not _has(made, template.field)):
            _put(made, template.field, PLACEHOLDER.sub(lambda match: row[match[1]], template.text))
    return made


def field(entity: Entity, name: str) -> Field:
    """The field of this name: `visits`, `consents.sms`, `attributes.size:number`. Raises ValueError."""
    found = field_or_none(entity, name)
    if found is None:
        known = ", ".join(SPECS[entity])
        more = ", attributes.NAME[:number|:boolean], consents.CHANNEL" if entity == "customers" else ""
        raise ValueError(f"{name!r} is no field of {entity}; there are {known}{more}")
    return found


def value(kind: Kind, text: str) -> Any:
    """A cell as its kind of value, or as the text it is where it cannot be read so."""
    if kind == "integer" and _INTEGER.fullmatch(text):
        return int(text)
    if kind == "number" and _NUMBER.fullmatch(text):
        return float(text)
    if kind == "boolean" and text.lower() in TRUE | FALSE:
        return text.lower() in TRUE
    if kind == "tags":
        return [tag.strip() for tag in re.split(r"[;|]", text) if tag.strip()]
    return text


def field_or_none(entity: Entity, name: str) -> Field | None:
    """The field of this name, see `field`."""
    if spec := SPECS[entity].get(name):
        return Field((name,), KINDS.get(spec.kind, "text"))
    group, _, rest = name.partition(".")
    if entity == "customers" and group == "consents" and rest in CHANNELS:
        return Field((group, rest), "boolean")
    if entity == "customers" and group == "attributes":
        attribute, _, wanted = rest.partition(":")
        kind = next((k for k in ATTRIBUTE_KINDS if k == (wanted or "text")), None)
        if kind and ATTRIBUTE_NAME.fullmatch(attribute):
            return Field((group, attribute), kind)
    return None


def _put(made: dict[str, Any], target: Field, text: str) -> None:
    holder = made
    for group in target.path[:-1]:
        holder = holder.setdefault(group, {})
    holder[target.path[-1]] = value(target.kind, text)


def _has(made: Mapping[str, Any], target: Field) -> bool:
    holder: Any = made
    for name in target.path:
        if name not in holder:
            return False
        holder = holder[name]
    return True
