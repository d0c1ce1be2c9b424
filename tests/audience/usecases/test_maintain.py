"""Tending looks for little and compacts only with reason."""

from dataclasses import replace

import pytest
from google.cloud.firestore import AsyncClient

from crm.audience.usecases.maintain import Maintain
from crm.customers.customer import erased
from tests.projection import NOW, commit, customer, names, store_of, wrong

pytestmark = pytest.mark.emulator


@pytest.fixture
def database(project: str) -> AsyncClient:
    return AsyncClient(project=project)


async def test_a_short_log_is_not_folded(database: AsyncClient) -> None:
    for number in range(2):
        await commit(database, [customer(f"C{number}")])

    assert await Maintain(store=store_of(database), worthwhile=3)() is None
    assert await names(database, "audience_blocks") == set()


async def test_a_long_log_is_folded_once(database: AsyncClient) -> None:
    for number in range(3):
        await commit(database, [customer(f"C{number}")])

    done = await Maintain(store=store_of(database), worthwhile=3)()

    assert done is not None
    assert done.documents == 3
    assert await Maintain(store=store_of(database), worthwhile=3)() is None
    assert await wrong(database) == []


async def test_an_erasure_causes_one_compaction(database: AsyncClient) -> None:
    await commit(database, [customer("C1", email="mira@example.com")])
    await commit(database, [replace(erased(customer("C1"), NOW), version=2)])

    done = await Maintain(store=store_of(database), worthwhile=3)()

    assert done is not None
    assert await names(database, "audience_log") == set()
    assert await Maintain(store=store_of(database), worthwhile=3)() is None


async def test_an_erasure_at_the_end_of_a_long_log_is_folded_by_one_call(
    database: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crm.audience.store.audience.MAX_FOLDED_DOCUMENTS", 2)
    monkeypatch.setattr("crm.audience.store.audience.PAGE", 1)
    await commit(database, [customer("C1", email="mira@example.com")])
    for number in range(2, 9):
        await commit(database, [customer(f"C{number}")])
    await commit(database, [replace(erased(customer("C1"), NOW), version=2)])

    done = await Maintain(store=store_of(database), worthwhile=100)()

    assert done is not None
    assert (done.documents, done.more) == (9, False)
    assert await names(database, "audience_log") == set()
    assert await wrong(database) == []


async def test_a_long_log_without_an_erasure_is_folded_in_several_calls(
    database: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crm.audience.store.audience.MAX_FOLDED_DOCUMENTS", 2)
    monkeypatch.setattr("crm.audience.store.audience.PAGE", 1)
    for number in range(6):
        await commit(database, [customer(f"C{number}")])

    done = await Maintain(store=store_of(database), worthwhile=3)()

    assert done is not None
    assert (done.documents < 6, done.more) == (True, True)
