"""The consumer on a real database: records persist once, totals add up, poison stops nobody."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import httpx2
import pytest

from crm.customers.customer import Totals, erased
from crm.customers.customer_key import customer_key
from crm.customers.store import customers as customer_documents
from crm.customers.store.change_log import LOG
from crm.platform.firestore.client import client
from tests.functions.consumer.conftest import (
    DAY,
    customer,
    deliver,
    documents,
    envelope,
    kept,
    logged,
    order,
    push,
)
from tests.mortal import own_process
from tests.support import client_of, load_function

pytestmark = pytest.mark.emulator


async def test_customers_and_their_orders_are_kept_and_logged(
    project: str, consumer: httpx2.AsyncClient
) -> None:
    assert await push(consumer, "customers", customer(name="Mira", tags=["b", "a"]), customer("D")) == 204
    assert (
        await push(consumer, "orders", order(), order("P", amount=2.5, day=3), order("Q", amount=-1)) == 204
    )

    people, orders = await kept(project)
    assert (people["C"].name, people["C"].tags, people["C"].known) == ("Mira", ("a", "b"), True)
    assert people["C"].totals == Totals(
        total_spend=115_000, order_count=2, first_order_at=DAY, last_order_at=DAY + timedelta(days=3)
    )
    assert set(orders) == {"O", "P", "Q"}
    assert await logged(project) == (
        {name: row.version for name, row in people.items()},
        {name: row.version for name, row in orders.items()},
    )


@pytest.mark.parametrize("count", [1, 4], ids=["one instance", "four instances"])
async def test_the_same_order_20_times_concurrently_counts_once(
    project: str, push_headers: dict[str, str], count: int
) -> None:
    instances = [client_of(load_function("consumer"), headers=push_headers) for _ in range(count)]

    await asyncio.gather(*(deliver(instances[n % count], order()) for n in range(20)))

    people, orders = await kept(project)
    assert people["C"].totals == Totals(
        total_spend=100_000, order_count=1, first_order_at=DAY, last_order_at=DAY
    )
    assert (people["C"].version, orders["O"].version) == (1, 1)
    assert len(await documents(project, LOG)) == 1


@pytest.mark.parametrize("when", ["before", "after"])
async def test_killed_between_order_and_totals(
    project: str, consumer: httpx2.AsyncClient, push_headers: dict[str, str], when: str
) -> None:
    """There is no between: the process dies before its commit or after, and totals are those of the rows."""
    await push(consumer, "orders", order("P", amount=3))
    async with (
        own_process("consumer", when) as url,
        httpx2.AsyncClient(base_url=url, headers=push_headers, timeout=60) as mortal,
    ):
        with pytest.raises(httpx2.TransportError):
            await push(mortal, "orders", order("O"), order("Q", amount=-4))
    people, orders = await kept(project)
    assert set(orders) == ({"P"} if when == "before" else {"O", "P", "Q"})
    # Nobody acknowledged it, so it comes again.
    assert await push(consumer, "orders", order("O"), order("Q", amount=-4)) == 204
    people, orders = await kept(project)
    assert set(orders) == {"O", "P", "Q"}
    assert people["C"].totals.total_spend == 90_000
    assert people["C"].totals.order_count == 2


async def test_instances_that_compete_for_one_customer_lose_nothing(
    project: str, push_headers: dict[str, str]
) -> None:
    instances = [client_of(load_function("consumer"), headers=push_headers) for _ in range(4)]

    orders = [order(f"O-{n}", amount=1, day=n % 5) for n in range(24)]
    await asyncio.gather(*(deliver(instances[n % 4], each) for n, each in enumerate(orders)))

    people, _ = await kept(project)
    assert people["C"].totals.order_count == 24


async def test_repeated_records_write_nothing(project: str, consumer: httpx2.AsyncClient) -> None:
    for _ in range(2):
        await push(
            consumer, "customers", customer(name="Mira", attributes={"size": 38, "since": "2020-01-01"})
        )
        await push(consumer, "orders", order())

    people, orders = await kept(project)
    assert (people["C"].version, orders["O"].version) == (2, 1)
    assert len(await documents(project, LOG)) == 2


async def test_an_order_before_its_customer_is_kept_and_joined(
    project: str, consumer: httpx2.AsyncClient
) -> None:
    await push(consumer, "orders", order())
    assert not (await kept(project))[0]["C"].known

    await push(consumer, "customers", customer(name="Mira"))

    people, _ = await kept(project)
    assert (people["C"].known, people["C"].name, people["C"].totals.order_count) == (True, "Mira", 1)


async def test_an_order_that_moves_takes_its_amount_along(project: str, consumer: httpx2.AsyncClient) -> None:
    await push(consumer, "orders", order("O", "C", 10, 0), order("P", "C", 5, 1))
    await push(consumer, "orders", order("O", "D", 10, day=2))

    people, _ = await kept(project)
    assert people["C"].totals.total_spend == 50_000
    assert people["C"].totals.first_order_at == DAY + timedelta(days=1)
    assert people["D"].totals.total_spend == 100_000


async def test_a_refund_that_comes_later_is_taken_off(project: str, consumer: httpx2.AsyncClient) -> None:
    await push(consumer, "orders", order("O", day=0), order("P", day=1))
    await push(consumer, "orders", order("P", day=2, status="refunded", placed_at="2026-01-02T00:00:00Z"))

    people, _ = await kept(project)
    assert people["C"].totals == Totals(
        total_spend=100_000, order_count=1, first_order_at=DAY, last_order_at=DAY
    )


async def test_older_news_never_overwrites_newer_field_by_field(
    project: str, consumer: httpx2.AsyncClient
) -> None:
    await push(consumer, "customers", customer(day=2, name="Mira", consents={"sms": False}))
    await push(consumer, "orders", order(day=2, amount=7))
    await push(
        consumer,
        "customers",
        customer(day=1, name="Old", city="Leeds", consents={"sms": True, "email": True}),
    )
    await push(consumer, "orders", order(day=1, amount=99))

    people, orders = await kept(project)
    assert (people["C"].name, people["C"].city) == ("Mira", "Leeds")
    assert people["C"].consents == {"sms": False, "email": True}
    assert orders["O"].amount == 70_000


async def test_a_null_empties_a_field_in_the_document_too(project: str, consumer: httpx2.AsyncClient) -> None:
    await push(consumer, "customers", customer(name="Mira", tags=["a"], attributes={"x": 1, "y": 2}))
    await push(consumer, "customers", customer(day=1, name=None, tags=[], attributes={"x": None}))

    people, _ = await kept(project)
    assert (people["C"].name, people["C"].tags, people["C"].attributes) == (None, (), {"y": 2.0})
    (row,) = await documents(project, customer_documents.COLLECTION)
    assert "name" not in row
    assert "tags" not in row


async def test_an_erased_customer_stays_erased(project: str, consumer: httpx2.AsyncClient) -> None:
    await push(consumer, "customers", customer(name="Mira"))
    gone = erased(replace((await kept(project))[0]["C"], version=2), DAY)
    reference = client(project).document(f"{customer_documents.COLLECTION}/{customer_key('C')}")
    await reference.set(customer_documents.encode(gone))

    assert await push(consumer, "customers", customer(day=9, name="Again"), customer("D")) == 204
    assert await push(consumer, "orders", order(day=9)) == 204

    people, orders = await kept(project)
    assert people[""] == replace(gone, customer_id="")
    assert "D" in people
    assert not orders


async def test_a_pack_that_is_too_much_for_one_commit_is_kept_whole(
    project: str, consumer: httpx2.AsyncClient
) -> None:
    heavy = {f"a{n}": "e" * 500 for n in range(50)}

    assert (
        await push(consumer, "customers", *(customer(f"C-{n}", attributes=heavy) for n in range(160))) == 204
    )

    people, _ = await kept(project)
    assert len(people) == 160


async def test_only_the_subscription_may_push(project: str, consumer: httpx2.AsyncClient) -> None:
    for path in ("/events/records", "/events/dead-letters"):
        answer = await consumer.post(path, json=envelope(b"{}"), headers={"Authorization": ""})
        assert answer.status_code == 401
    assert await documents(project, "dead_letters") == []


@pytest.mark.usefixtures("brief_retries")
async def test_without_a_database_the_push_is_refused(
    project: str, push_headers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", "127.0.0.1:9")
    async with client_of(load_function("consumer"), headers=push_headers) as caller:
        assert await push(caller, "orders", order()) == 503
