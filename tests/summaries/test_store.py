"""Summaries in Firestore: the latest one is stored, and never overwritten unseen."""

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


async def test_a_summary_is_returned_as_it_was_saved(project: str) -> None:
    summaries = Summaries(client(project))
    nothing, etag = await summaries.latest("c1")
    assert nothing is None
    assert await summaries.save(SUMMARY, etag)
    assert (await summaries.latest("c1"))[0] == SUMMARY
    assert (await summaries.latest("c2"))[0] is None


async def test_a_new_summary_replaces_the_previous_one(project: str) -> None:
    summaries = Summaries(client(project))
    await summaries.save(SUMMARY, None)
    _, etag = await summaries.latest("c1")
    newer = replace(SUMMARY, text="10 were delivered.", fingerprint="g")
    assert await summaries.save(newer, etag)
    assert (await summaries.latest("c1"))[0] == newer


async def test_a_summary_saved_meanwhile_is_not_overwritten(project: str) -> None:
    summaries = Summaries(client(project))
    assert await summaries.save(SUMMARY, None)
    late = replace(SUMMARY, text="late")
    assert not await summaries.save(late, None), "there was none when it was read"
    _, etag = await summaries.latest("c1")
    assert await summaries.save(replace(SUMMARY, text="second"), etag)
    assert not await summaries.save(late, etag)
    stored, _ = await summaries.latest("c1")
    assert stored is not None
    assert stored.text == "second"
