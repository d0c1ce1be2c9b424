"""Where a stack spends its processor time, as a table for documents."""

from collections import Counter
from collections.abc import Mapping

LEAST = 0.005
"""Of all processor time; who used less is left out."""


def table(
    used: Mapping[str, float], before: Mapping[str, Counter[str]], after: Mapping[str, Counter[str]]
) -> str:
    """Of the seconds used by each process its share, and of those that a function was sampled in between
    before and after the share of each area."""
    total = sum(used.values())
    lines = ["| process | of all | of which |", "|---|---|---|"]
    for name, seconds in sorted(used.items(), key=lambda item: -item[1]):
        if seconds < LEAST * total:
            continue
        areas = after.get(name, Counter()) - before.get(name, Counter())
        parts = ", ".join(f"{area} {share / areas.total():.0%}" for area, share in areas.most_common())
        lines.append(f"| {name} | {seconds / total:.0%} | {parts} |")
    return "\n".join(lines)
