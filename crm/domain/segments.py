"""Segments: rule trees with a name."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A named rule tree, kept as posted. `version` rises by one with every change."""

    segment_id: str
    name: str
    rules: Mapping[str, Any]
    version: int = 1
    created_at: datetime
    created_by: str
    updated_at: datetime
