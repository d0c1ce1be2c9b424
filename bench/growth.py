"""How rates and memory grow with the number of people: `python -m bench.growth`

For each size a stack of its own: so many customers are posted, all get one campaign, and all open it. Writes
docs/growth.json, from it docs/growth.svg, and the table of docs/speed.md. A size that is measured again
replaces what was known of it, so that large ones may run alone.
"""

import asyncio
import json
import os
import time
from typing import Annotated, Any, Final

import typer
from google.cloud.firestore import AsyncClient, FieldFilter

from bench import campaign_rate, ingest_rate, receipts_rate
from bench.chart import chart
from bench.pages import put
from bench.stack import Stack, running
from crm.delivery.store import communication_log
from devstack.paths import ROOT

DATA: Final = ROOT / "docs" / "growth.json"
PLOT: Final = ROOT / "docs" / "growth.svg"
FUNCTIONS: Final = ("ingest", "consumer", "campaigns", "deliver", "receipts", "vendor")
POSTED: Final = ingest_rate.Kind("customers", 1000, 2)
WARM: Final = 200
"""Recipients of a first campaign, which is not measured."""

RAW: Final = 5_000
"""Rows that the raw limit is taken on, at most."""


def main(
    sizes: Annotated[
        str, typer.Option(help="People, separated by commas; none only draws.")
    ] = "1000,10000,100000",
) -> None:
    """Measure these sizes, and draw all that are known."""
    for size in map(int, filter(None, sizes.split(","))):
        with running(FUNCTIONS, campaign_rate.KNOBS) as stack:
            found = _measured(stack, size)
        print(found, flush=True)
        known = sorted([*(each for each in _known() if each["people"] != size), found], key=_people)
        DATA.write_text(json.dumps(known, indent=1) + "\n", "utf-8")
    _draw(_known())


def _known() -> list[dict[str, Any]]:
    """What was measured until now, by rising size."""
    return list(json.loads(DATA.read_text("utf-8"))) if DATA.exists() else []


def _people(measured: dict[str, Any]) -> int:
    return int(measured["people"])


def _measured(stack: Stack, size: int) -> dict[str, Any]:
    aside, begin = stack.others(), time.perf_counter()
    before = stack.asked()["consumer"].writes
    asyncio.run(ingest_rate.post_all(stack, POSTED, list(campaign_rate.records(size))))
    persisted = stack.until_written("consumer", before, size) - begin
    stack.on_database(campaign_rate.fold)
    with campaign_rate.marketer(stack) as api:
        campaign_rate.campaign(stack, api, WARM, RAW)
        found = campaign_rate.campaign(stack, api, size, RAW)
    delivered = stack.on_database(_delivered, found.name)
    applied = receipts_rate.applied(stack, delivered, "opened")
    return {
        "people": size,
        "ingest": size / persisted,
        "campaign": found.rate,
        "ratio": found.ratio,
        "receipts": len(delivered) / applied,
        "memory": {name: now for name, (now, _) in stack.memory().items()},
        "others": (stack.others() - aside) / (time.perf_counter() - begin),
    }


async def _delivered(database: AsyncClient, name: str) -> list[str]:
    """The ids of a campaign's messages that were delivered; in one query, for the emulator looks through all
    rows for each."""
    rows: Any = database.collection(communication_log.COLLECTION)
    for field, value in (("campaign_id", name), ("status", "delivered")):
        rows = rows.where(filter=FieldFilter(field, "==", value))
    return [row.id async for row in rows.select([]).stream(timeout=campaign_rate.READING)]


def _draw(known: list[dict[str, Any]]) -> None:
    rates = {
        "records persisted": "ingest",
        "recipients, launch to last receipt": "campaign",
        "receipts applied": "receipts",
    }
    panels = {
        "per second": {name: [(each["people"], each[key]) for each in known] for name, key in rates.items()},
        "memory of each process, MB": {
            name: [(each["people"], each["memory"][name]) for each in known] for name in known[0]["memory"]
        },
    }
    PLOT.write_text(chart(panels, axis="people"), "utf-8")
    names = list(known[0]["memory"])
    lines = [
        f"| people | records/s | recipients/s | of raw | receipts/s | {' | '.join(names)} | others |",
        f"|---|---|---|---|---|{'---|' * len(names)}---|",
    ]
    for each in known:
        memory = " | ".join(f"{each['memory'][name]:.0f}" for name in names)
        lines.append(
            f"| {each['people']:,} | {each['ingest']:,.0f} | {each['campaign']:,.0f} | {each['ratio']:.0%} "
            f"| {each['receipts']:,.0f} | {memory} | {each['others']:.1f} of {os.cpu_count()} |"
        )
    put("growth", "\n".join(lines))


if __name__ == "__main__":
    typer.run(main)
