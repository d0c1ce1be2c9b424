"""Segments in the real database."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from crm.kernel.errors import Conflict, Invalid, NotFound
from crm.platform.firestore.client import client
from crm.segments.segment import Segment
from crm.segments.store.segments import Segments

pytestmark = pytest.mark.emulator

NOW = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
BY = "ana@example.com"
SEGMENT = Segment(
    segment_id="s1",
    name="Regulars",
    # Lists within lists, an empty name and a wide tree: what Firestore's own maps would not take.
    rules={"combinator": "and", "rules": [{"field": "visits", "operator": "in", "value": [[1], [2]], "": 1}]},
    created_at=NOW,
    created_by="mira@example.com",
    updated_at=NOW,
    updated_by="mira@example.com",
)


@pytest.fixture
def segments(project: str) -> Segments:
    return Segments(client(project))


async def test_a_segment_is_read_as_stored(segments: Segments) -> None:
    await segments.create(SEGMENT, LATER)
    assert await segments.get("s1") == SEGMENT


async def test_an_unknown_segment_is_not_found(segments: Segments) -> None:
    with pytest.raises(NotFound):
        await segments.get("s1")
    with pytest.raises(NotFound):
        await segments.update("s1", "x", {}, BY, NOW, None)
    await segments.delete("s1", NOW)


async def test_a_change_raises_the_version_and_a_stale_one_is_refused(segments: Segments) -> None:
    await segments.create(SEGMENT, LATER)
    later = NOW + timedelta(hours=1)
    changed = await segments.update("s1", "Rare", {"combinator": "or"}, BY, later, 1)
    assert changed == replace(
        SEGMENT, name="Rare", rules={"combinator": "or"}, updated_at=later, updated_by=BY, version=2
    )
    assert await segments.get("s1") == changed
    with pytest.raises(Conflict, match="version 2"):
        await segments.update("s1", "Mine", {}, BY, later, 1)
    assert (await segments.update("s1", "Mine", {}, BY, later, None)).version == 3


async def test_pages_are_newest_first_without_gap_or_repetition(segments: Segments) -> None:
    for number in range(5):
        # Two of the same time: their order is by name, and a page may end between them.
        at = NOW + timedelta(seconds=number // 2)
        await segments.create(replace(SEGMENT, segment_id=f"s{number}", created_at=at), LATER)
    found: list[str] = []
    cursor = None
    while True:
        page, cursor = await segments.list(2, cursor)
        found += [segment.segment_id for segment in page]
        if cursor is None:
            break
        await segments.delete(page[-1].segment_id, NOW)
    assert found == ["s4", "s3", "s2", "s1", "s0"]


@pytest.mark.parametrize("cursor", ["", "x", "1-", "1-a/b", "99999999999999999999-a", "²-a"])
async def test_a_made_up_cursor_is_refused(segments: Segments, cursor: str) -> None:
    with pytest.raises(Invalid) as refused:
        await segments.list(2, cursor)
    assert refused.value.errors[0].path == "cursor"
