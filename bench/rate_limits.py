"""What rate limits cost a call: `python -m bench.rate_limits`.

Calls of an app in this process with a route that does nothing, with a gate that limits and with one that does
not, in turns; and the memory of full buckets.
"""

import asyncio
import sys
import time
import tracemalloc
from collections.abc import Mapping
from statistics import median
from typing import Final

import httpx2

from crm.access.gate import RouteGate
from crm.access.rate_buckets import MAX_BUCKETS, RateBuckets
from crm.access.rate_budgets import BUDGETS
from crm.access.rate_limits import RateLimits
from crm.access.route_rules import RouteRule
from crm.entry.app import create_app
from crm.entry.routing import Router, set_gate
from devstack.settings import UNLIMITED

CALLS: Final = 2_000
TURNS: Final = 7
SOURCES: Final = 1_000_000


def main() -> None:
    """Print the figures."""
    rates: dict[str, list[float]] = {"with": [], "without": []}
    for _ in range(TURNS):
        for name, rule in _RULES.items():
            rates[name].append(asyncio.run(_rate(rule)))
    sys.stdout.writelines(f"{name} limits: {median(each):,.0f} calls/s\n" for name, each in rates.items())
    sys.stdout.write(_buckets())


_RULES: Final[Mapping[str, RouteRule]] = {
    "with": RouteRule("public", rate="public"),
    "without": RouteRule("public", rate=None),
}


async def _rate(rule: RouteRule) -> float:
    """Calls a second."""
    router = Router()

    async def nothing() -> None:
        return None

    router.add_api_route("/", nothing, methods=["GET"])
    app = create_app("rate limits")
    app.include_router(router)
    set_gate(app, RouteGate(app, {"GET /": rule}, {}, RateLimits([UNLIMITED])))
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://function.test") as http:
        since = time.perf_counter()
        for _ in range(CALLS):
            await http.get("/", headers={"X-Forwarded-For": "203.0.113.7"})
    return CALLS / (time.perf_counter() - since)


def _buckets() -> str:
    tracemalloc.start()
    buckets, since = RateBuckets(), time.perf_counter()
    for number in range(SOURCES):
        buckets.take("public", str(number), BUDGETS["public"], number / 1_000)
    took, size = time.perf_counter() - since, tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return (
        f"{SOURCES:,} sources: {len(buckets):,} of at most {MAX_BUCKETS:,} buckets, "
        f"{size / 2**20:.1f} MiB, {took / SOURCES * 1e6:.1f} µs each with memory traced\n"
    )


if __name__ == "__main__":
    main()
