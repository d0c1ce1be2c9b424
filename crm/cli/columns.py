"""What the options of `crm import` say of a table's columns."""

from collections.abc import Sequence

from crm.imports.columns import PLACEHOLDER, RECORDS, Entity, Field, Plan, Template, field, field_or_none


def plan(
    entity: Entity,
    header: Sequence[str],
    maps: Sequence[str] = (),
    fills: Sequence[str] = (),
    sets: Sequence[str] = (),
) -> Plan:
    """The plan for a table with this header.

    `maps` are `column=field`, `fills` and `sets` are `field=template`. A column named like a field is that
    field, unless it is mapped or another column is mapped to the field. Raises ValueError with a sentence.
    """
    columns = tuple(name.strip() for name in header)
    twice = sorted({name for name in columns if columns.count(name) > 1})
    if twice:
        raise ValueError(f"The header has more than one column {twice[0]!r}.")
    mapped = _mapped(entity, columns, maps)
    templates = (*_templates(entity, columns, fills, False), *_templates(entity, columns, sets, True))
    taken = {target.name for target in mapped.values()}
    fields: list[Field | None] = []
    for column in columns:
        target = mapped.get(column) or field_or_none(entity, column)
        if column not in mapped and target is not None and target.name in taken:
            target = None
        fields.append(target)
    used = {name for template in templates for name in PLACEHOLDER.findall(template.text)}
    _check_required(entity, {f.name for f in fields if f} | {t.field.name for t in templates})
    ignored = tuple(c for c, target in zip(columns, fields, strict=True) if target is None and c not in used)
    return Plan(columns, tuple(fields), templates, ignored)


def _mapped(entity: Entity, columns: Sequence[str], maps: Sequence[str]) -> dict[str, Field]:
    mapped: dict[str, Field] = {}
    for option in maps:
        column, equals, name = option.rpartition("=")
        if not equals or not column or not name:
            raise ValueError(f"--map {option!r} must be column=field.")
        if column not in columns:
            raise ValueError(
                f"--map {option!r}: there is no column {column!r}. There are {', '.join(columns)}."
            )
        target = field(entity, name)
        if column in mapped or target.name in {known.name for known in mapped.values()}:
            raise ValueError(f"--map {option!r}: this column or this field is mapped already.")
        mapped[column] = target
    return mapped


def _templates(
    entity: Entity, columns: Sequence[str], options: Sequence[str], always: bool
) -> tuple[Template, ...]:
    made = []
    for option in options:
        name, equals, text = option.partition("=")
        if not equals or not text:
            raise ValueError(f"{option!r} must be field=template, like email={{customer_id}}@example.com.")
        for column in PLACEHOLDER.findall(text):
            if column not in columns:
                raise ValueError(
                    f"{option!r}: there is no column {column!r}. There are {', '.join(columns)}."
                )
        made.append(Template(field(entity, name), text, always))
    return tuple(made)


def _check_required(entity: Entity, names: set[str]) -> None:
    required = [name for name, info in RECORDS[entity].model_fields.items() if info.is_required()]
    missing = [name for name in required if name not in names]
    if missing:
        raise ValueError(f"No column gives {' and '.join(missing)}. Name one with --map COLUMN={missing[0]}.")
