"""The change log and its reader against the Firestore emulator."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from google.cloud.firestore import AsyncClient

from crm.adapters.firestore import audience
from crm.adapters.firestore.audience import AudienceReader
from crm.adapters.firestore.audience_log import LOG, log_writes
from crm.audience.changes import encode
from crm.domain.customers import Customer, erased
from crm.domain.orders import Order
from crm.domain.rules import parse
from crm.usecases.audience import preview

pytestmark = pytest.mark.emulator

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
EVERYONE = parse({"combinator": "and", "rules": [], "all": True})


@pytest.fixture
def database(project: str) -> AsyncClient:
    return AsyncClient(project=project)


def customer(customer_id: str, version: int = 1, **fields: object) -> Customer:
    return Customer(customer_id=customer_id, known=True, version=version, **fields)  # type: ignore[arg-type]


def order(order_id: str, customer_id: str) -> Order:
    return Order(
        order_id=order_id,
        customer_id=customer_id,
        amount=10_000,
        currency="GBP",
        status="completed",
        category=None,
        placed_at=NOW,
        updated_at=NOW,
        version=1,
    )


async def commit(database: AsyncClient, customers: Sequence[Customer], orders: Sequence[Order] = ()) -> None:
    batch = database.batch()
    log_writes(database, batch, customers, orders)
    await batch.commit()


async def ids(reader: AudienceReader) -> list[str]:
    return (await reader.snapshot()).customers["customer_id"].to_list()


async def test_an_empty_log_is_nobody(database: AsyncClient) -> None:
    snapshot = await AudienceReader(database).snapshot()

    assert preview(snapshot, EVERYONE, NOW, UTC, "email").total == 0


async def test_a_commit_that_returned_is_in_the_next_snapshot(database: AsyncClient) -> None:
    reader = AudienceReader(database)
    for number in range(5):
        await commit(database, [customer(f"C{number}", name="Mira")], [order(f"O{number}", f"C{number}")])
        snapshot = await reader.snapshot()
        assert snapshot.customers.height == snapshot.orders.height == number + 1


async def test_a_document_stamped_behind_those_already_read_is_not_missed(database: AsyncClient) -> None:
    reader = AudienceReader(database)
    await commit(database, [customer("C1")])
    assert await ids(reader) == ["C1"]

    late = {"at": datetime.now(UTC) - timedelta(seconds=20), "payload": encode([customer("C0")], [])[0]}
    await database.collection(LOG).document("late").set(late)

    assert await ids(reader) == ["C0", "C1"]


async def test_nothing_new_costs_no_payload(database: AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    reader = AudienceReader(database)
    await commit(database, [customer("C1")])
    first = await reader.snapshot()
    monkeypatch.setattr(AsyncClient, "get_all", None)

    second = await reader.snapshot()

    assert second.customers is first.customers
    assert second.as_of > first.as_of


async def test_the_highest_version_wins_whatever_comes_last(database: AsyncClient) -> None:
    reader = AudienceReader(database)
    await commit(database, [customer("C1", version=3, city="Leeds")])
    await reader.snapshot()
    await commit(database, [customer("C1", version=2, city="York")])

    assert (await reader.snapshot()).customers["city"].to_list() == ["Leeds"]


async def test_an_erased_customer_leaves_with_their_orders(database: AsyncClient) -> None:
    reader = AudienceReader(database)
    gone = customer("C1", name="Mira")
    await commit(database, [gone, customer("C2")], [order("O1", "C1")])
    await reader.snapshot()
    await commit(database, [erased(gone, NOW)])

    snapshot = await reader.snapshot()

    assert snapshot.customers["customer_id"].to_list() == ["C2"]
    assert snapshot.orders.is_empty()


async def test_concurrent_calls_share_one_read_and_each_sees_what_was_committed_before_it(
    database: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = AudienceReader(database)
    reads = 0
    added = AudienceReader._added

    async def counted(self: AudienceReader) -> dict[str, datetime]:
        nonlocal reads
        reads += 1
        found = await added(self)
        if reads == 1:  # while the first read is under way, a commit returns and five more calls come
            await commit(database, [customer("C2")])
            later.extend(asyncio.create_task(ids(reader)) for _ in range(5))
            await asyncio.sleep(0)
        return found

    monkeypatch.setattr(AudienceReader, "_added", counted)
    later: list[asyncio.Task[list[str]]] = []
    await commit(database, [customer("C1")])

    first = await asyncio.gather(*(ids(reader) for _ in range(5)))

    assert first == [["C1"]] * 5
    assert await asyncio.gather(*later) == [["C1", "C2"]] * 5
    assert reads == 2


async def test_a_cancelled_caller_does_not_take_the_read_from_the_others(database: AsyncClient) -> None:
    reader = AudienceReader(database)
    await commit(database, [customer("C1")])
    impatient, patient = asyncio.create_task(ids(reader)), asyncio.create_task(ids(reader))
    await asyncio.sleep(0)
    impatient.cancel()

    assert await patient == ["C1"]


async def test_many_and_large_documents_are_read_in_parts(
    database: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audience, "NAMES_AT_ONCE", 3)
    monkeypatch.setattr(audience, "PAYLOADS_AT_ONCE", 7)
    for number in range(10):
        await commit(database, [customer(f"C{number}")])

    assert await ids(AudienceReader(database)) == [f"C{number}" for number in range(10)]
