"""The deliver function against real emulators and a vendor with a ledger."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx2
import pytest

from crm.campaigns.campaign import Campaign, Message
from crm.customers.customer import erased
from crm.customers.customer_key import customer_key
from crm.customers.unsubscribe_links import UnsubscribeLinks
from crm.delivery.plan import NOT_RENDERED
from crm.kernel.errors import Conflict, Unavailable
from tests.builders import message_to
from tests.delivery.campaign_stores import World, body, customer, envelope, withdrawn
from tests.mortal import own_process
from tests.support import PUBLIC_URL, UNSUBSCRIBE_KEY, part_of
from tests.vendor_stub import VendorStub
from tests.waiting import until_true

pytestmark = pytest.mark.emulator


@pytest.mark.usefixtures("small_parts")
async def test_a_campaign_from_launch_to_the_end_adds_up_at_every_step(
    world: World, vendor_stub: VendorStub
) -> None:
    await world.has(*(customer(n) for n in range(45)), customer(99, email=None))
    await world.drafts()
    assert (await world.launches()).partitions == 5
    assert await world.stats() == {}
    assert await world.handles("partitions") == 5
    assert (await world.campaign()).status == "sending"
    assert await world.stats() == {"audience": 45, "pending": 45}
    chunks = world.takes("chunks")
    assert len(chunks) >= 15
    assert (await world.pushes("chunks", chunks[0])).status_code == 204
    sent = len(vendor_stub.ledger)
    assert await world.stats() == {"audience": 45, "pending": 45 - sent, "sent": sent, "accepted": sent}
    await asyncio.gather(*(world.pushes("chunks", chunk) for chunk in chunks[1:]))
    assert await world.stats() == {"audience": 45, "sent": 45, "accepted": 45}
    assert max(len(call) for call in vendor_stub.calls) == 3
    rows = list((await world.rows()).values())
    await world.receives(rows[:40])
    await world.ticks()
    assert (await world.campaign()).status == "sending"
    assert await world.stats() == {"audience": 45, "sent": 45, "accepted": 5, "delivered": 40}
    await world.receives(rows[40:], status="failed", reason="bounced")
    await world.ticks()
    assert await world.stats() == {"audience": 45, "sent": 40, "delivered": 40, "failed": 5}
    closed = await world.campaign()
    assert (closed.status, closed.finished_at) == ("finished", world.now)
    assert set(vendor_stub.ledger) == {message_to("c1", f"C-{n}") for n in range(45)}


async def test_each_message_is_personal_and_its_row_says_what_happened(
    world: World, vendor_stub: VendorStub
) -> None:
    text = "Hi {{ customer.first_name }}. No more of this: {{ unsubscribe_url }}"
    (chunk,) = await world.sending(2, message=Message(body=text, subject="For {{ customer.name }}"))
    await world.pushes("chunks", chunk)
    name = message_to("c1", "C-1")
    link = UnsubscribeLinks(PUBLIC_URL, [UNSUBSCRIBE_KEY]).to(customer_key("C-1"), "simulator", name)
    assert vendor_stub.ledger[name] == {
        "id": name,
        "channel": "simulator",
        "to": "c1@example.com",
        "subject": "For Name 1",
        "body": f"Hi Name. No more of this: {link}",
        "unsubscribe_url": link,
    }
    rows = await world.rows()
    assert rows["C-1"].sent_at == world.now
    assert rows["C-1"].cohorts == ("regular_spenders", "never_ordered")
    assert rows["C-0"].cohorts == ("high_spenders", "never_ordered")


@pytest.mark.usefixtures("small_parts")
async def test_ten_concurrent_launches_send_once(world: World, vendor_stub: VendorStub) -> None:
    await world.has(*(customer(n) for n in range(12)))
    await world.drafts()
    outcomes = await asyncio.gather(*(world.launches() for _ in range(10)), return_exceptions=True)
    assert sum(isinstance(outcome, Campaign) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, Conflict) for outcome in outcomes) == 9
    for topic in ("partitions", "chunks"):
        await world.handles(topic)
    assert await world.stats() == {"audience": 12, "sent": 12, "accepted": 12}
    assert sorted(m["id"] for call in vendor_stub.calls for m in call) == sorted(vendor_stub.ledger)


@pytest.mark.usefixtures("small_parts")
async def test_every_message_handled_four_times_concurrently_changes_nothing(
    world: World, vendor_stub: VendorStub
) -> None:
    await world.has(*(customer(n) for n in range(25)))
    await world.drafts()
    await world.launches()
    for topic in ("partitions", "chunks"):
        bodies = world.takes(topic) * 4
        answers = await asyncio.gather(*(world.pushes(topic, each) for each in bodies))
        assert {answer.status_code for answer in answers} == {204}
    assert await world.stats() == {"audience": 25, "sent": 25, "accepted": 25}
    assert len(vendor_stub.ledger) == 25
    # Later still: everything is done already.
    world.now += timedelta(days=1)
    await world.pushes("partitions", body(campaign_id="c1", partition=0))
    await world.pushes("chunks", body(campaign_id="c1", chunk_id="0000-0000"))
    assert await world.stats() == {"audience": 25, "sent": 25, "accepted": 25}
    assert sum(len(call) for call in vendor_stub.calls) == 25


async def test_killed_after_the_vendor_took_it_and_before_the_commit(
    world: World, vendor_stub: VendorStub
) -> None:
    (chunk,) = await world.sending(5)
    vendor_stub.hang = 30
    async with own_process("deliver", CRM_VENDOR_TIMEOUT="60") as url:
        push = asyncio.create_task(world.pushes_to(url, chunk))
        await until_true(lambda: len(vendor_stub.ledger) == 5)
    with pytest.raises(httpx2.TransportError):
        await push
    vendor_stub.hang = 0
    assert await world.stats() == {"audience": 5, "pending": 5}
    # The worker that died used the real time; its lease has to run out.
    world.now = datetime.now(UTC) + world.lease
    await world.pushes("chunks", chunk)
    assert await world.stats() == {"audience": 5, "sent": 5, "accepted": 5}
    assert len(vendor_stub.ledger) == 5
    assert [len(call) for call in vendor_stub.calls] == [5, 5]


async def test_who_withdrew_consent_after_the_freeze_gets_nothing(
    world: World, vendor_stub: VendorStub
) -> None:
    (chunk,) = await world.sending(6)
    await world.has(
        withdrawn(0),
        replace(customer(1), consents={"simulator": False}, version=2),
        replace(customer(2), suppressions={"simulator": "complained"}, version=2),
        erased(customer(3), world.now),
        replace(customer(4), email=None, version=2),
    )
    await world.pushes("chunks", chunk)
    reasons = {name: row.reason for name, row in (await world.rows()).items()}
    assert reasons == {
        "C-0": "no_consent",
        "C-1": "no_consent",
        "C-2": "suppressed",
        "C-3": "erased",
        "C-4": "no_address",
        "C-5": None,
    }
    assert await world.stats() == {"audience": 6, "sent": 1, "accepted": 1, "skipped": 5}
    assert [message["to"] for message in vendor_stub.ledger.values()] == ["c5@example.com"]
    assert (await world.rows())["C-3"].cohorts == ()


async def test_the_audience_is_that_of_the_launch_whatever_changes_before_it_is_sent(
    world: World, vendor_stub: VendorStub
) -> None:
    (chunk,) = await world.sending(3)
    await world.has(customer(3), customer(4))
    await world.pushes("chunks", chunk)
    assert await world.stats() == {"audience": 3, "sent": 3, "accepted": 3}


async def test_relative_dates_count_from_the_launch_however_late_the_audience_is_frozen(world: World) -> None:
    await world.has(
        customer(1, last_active_at=world.now - timedelta(days=89, hours=23)),
        customer(2, last_active_at=world.now - timedelta(days=91)),
    )
    ninety_days_ago = {"mode": "relative", "anchor": "now", "offset": -90, "unit": "day"}
    rule = {"field": "last_active_at", "operator": ">", "value": ninety_days_ago}
    await world.drafts(rules={"combinator": "and", "rules": [rule]})
    await world.launches()
    world.now += timedelta(days=3)
    for topic in ("partitions", "chunks"):
        await world.handles(topic)
    assert set(await world.rows()) == {"C-1"}


async def test_a_message_that_cannot_be_rendered_fails_alone(world: World, vendor_stub: VendorStub) -> None:
    template = Message(body="{{ customer.total_spend | times: 1.0 | divided_by: customer.visits }}")
    (chunk,) = await world.sending(3, message=template)
    await world.has(replace(customer(1), visits=4, version=2))
    await world.pushes("chunks", chunk)
    assert await world.stats() == {"audience": 3, "sent": 1, "accepted": 1, "failed": 2}
    reason = (await world.rows())["C-0"].reason
    assert reason is not None
    assert reason == f"{NOT_RENDERED}: message.body, line 1, column 40"


async def test_parts_that_do_not_exist_are_refused(world: World) -> None:
    await world.sending(2)
    missing = await world.pushes("chunks", body(campaign_id="c1", chunk_id="0009-0009"))
    assert missing.status_code == 404
    await world.drafts(campaign_id="c2")
    await world.launches("c2")
    for name, partition in (("c2", 7), ("nobody", 0)):
        missing = await world.pushes("partitions", body(campaign_id=name, partition=partition))
        assert missing.status_code == 404
        assert missing.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/events/partitions", "/events/chunks", "/events/tick"])
async def test_only_our_own_subscriptions_and_scheduler_may_push(world: World, path: str) -> None:
    for headers in ({}, {"Authorization": "Bearer nonsense"}):
        world.http.headers = httpx2.Headers(headers)
        response = await world.http.post(path, json=envelope(b"{}"))
        assert response.status_code == 401


async def test_an_error_in_the_upkeep_of_the_audience_is_raised_after_the_campaigns_are_advanced(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    (chunk,) = await world.sending(2)
    await world.pushes("chunks", chunk)
    await world.receives(list((await world.rows()).values()))

    async def away(store: object) -> None:
        raise Unavailable("The database does not answer.")

    monkeypatch.setattr(part_of("deliver", "deliver_tick").Maintain, "__call__", away)
    assert (await world.http.post("/events/tick")).status_code == 503
    assert (await world.campaign()).status == "finished"


async def test_it_is_there(world: World) -> None:
    world.http.headers = httpx2.Headers()
    response = await world.http.get("/health")
    assert (response.status_code, response.json()["status"]) == (200, "ok")


async def test_only_a_tick_that_did_everything_says_so(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """An alert rings where the line is missing for five minutes."""
    caplog.set_level("INFO")
    assert (await world.http.post("/events/tick")).status_code == 204
    assert caplog.messages.count("the tick is done") == 1

    async def away(_: object) -> None:
        raise Unavailable("The database is away.")

    monkeypatch.setattr(part_of("deliver", "deliver_tick").Maintain, "__call__", away)
    assert (await world.http.post("/events/tick")).status_code == 503
    assert caplog.messages.count("the tick is done") == 1


@pytest.mark.parametrize("broken", ["Tick", "Maintain", "TakeDueSnapshots", "FinishErasures", "CheckBackups"])
async def test_each_part_of_the_tick_runs_whatever_becomes_of_the_others(
    world: World, monkeypatch: pytest.MonkeyPatch, broken: str, caplog: pytest.LogCaptureFixture
) -> None:
    parts = ("Tick", "Maintain", "TakeDueSnapshots", "FinishErasures", "CheckBackups")
    ran: list[str] = []

    def part(name: str) -> Callable[..., Awaitable[None]]:
        async def run(*_: object) -> None:
            ran.append(name)
            if name == broken:
                raise KeyError("a bug")
            if name == parts[0]:
                raise Unavailable("The database is away.")

        return run

    for name in parts:
        monkeypatch.setattr(part_of("deliver", "deliver_tick").__dict__[name], "__call__", part(name))
    assert (await world.http.post("/events/tick")).status_code == 500
    assert ran == list(parts)
    others = [record for record in caplog.records if record.message == "another part of the tick failed"]
    assert len(others) == (broken != parts[0])
