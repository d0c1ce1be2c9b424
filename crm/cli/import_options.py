"""The options of `crm import` as a plan for a table's columns."""

from collections.abc import Iterator, Sequence

from crm.imports.columns import PLACEHOLDER, Entity, Plan, Template, field, field_or_none
from crm.imports.mapping import plan_of
from crm.kernel.errors import FieldError, Invalid


def plan(
    entity: Entity,
    header: Sequence[str],
    maps: Sequence[str] = (),
    fills: Sequence[str] = (),
    sets: Sequence[str] = (),
) -> Plan:
    """The plan for a table with this header. Raises ValueError with a sentence.

    `maps` are `column=field`, `fills` and `sets` are `field=template`. A column named like a field fills that
    field, unless the column or the field is mapped.
    """
    mapping = dict(_mapped(maps))
    if len(mapping) < len(maps):
        raise ValueError("--map: a column is mapped already.")
    taken = {target.name for name in mapping.values() if (target := field_or_none(entity, name))}
    for column in header:
        target = field_or_none(entity, column)
        if column not in mapping and target is not None and target.name not in taken:
            mapping[column] = column
            taken.add(target.name)
    templates = (*_templates(entity, header, fills, False), *_templates(entity, header, sets, True))
    try:
        return plan_of(entity, header, mapping, templates)
    except Invalid as error:
        raise ValueError(" ".join(map(_sentence, error.errors))) from error


def _mapped(maps: Sequence[str]) -> Iterator[tuple[str, str]]:
    for option in maps:
        column, equals, name = option.rpartition("=")
        if not equals or not column or not name:
            raise ValueError(f"--map {option!r} must be column=field.")
        yield column, name


def _templates(
    entity: Entity, header: Sequence[str], options: Sequence[str], always: bool
) -> Iterator[Template]:
    for option in options:
        name, equals, text = option.partition("=")
        if not equals or not text:
            raise ValueError(f"{option!r} must be field=template, like email={{customer_id}}@example.com.")
        for column in PLACEHOLDER.findall(text):
            if column not in header:
                raise ValueError(f"{option!r}: there is no column {column!r}. There are {', '.join(header)}.")
        yield Template(field(entity, name), text, always)


def _sentence(error: FieldError) -> str:
    if error.path == "mapping":
        return f"{error.message.capitalize()}: name one with --map COLUMN=FIELD."
    return f"--map {error.path.removeprefix('mapping.')}: {error.message}."
