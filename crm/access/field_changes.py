"""What an audited action changes, field by field, as short texts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

MAX_TEXT: Final = 300
"""Characters of a value before and after, each."""

MAX_CHANGES: Final = 12
"""Fields of one event."""

_LEAD: Final = 40
"""Characters of a long text that are kept before the first difference."""

Value = str | int | datetime | Sequence[str] | None


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field's value before and after an action; None where it had none. A long text is cut to its first
    difference, with an ellipsis for what is left out."""

    field: str
    before: str | None
    after: str | None


def field_changes(before: Mapping[str, Value], after: Mapping[str, Value]) -> tuple[FieldChange, ...]:
    """The fields that differ, in the order of `after`; a missing field has no value.

    Pass no customer data: what is returned outlives an erasure.
    """
    names = [*after, *(name for name in before if name not in after)]
    found = (_change(name, _text(before.get(name)), _text(after.get(name))) for name in names)
    return tuple(each for each in found if each is not None)[:MAX_CHANGES]


def _change(name: str, before: str | None, after: str | None) -> FieldChange | None:
    if before == after:
        return None
    start = 0
    if max(len(before or ""), len(after or "")) > MAX_TEXT:
        start = max(0, _common(before or "", after or "") - _LEAD)
    return FieldChange(name, _cut(before, start), _cut(after, start))


def _common(one: str, other: str) -> int:
    """Characters with which both begin."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (a, b) in pairs if a != b), min(len(one), len(other)))


def _cut(text: str | None, start: int) -> str | None:
    if text is None:
        return None
    shown = ("…" if start else "") + text[start:]
    return shown if len(shown) <= MAX_TEXT else shown[: MAX_TEXT - 1] + "…"


def _text(value: Value) -> str | None:
    if value is None or isinstance(value, str):
        return value or None
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return str(value) if isinstance(value, int) else ", ".join(value)
