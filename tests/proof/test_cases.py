"""Named cases that delivery has to handle, on real storage; docs/promises.md lists the others."""

import asyncio
import random
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx2
import pytest

from crm.delivery.receipts import ReceiptStatus
from tests.builders import message_to
from tests.delivery.campaign_stores import World, customer
from tests.mortal import own_process
from tests.vendor_stub import VendorStub
from tests.waiting import PATIENCE, until_true

pytestmark = [pytest.mark.emulator, pytest.mark.usefixtures("small_parts")]


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Partitions of 10 and chunks of 3, so that a small audience has many."""
    monkeypatch.setattr("crm.campaigns.frozen_list.PARTITION_SIZE", 10)
    monkeypatch.setattr("crm.delivery.freezing.CHUNK_SIZE", 3)


async def test_killed_after_40_percent_of_a_fan_out_while_the_vendor_holds_one_accepted_unanswered_call(
    world: World, vendor_stub: VendorStub
) -> None:
    chunks = await world.sending(30)
    assert len(chunks) == 12  # three partitions, each of four chunks
    async with own_process("deliver", CRM_VENDOR_TIMEOUT="60") as url:
        waiting = iter(chunks)
        while len(vendor_stub.ledger) < 12:
            assert (await world.pushes_to(url, next(waiting))).status_code == 204
        sent = len(vendor_stub.ledger)
        assert await world.stats() == {"audience": 30, "pending": 30 - sent, "accepted": sent, "sent": sent}
        vendor_stub.hang = 30
        unanswered = asyncio.create_task(world.pushes_to(url, next(waiting)))
        await until_true(lambda: len(vendor_stub.ledger) > sent)
    with pytest.raises(httpx2.TransportError):
        await unanswered
    vendor_stub.hang = 0
    held = len(vendor_stub.ledger) - sent
    assert await world.stats() == {"audience": 30, "pending": 30 - sent, "accepted": sent, "sent": sent}
    # The tick alone brings on what is left, once the lease of the dead worker has run out.
    world.now = datetime.now(UTC) + world.lease
    await world.ticks()
    assert await world.handles("chunks") == 1 + len(list(waiting))
    assert await world.stats() == {"audience": 30, "accepted": 30, "sent": 30}
    assert set(vendor_stub.ledger) == {message_to("c1", f"C-{n}") for n in range(30)}
    # Only what was held was offered again, under the ids that the vendor had.
    offered = Counter(message["id"] for call in vendor_stub.calls for message in call)
    assert sorted(offered.values()) == [1] * (30 - held) + [2] * held


async def test_a_whole_page_suppressed(world: World, vendor_stub: VendorStub) -> None:
    first, second = await world.sending(6)
    await world.pushes("chunks", first)
    sent = await world.rows()
    page = [n for n in range(6) if f"C-{n}" not in sent]
    assert len(page) == 3
    await world.has(*(replace(customer(n), suppressions={"simulator": "bounced"}, version=2) for n in page))
    await world.pushes("chunks", second)
    assert [len(call) for call in vendor_stub.calls] == [3]
    assert await world.stats() == {"audience": 6, "accepted": 3, "sent": 3, "skipped": 3}
    rows = await world.rows()
    assert {rows[f"C-{n}"].reason for n in page} == {"suppressed"}
    await world.receives(list(sent.values()))
    await world.ticks()
    assert (await world.campaign()).status == "finished"


async def test_two_customers_with_one_address_get_one_message_each(
    world: World, vendor_stub: VendorStub
) -> None:
    family = "family@example.com"
    await world.has(customer(1, email=family), customer(2, email=family))
    await world.drafts()
    await world.launches()
    for topic in ("partitions", "chunks"):
        await world.handles(topic)
    assert await world.stats() == {"audience": 2, "accepted": 2, "sent": 2}
    assert [message["to"] for message in vendor_stub.ledger.values()] == [family, family]
    assert {message["body"] for message in vendor_stub.ledger.values()} == {"Hi Name 1", "Hi Name 2"}


@pytest.mark.parametrize("channel", ["simulator", None], ids=["this channel", "every channel"])
async def test_unsubscribed_between_freeze_and_send(
    world: World, vendor_stub: VendorStub, channel: str | None
) -> None:
    chunks = await world.sending(3)
    left = {"suppressions": {channel: "unsubscribed"}} if channel else {"consent": False}
    await world.has(customer(1, version=2, **left))
    for chunk in chunks:
        await world.pushes("chunks", chunk)
    assert await world.stats() == {"audience": 3, "accepted": 2, "sent": 2, "skipped": 1}
    assert message_to("c1", "C-1") not in vendor_stub.ledger
    reason = (await world.rows())["C-1"].reason
    assert reason == ("suppressed" if channel else "no_consent")


@pytest.mark.parametrize(
    ("reports", "status"),
    [
        (("failed", "delivered"), "failed"),
        (("delivered", "failed"), "failed"),
        (("delivered", "opened"), "delivered"),
        (("clicked", "delivered"), "delivered"),
    ],
    ids=["bounced then delivered", "delivered then bounced", "opened last", "clicked first"],
)
async def test_the_same_row_and_counts_whatever_comes_first(
    world: World, reports: tuple[ReceiptStatus, ...], status: str
) -> None:
    (chunk,) = await world.sending(1)
    await world.pushes("chunks", chunk)
    row = (await world.rows())["C-0"]
    for report in reports:
        await world.receives([row], status=report)
        await world.receives([row], status=report)
    stats = await world.stats()
    assert (stats[status], stats.get("accepted")) == (1, None)
    await world.ticks()
    assert (await world.campaign()).status == "finished"


async def test_delivered_before_sent(world: World, vendor_stub: VendorStub) -> None:
    """The vendor's receipts for a whole chunk come while its worker still waits for the vendor's answer."""
    (chunk,) = await world.sending(3)
    vendor_stub.hang = PATIENCE
    push = asyncio.create_task(world.pushes("chunks", chunk))
    await until_true(lambda: len(vendor_stub.ledger) == 3)
    await world.reports(list(vendor_stub.ledger), occurred_at=world.now - timedelta(seconds=30))
    assert await world.stats() == {"audience": 3, "pending": 3}
    vendor_stub.release()
    assert (await push).status_code == 204
    await world.ticks()
    assert await world.stats() == {"audience": 3, "delivered": 3, "sent": 3}
    assert (await world.campaign()).status == "finished"


async def test_receipts_repeated_46_times_in_any_order(world: World) -> None:
    chunks = await world.sending(6)
    for chunk in chunks:
        await world.pushes("chunks", chunk)
    rows = list((await world.rows()).values())
    reports: list[ReceiptStatus] = ["delivered", "opened", "clicked"] * 46
    random.Random(4).shuffle(reports)
    await asyncio.gather(*(world.receives(rows[:4], status=report) for report in reports))
    await world.receives(rows[4:], status="failed")
    figures = {"audience": 6, "delivered": 4, "failed": 2, "opened": 4, "clicked": 4, "sent": 4}
    assert await world.stats() == figures
