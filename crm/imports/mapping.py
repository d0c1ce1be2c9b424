"""From a marketer's columns to fields: guesses, and the mapping that they decide on."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from crm.customers.values import ATTRIBUTE_NAME, CHANNELS
from crm.imports.columns import PLACEHOLDER, RECORDS, SPECS, Entity, Field, Plan, Template, field
from crm.kernel.errors import FieldError, Invalid


@dataclass(frozen=True, slots=True)
class Target:
    """A field that a column may fill."""

    name: str
    label: str
    required: bool


def targets(entity: Entity) -> list[Target]:
    """The fields of a record, the needed ones first. Attributes have any name: `attributes.NAME`."""
    found = [
        Target(name, spec.heading, RECORDS[entity].model_fields[name].is_required())
        for name, spec in SPECS[entity].items()
    ]
    if entity == "customers":
        found += [Target(f"consents.{each}", f"Consent for {each}", False) for each in CHANNELS]
    return sorted(found, key=lambda target: not target.required)


def guesses(entity: Entity, header: Sequence[str]) -> list[str | None]:
    """For each column the field it seems to be; no field twice. The first column that fits best has it."""
    fields = [target.name for target in targets(entity)]
    found: list[str | None] = [None] * len(header)
    for closeness in (0, 1, 2):
        for place, column in enumerate(header):
            for name in fields:
                if (
                    found[place] is None
                    and name not in found
                    and _closeness(entity, name, column) == closeness
                ):
                    found[place] = name
    return found


def plan_of(
    entity: Entity, header: Sequence[str], mapping: Mapping[str, str], templates: Sequence[Template] = ()
) -> Plan:
    """The plan of a mapping, column → field, and of templates. Raises Invalid below "mapping"."""
    faults: list[FieldError] = []
    chosen: dict[str, Field] = {}
    for column, name in mapping.items():
        path = f"mapping.{column[:100]}"
        if column not in header:
            faults.append(FieldError(path, "names no column of the file"))
            continue
        try:
            target = field(entity, name[:100])
        except ValueError as error:
            faults.append(FieldError(path, str(error)))
            continue
        if target.name in {known.name for known in chosen.values()}:
            faults.append(FieldError(path, f"{target.name} is filled by another column already"))
        else:
            chosen[column] = target
    names = {target.name for target in (*chosen.values(), *(each.field for each in templates))}
    missing = [target for target in targets(entity) if target.required and target.name not in names]
    faults += [FieldError("mapping", f"no column gives {target.name}") for target in missing]
    if faults:
        raise Invalid(faults)
    fields = tuple(chosen.get(column) for column in header)
    used = chosen.keys() | {name for each in templates for name in PLACEHOLDER.findall(each.text)}
    ignored = tuple(column for column in header if column not in used)
    return Plan(tuple(header), fields, tuple(templates), ignored)


def attribute_name(column: str) -> str | None:
    """The column's name as an attribute's; None where it cannot be one."""
    name = re.sub(r"[^A-Za-z0-9]+", "_", column.strip()).strip("_").lower()[:60]
    return name if ATTRIBUTE_NAME.fullmatch(name) else None


def _closeness(entity: Entity, name: str, column: str) -> int:
    """0: it is called so. 1: it is known to mean that. 2: it is a bare "id". 3: nothing speaks for it."""
    plain = re.sub(r"[^a-z0-9]", "", column.lower())
    if plain == re.sub(r"[^a-z0-9]", "", name):
        return 0
    if name in SPECS[entity] and plain in SPECS[entity][name].synonyms.split():
        return 1
    return 2 if plain == "id" and name == f"{entity.removesuffix('s')}_id" else 3
