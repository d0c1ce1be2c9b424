"""Functions that die while a campaign is sent, and a database that is lost and restored from its backup."""

import asyncio
import time
from pathlib import Path
from typing import Final

from crm.customers.customer_key import customer_key
from crm.topology import FUNCTIONS
from devstack.state import State
from prove import commands
from prove.callers import Marketer
from prove.history import orders
from prove.story import QUIET
from prove.trouble import in_background
from rehearse.rehearsal import Rehearsal, check_calls, rehearsal_on
from rehearse.stage import Stage
from rehearse.table import Report

RATE: Final = 1_200
"""Messages a minute while functions die."""

SIZES: Final = {"killed": 3_000, "restored": 600}

FORGOTTEN: Final = "forgotten-00000"
"""A customer who is erased after the backup."""

_OWNER: Final = "owner@example.com"


async def rehearse_recovery(stage: Stage, report: Report, version: str) -> None:
    """Run it on a ready stack where this version is called. Raises StackError, Refused."""
    async with rehearsal_on(stage) as rehearsal:
        await rehearsal.customers_of(report, SIZES)
        await _kill_each(rehearsal, report, version)
        await _lose_the_database(rehearsal, report, version)
        await rehearsal.finish(report)
        await rehearsal.reconcile(report)
    check_calls(stage, report, killed=True)


async def _kill_each(rehearsal: Rehearsal, report: Report, version: str) -> None:
    """Every function by SIGKILL, `deliver` once more at the end, while records arrive."""
    with report.checking("kills", "every function dies while a campaign is sent, and comes back") as line:
        campaign = await rehearsal.begin("killed", RATE)
        slowest = 0.0
        async with in_background(rehearsal.read_on()), in_background(rehearsal.post_on(("killed",), "K", 20)):
            for function in (*FUNCTIONS, "deliver"):
                began = time.monotonic()
                rehearsal.stage.fleet.kill(function, version)
                rehearsal.stage.fleet.revive()
                await rehearsal.stage.fleet.instances[function, version].ready()
                slowest = max(slowest, time.monotonic() - began)
            until = (await rehearsal.marketer.campaign(campaign.campaign_id))["status"]
            await rehearsal.set_rate(campaign)
            found = await rehearsal.ended(campaign)
        delivered = found["stats"]["delivered"]
        line.record(
            f"{len(FUNCTIONS) + 1} killed, back within {slowest:.0f} s; {delivered:,} delivered",
            "" if (until, found["status"]) == ("sending", "finished") else f"{until}, then {found['status']}",
        )


async def _lose_the_database(rehearsal: Rehearsal, report: Report, version: str) -> None:
    """Back up, go on, lose the database, and restore it as docs/operations.md has it."""
    stage = rehearsal.stage
    state = State(stage.folder / "backup")
    key = customer_key(FORGOTTEN)
    with report.checking("backup", "the database is exported while a campaign is half sent") as line:
        await rehearsal.systems.repeat("customers", [_forgotten()])
        campaign = await rehearsal.begin("restored", RATE)
        while await rehearsal.sent(campaign) < SIZES["restored"] // 4:
            await asyncio.sleep(0.2)
        # A report that came after the backup would be lost with the database, and the campaign wait for days.
        await rehearsal.pause(campaign)
        await stage.front.quiet(QUIET)
        await asyncio.to_thread(state.save, stage.emulators.firestore_host, {})
        kept = await rehearsal.marketer.campaign(campaign.campaign_id)
        line.record(f"{kept['stats']['sent']:,} of {kept['stats']['audience']:,} sent")
    late = list(orders(rehearsal.draw, rehearsal.customers("restored"), 300, "L"))
    with report.checking("loss", "somebody is erased, records arrive, messages go; it is lost") as line:
        await rehearsal.systems.post("orders", late)
        async with Marketer.signed_in(stage.ports.url, _OWNER) as owner:
            answer = await owner.once("DELETE", f"/customers/{key}")
        await rehearsal.marketer.ask("POST", f"/campaigns/{campaign.campaign_id}/resume")
        while (sent := await rehearsal.sent(campaign)) < SIZES["restored"] // 2:
            await asyncio.sleep(0.2)
        erased = answer is not None and answer.status_code == 204
        line.record(
            f"{sent - kept['stats']['sent']:,} messages, 1 customer, {len(late):,} versions of orders",
            "" if erased else "the customer was not erased",
        )
    with report.checking("restore", "the backup is loaded, and who was erased is erased again") as line:
        for function in FUNCTIONS:
            stage.fleet.kill(function, version)
        stage.emulators.replace_firestore(_metadata(state))
        stage.fleet.revive()
        await stage.fleet.ready()
        came_back = await _has(rehearsal, key)
        wrong = await commands.reapply_erasures(stage.folder)
        wrong += await commands.verify_audience(stage.folder)
        if not came_back:
            wrong.append("the backup did not hold the customer")
        if await _has(rehearsal, key):
            wrong.append("the customer is there again")
        line.record("1 customer came back and was erased again", "; ".join(wrong))
    await rehearsal.systems.repeat("orders", late)
    await rehearsal.marketer.ask("POST", f"/campaigns/{campaign.campaign_id}/resume")
    await rehearsal.set_rate(campaign)


async def _has(rehearsal: Rehearsal, key: str) -> bool:
    """Whether people find a customer."""
    while (
        answer := await rehearsal.marketer.once("GET", f"/customers/{key}")
    ) is None or answer.is_server_error:
        await asyncio.sleep(0.3)
    return answer.status_code == 200


def _metadata(state: State) -> Path:
    file = state.import_file
    assert file is not None  # it was saved
    return file


def _forgotten() -> dict[str, str]:
    return {
        "customer_id": FORGOTTEN,
        "email": f"{FORGOTTEN}@prove.example.com",
        "updated_at": "2026-01-01T00:00:00Z",
    }
