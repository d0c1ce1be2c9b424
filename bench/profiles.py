"""Where a stack spends its processor time, as a table for documents."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from bench.stack import Stack

LEAST = 0.005
"""Of all processor time; who used less is left out."""


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds of processor time by process and, for functions, by area within it."""

    processes: Mapping[str, float]
    areas: Mapping[str, Counter[str]]


def spent(stack: Stack) -> Spent:
    """Until now, or for the areas until a moment ago. They are empty where the stack is not profiled."""
    return Spent(stack.processor(), stack.profile())


def table(before: Spent, after: Spent) -> str:
    """Of all that was spent in between the share of each process and, of a function's, of each area."""
    used = {name: seconds - before.processes[name] for name, seconds in after.processes.items()}
    total = sum(used.values())
    lines = ["| process | of all | of which |", "|---|---|---|"]
    for name, seconds in sorted(used.items(), key=lambda item: -item[1]):
        if seconds < LEAST * total:
            continue
        areas = after.areas.get(name, Counter()) - before.areas.get(name, Counter())
        parts = ", ".join(f"{area} {share / areas.total():.0%}" for area, share in areas.most_common())
        lines.append(f"| {name} | {seconds / total:.0%} | {parts} |")
    return "\n".join(lines)
