"""Compares, once all work is finished, what is stored with what was posted and with the vendor's ledger."""

import asyncio
import importlib
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from crm.config import VendorSettings, load
from devstack.paths import ROOT
from prove import commands
from prove.database import Database, Entry
from prove.judging import Sent, Verdict, judge, judge_records
from prove.story import Story

_NOT_AT_REST = {"unmatched_receipts": "receipts wait for their row", "dead_letters": "dead letters are kept"}
"""Collections that have to be empty at the end."""


async def compared(story: Story, folder: Path, vendor_knobs: Mapping[str, str]) -> Verdict:
    """The verdict on all campaigns and records; what else is wrong is added to the story's `broken`.

    `folder` is that of the stack, `vendor_knobs` are the variables of the simulated vendor.
    """
    database, verdict = Database(), Verdict()
    vendor, rows = await database.vendor(), await database.rows()
    events = _vendor_events(vendor_knobs)
    customers = story.systems.truth.customers
    for campaign in story.campaigns:
        found = await story.marketer.campaign(campaign.campaign_id)
        sent = Sent(
            ledger=await database.ledger(campaign.campaign_id, rows),
            addresses={name: customers[name]["email"] for name in story.customers(campaign.group)},
            withdrew=story.withdrew,
            stats=found["stats"],
        )
        judge(verdict, sent, vendor, events)
    judge_records(verdict, story.systems.truth, await database.customers(), await database.orders())
    asked = [commands.audit(folder, each.campaign_id, each.name) for each in story.campaigns]
    for said in await asyncio.gather(*asked, commands.verify_audience(folder)):
        story.broken += said
    for collection, what in _NOT_AT_REST.items():
        left = await database.count(collection)
        if left:
            story.broken.append(f"{left} {what}")
    return verdict


def _vendor_events(knobs: Mapping[str, str]) -> Callable[[Entry], frozenset[str]]:
    """The events of a message by the simulated vendor's rules, which draw from its id."""
    sys.path.append(str(ROOT / "functions" / "vendor"))
    outcomes: Any = importlib.import_module("vendor_sim.outcomes")
    wired = {"CRM_PROJECT": "-", "CRM_VENDOR_KEY": "-" * 16, "CRM_WEBHOOK_SECRET": "-" * 16}
    vendor = load(VendorSettings, {"CRM_WEBHOOK_URL": "-", **wired, **knobs})

    def events(entry: Entry) -> frozenset[str]:
        return frozenset(report.event for report in outcomes.reports(vendor, entry.message_id, entry.at))

    return events
