"""One query of the logs follows a campaign: every line about it names it, from launch to end."""

import asyncio
import json
import logging
from datetime import timedelta

import pytest

from crm.entry import logs
from tests.delivery import World

pytestmark = pytest.mark.emulator

STEPS = (
    "campaign is launching",
    "part of the audience made into 1 chunks",
    "campaign is sending",
    "chunk of 3 recipients done",
    "campaign is finished",
)


async def test_one_query_follows_a_campaign(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    before = root.handlers[:]
    logs.configure()
    chunks = await world.sending(3)
    await asyncio.gather(*(world.pushes("chunks", chunk) for chunk in chunks))
    await world.receives(list((await world.rows()).values()))
    for _ in range(3):
        world.now += timedelta(minutes=10)
        await world.ticks()
    root.handlers[:] = before

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    followed = [line["message"] for line in lines if line.get("campaign_id") == "c1"]
    assert [message for message in followed if message in STEPS] == list(STEPS)
    chunk = next(line for line in lines if line["message"].startswith("chunk of"))
    assert chunk["chunk_id"] == "0000-0000"
