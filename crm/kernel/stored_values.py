"""Values made of stored fields. A newer version may have stored more of them than this one knows."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, TypeVar

T = TypeVar("T")


def of_fields(declaring: type[T], stored: Mapping[str, Any], **given: Any) -> T:
    """A dataclass made of the stored fields that it declares, and of those `given`; others are ignored."""
    declared: Any = declaring
    known = {field.name: stored[field.name] for field in fields(declared) if field.name in stored}
    return declaring(**{**known, **given})
