"""Our audience engine against what one could take instead, on the same data, in one run, with equal counts.

    .venv/bin/python -m bench.audience_engines [--customers 1000000] [--rounds 15] [--skip postgresql]

The peers are optional: `uv pip install -r locks/bench.lock`. An engine that is not installed is named as
skipped. Prints the median of each engine and rule in milliseconds, and how many times ours it takes.
"""

import argparse
import statistics
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import UTC
from typing import Any

import numpy as np

from bench.engine_peers import PEERS
from bench.peer_tables import NotInstalled, Queries
from bench.people import NOW, people
from crm.audience.engine.compile import members
from crm.audience.engine.snapshot import snapshot_of
from crm.audience.engine.tables import Tables
from crm.audience.rules.parse import parse
from crm.audience.usecases.preview import preview

AGO_90 = {"mode": "relative", "anchor": "now", "offset": -90, "unit": "day"}
AGO_30 = {"mode": "relative", "anchor": "now", "offset": -30, "unit": "day"}
R1 = {
    "combinator": "and",
    "rules": [
        {"field": "total_spend", "operator": ">", "value": 10_000},
        {"field": "visits", "operator": "<", "value": 3},
    ],
}
R2 = {
    "combinator": "or",
    "rules": [R1, {"field": "last_active_at", "operator": "<", "value": AGO_90}],
}
R3 = {
    "combinator": "and",
    "rules": [
        {"field": "country", "operator": "in", "value": [f"Country {each:02}" for each in (1, 3, 5, 8, 13)]},
        {
            "combinator": "or",
            "rules": [
                {"field": "tags", "operator": "contains", "value": "vip"},
                {
                    "combinator": "and",
                    "rules": [
                        {"field": "created_at", "operator": ">=", "value": "2024-01-01"},
                        {"field": "consent", "operator": "=", "value": True},
                    ],
                },
            ],
        },
        {"field": "email", "operator": "contains", "value": "garcia"},
    ],
}
R4 = {
    "combinator": "and",
    "rules": [
        {
            "field": "orders",
            "match": {"mode": "atLeast", "threshold": 2},
            "value": {
                "combinator": "and",
                "rules": [
                    {"field": "category", "operator": "=", "value": "shoes"},
                    {"field": "placed_at", "operator": ">=", "value": AGO_30},
                ],
            },
        },
        {"field": "total_spend", "operator": "between", "value": [5_000, 50_000]},
    ],
}
RULES = {"R1": R1, "R2": R2, "R3": R3, "R4": R4}


def ours(tables: Tables) -> Queries:
    """Our engine: how many match."""
    snapshot = snapshot_of(tables, NOW)

    def count(tree: object) -> Callable[[], int]:
        rules = parse(tree)
        return lambda: sum(int(np.count_nonzero(mask)) for _, mask in members(snapshot, rules, NOW, UTC))

    return {name: count(tree) for name, tree in RULES.items()}


def our_preview(tables: Tables) -> Queries:
    """Our whole answer to the page: also who can be reached, why not the others, and ten of them."""
    snapshot = snapshot_of(tables, NOW)

    def count(tree: object) -> Callable[[], int]:
        rules = parse(tree)
        return lambda: preview(snapshot, rules, NOW, UTC, "email").matched

    return {name: count(tree) for name, tree in RULES.items()}


def measured(engines: Mapping[str, Queries], rounds: int) -> dict[str, dict[str, float]]:
    """Medians in milliseconds. Rounds alternate between engines, so that load on the machine affects all of
    them."""
    times: dict[str, dict[str, list[float]]] = {name: {rule: [] for rule in RULES} for name in engines}
    for number in range(rounds + 2):
        for name, queries in engines.items():
            for rule, query in queries.items():
                query()  # so that none pays for the caches that another one filled
                start = time.perf_counter()
                query()
                if number >= 2:
                    times[name][rule].append(1000 * (time.perf_counter() - start))
    return {
        name: {rule: statistics.median(each) for rule, each in found.items() if each}
        for name, found in times.items()
    }


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--customers", type=int, default=1_000_000)
    options.add_argument("--rounds", type=int, default=15)
    options.add_argument("--skip", action="append", default=[])
    chosen = options.parse_args()
    tables = people(chosen.customers)
    print(f"{tables.customers.height:,} customers, {tables.orders.height:,} orders", flush=True)
    engines: dict[str, Queries] = {"ours": ours(tables), "ours, whole preview": our_preview(tables)}
    with ExitStack() as stack:
        for name, prepare in PEERS.items():
            if any(each in name.lower() for each in chosen.skip):
                continue
            try:
                engines[name] = prepare(tables, stack)
            except NotInstalled as missing:
                print(f"{name}: skipped, {missing} is not installed", flush=True)
        expected = {rule: query() for rule, query in engines["ours"].items()}
        print("members:", ", ".join(f"{rule} {count:,}" for rule, count in expected.items()), flush=True)
        for name, queries in engines.items():
            for rule, query in queries.items():
                counted: Any = query()
                assert counted == expected[rule], f"{name} counts {counted} for {rule}, not {expected[rule]}"
        _print(measured(engines, chosen.rounds))


def _print(found: Mapping[str, Mapping[str, float]]) -> None:
    print(f"\n| {'engine':34} |" + "".join(f" {rule + ' ms':>8} | × ours |" for rule in RULES))
    print("|---|" + "---:|---:|" * len(RULES))
    for name, times in found.items():
        cells = (
            f" {times[rule]:8.2f} | {times[rule] / found['ours'][rule]:6.1f} |"
            if rule in times
            else " – | – |"
            for rule in RULES
        )
        print(f"| {name:34} |" + "".join(cells))


if __name__ == "__main__":
    main()
