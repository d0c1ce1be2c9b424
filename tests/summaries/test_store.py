"""Summaries in Firestore: the latest one, and nobody overwrites what they have not seen."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from crm.platform.firestore.client import client
from crm.summaries.store import Summaries
from crm.summaries.summary import Summary

pytestmark = pytest.mark.emulator

SUMMARY = Summary(
    campaign_id="c1",
    text="9 were delivered.",
    source="gemini",
    model="gemini-test",
    made_at=datetime(2026, 3, 1, 12, 0, 0, 5000, tzinfo=UTC),
    figures={"all": {"delivered": 9, "percent": {"delivered": 99.6}}, "cohorts": {}},
    note=None,
    fingerprint="f",
)


async def test_what_is_kept_is_read(project: str) -> None:
    shelf = Summaries(client(project))
    nothing, mark = await shelf.read("c1")
    assert nothing is None
    assert await shelf.keep(SUMMARY, mark)
    assert (await shelf.read("c1"))[0] == SUMMARY
    assert (await shelf.read("c2"))[0] is None


async def test_the_latest_takes_the_place_of_the_last(project: str) -> None:
    shelf = Summaries(client(project))
    await shelf.keep(SUMMARY, None)
    _, mark = await shelf.read("c1")
    newer = replace(SUMMARY, text="10 were delivered.", fingerprint="g")
    assert await shelf.keep(newer, mark)
    assert (await shelf.read("c1"))[0] == newer


async def test_one_who_read_before_another_wrote_does_not_overwrite(project: str) -> None:
    shelf = Summaries(client(project))
    assert await shelf.keep(SUMMARY, None)
    late = replace(SUMMARY, text="late")
    assert not await shelf.keep(late, None), "there was none when it was read"
    _, mark = await shelf.read("c1")
    assert await shelf.keep(replace(SUMMARY, text="second"), mark)
    assert not await shelf.keep(late, mark)
    kept, _ = await shelf.read("c1")
    assert kept is not None
    assert kept.text == "second"
