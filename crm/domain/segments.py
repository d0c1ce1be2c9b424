"""Segments: rule trees with a name."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from crm.domain.errors import Invalid
from crm.domain.rules import parse

MAX_RULES_SIZE = 200_000
"""Characters of a stored rule tree; a document of the database holds about a million bytes."""


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


def require_rules(rules: Mapping[str, Any], zone: tzinfo) -> None:
    """Raise Invalid below "rules" unless the tree holds and can be stored."""
    parse(rules, zone=zone)
    if len(json.dumps(rules)) > MAX_RULES_SIZE:
        raise Invalid.at("rules", f"has more than {MAX_RULES_SIZE:,} characters")
