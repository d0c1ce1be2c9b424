"""Previews over HTTP on a warm function, with reasons and sample: `python -m bench.audience_http`

Starts emulators and the real process of the campaigns function, writes the projection directly, and asks for
R1 to R4 over one connection. The bound is four times the engine's own time, which is counting the matching
customers and nothing else, measured in this process, alternating with the calls, and 10 ms.
"""

import asyncio
import json
import statistics
import time
from datetime import UTC
from http.client import HTTPConnection
from typing import Annotated, Any
from urllib.parse import urlsplit

import numpy as np
import typer

from bench.audience_engines import RULES
from bench.people import NOW, people
from bench.stack import Stack, running
from bench.store_loading import load_directly
from crm.audience.engine.compile import members
from crm.audience.engine.snapshot import Snapshot, snapshot_of
from crm.audience.engine.tables import Tables
from crm.audience.rules.parse import parse
from crm.audience.usecases.preview import preview
from crm.platform.clock import now

BOUND_TIMES, BOUND_PLUS = 4, 10
"""Times the engine, plus milliseconds."""


def main(
    customers: Annotated[int, typer.Option(help="Customers, each with three orders on average.")] = 1_000_000,
    rounds: Annotated[int, typer.Option(help="Calls of each rule; the median counts.")] = 31,
) -> None:
    """Measure and print a table."""
    tables = people(customers)
    with running(("campaigns",)) as stack:
        asyncio.run(_load(stack, tables))
        snapshot = snapshot_of(tables, now())
        del tables
        _print(_measured(stack, snapshot, rounds))


async def _load(stack: Stack, tables: Tables) -> None:
    await load_directly(stack.database(), tables)


def _as_old(tree: object) -> Any:
    """The rule with its relative times as far before today as they were before the data's own day."""
    since = (now() - NOW).days
    if isinstance(tree, dict):
        aged = {"offset": tree["offset"] - since} if tree.get("mode") == "relative" else {}
        return {name: _as_old(each) for name, each in tree.items()} | aged
    return [_as_old(each) for each in tree] if isinstance(tree, list) else tree


def _measured(stack: Stack, snapshot: Snapshot, rounds: int) -> dict[str, list[float]]:
    """By rule the medians in milliseconds: the engine, the whole preview in this process, and over HTTP."""
    url = stack.ports.function("campaigns")
    found: dict[str, list[list[float]]] = {rule: [] for rule in RULES}
    # The library's own connection: what a comfortable client takes for itself is not the function's.
    connection = HTTPConnection("127.0.0.1", urlsplit(url).port, timeout=120)
    headers = {"Content-Type": "application/json", **stack.session_headers("marketer@example.com")}
    for number in range(rounds + 3):
        for name, tree in RULES.items():
            times = _once(connection, headers, snapshot, _as_old(tree))
            if number >= 3:  # before, caches are filled
                found[name].append(times)
    connection.close()
    return {
        rule: [statistics.median(each) for each in zip(*times, strict=True)] for rule, times in found.items()
    }


def _once(connection: HTTPConnection, headers: dict[str, str], snapshot: Snapshot, tree: Any) -> list[float]:
    rules, at = parse(tree), now()
    begin = time.perf_counter()
    counted = sum(int(np.count_nonzero(mask)) for _, mask in members(snapshot, rules, at, UTC))
    engine = time.perf_counter()
    preview(snapshot, rules, at, UTC, "email")
    whole = time.perf_counter()
    body = json.dumps({"rules": tree, "channel": "email"})
    connection.request("POST", "/api/v1/audience/preview", body, headers)
    answer = connection.getresponse()
    found = json.loads(answer.read())
    done = time.perf_counter()
    assert answer.status == 200, found
    assert found["matched"] == counted, f"over HTTP {found['matched']} match, not {counted}"
    assert len(found["sample"]) == 10
    return [1000 * spent for spent in (engine - begin, whole - engine, done - whole)]


def _print(found: dict[str, list[float]]) -> None:
    print("| rule | engine ms | preview in process ms | over HTTP ms | bound ms | of the bound |")
    print("|---|---:|---:|---:|---:|---:|")
    for rule, (engine, whole, http) in found.items():
        bound = BOUND_TIMES * engine + BOUND_PLUS
        cells = "".join(f" {each:.2f} |" for each in (engine, whole, http, bound))
        print(f"| {rule} |{cells} {100 * http / bound:.0f} % |")


if __name__ == "__main__":
    typer.run(main)
