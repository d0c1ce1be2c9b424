"""Preview an audience: its size, how many can be reached, and a sample."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any, Final

import numpy as np

from crm.audience.engine.compile import members
from crm.audience.engine.numbers import Mask
from crm.audience.engine.parts import Part
from crm.audience.engine.reach import reasons
from crm.audience.engine.snapshot import Snapshot
from crm.audience.json_values import customer_as_json
from crm.audience.rules.describe import describe
from crm.audience.rules.tree import Group
from crm.customers.reach import REASONS
from crm.customers.values import Channel

SAMPLE: Final = 10
"""Customers in the sample."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """The size of an audience, of one snapshot. `matched = reachable + sum(excluded.values())`."""

    matched: int
    reachable: int
    excluded: Mapping[str, int]
    """By reason, how many cannot be reached; reasons that occur only."""
    total: int
    """All customers."""
    sample: Sequence[Mapping[str, Any]]
    """Some who match, by id, as `customer_as_json` with a `reason`: why they cannot be reached, or None."""
    description: str
    """The rules in words."""


def preview(snapshot: Snapshot, rules: Group, now: datetime, zone: tzinfo, channel: Channel) -> Preview:
    """Count the customers whom the rules match at `now`, and those whom the channel can reach."""
    found = members(snapshot, rules, now, zone)
    matched = sum(int(np.count_nonzero(mask)) for _, mask in found)
    excluded = {
        reason: sum(int(np.count_nonzero(mask & reasons(part, channel)[reason])) for part, mask in found)
        for reason in REASONS
    }
    return Preview(
        matched=matched,
        reachable=matched - sum(excluded.values()),
        excluded={reason: count for reason, count in excluded.items() if count},
        total=snapshot.total,
        sample=_sample(found, channel),
        description=describe(rules),
    )


def _sample(found: Sequence[tuple[Part, Mask]], channel: Channel) -> list[Mapping[str, Any]]:
    """A sample by id. It does not depend on how customers are spread over the parts."""
    drawn: list[tuple[int, dict[str, Any]]] = []
    for part, mask in found:
        rows = part.sample(mask, SAMPLE)
        unreachable = reasons(part, channel).items()
        for key, row, values in zip(part.keys[rows], rows, part.some(rows), strict=True):
            reason = next((reason for reason, mask in unreachable if mask[row]), None)
            drawn.append((int(key), {**customer_as_json(values), "reason": reason}))
    people = [person for _, person in sorted(drawn, key=lambda each: each[0])[:SAMPLE]]
    return sorted(people, key=lambda each: str(each["customer_id"]))
