"""No document of the projection outgrows its limit, whatever customers and orders hold."""

import random
from datetime import timedelta

import pytest
from google.cloud.firestore import AsyncClient

from crm.audience.store.reader import AudienceReader
from crm.audience.usecases.compact import Compact
from crm.customers.packs import Record
from crm.customers.records import CustomerRecord, OrderRecord
from crm.customers.store.records import FirestoreRecords
from crm.customers.usecases.persist import Persisted, PersistRecords
from crm.kernel.batches import batched
from crm.platform.jitter import pause
from tests.projection import NOW, all_documents, store_of, wrong

pytestmark = pytest.mark.emulator

LIMIT = 900_000
NOISE = random.Random(900)


def text(length: int) -> str:
    """Letters of four bytes that hardly pack."""
    return "".join(chr(NOISE.randrange(0x20000, 0x2A6DF)) for _ in range(length))


def wide(number: int) -> list[Record]:
    """The largest customer that the limits allow, in four records."""
    fields = {"customer_id": f"wide {number}", "name": text(200), "tags": [text(60) for _ in range(50)]}
    records: list[Record] = []
    for part in range(4):
        attributes = {f"{'a' * 55}{part}{each:02}": text(500) for each in range(48)}
        at = NOW + timedelta(days=part)
        records.append(CustomerRecord.model_validate({**fields, "attributes": attributes, "updated_at": at}))
    return records


def tagged(number: int) -> list[Record]:
    """A customer with fifty tags that no other has."""
    tags = [f"tag {number} {each}" for each in range(50)]
    return [CustomerRecord(customer_id=f"tagged {number}", tags=tuple(tags), updated_at=NOW)]


def loyal(orders: int) -> list[Record]:
    """A customer with very many orders, each of a category of its own."""
    return [
        OrderRecord.model_validate(
            {
                "order_id": f"{NOISE.getrandbits(256):064x}",
                "customer_id": "loyal",
                "amount": number + 1,
                "category": text(100),
                "placed_at": NOW + timedelta(seconds=number),
                "updated_at": NOW,
            }
        )
        for number in range(orders)
    ]


async def test_wide_customers_thousands_of_tags_and_very_many_orders_fit(project: str) -> None:
    database = AsyncClient(project=project)
    records = [each for number in range(4) for each in wide(number)]
    records += [each for number in range(100) for each in tagged(number)]
    records += [CustomerRecord(customer_id="loyal", updated_at=NOW), *loyal(1_500)]

    done = Persisted()
    for batch in batched(records, 1_000):
        done += await PersistRecords(records=FirestoreRecords(database), pause=pause)(batch)
    logged = [path async for path, _ in all_documents(database)]
    while (folded := await Compact(store=store_of(database))()) is not None and folded.documents:
        pass

    assert done.refused == 0
    sizes = {path: len(fields.get("payload", b"")) async for path, fields in all_documents(database)}
    assert len(logged) > 4
    assert max(sizes.values()) < LIMIT
    assert len([path for path in sizes if "blocks" in path]) > 1
    assert await wrong(database) == []
    snapshot = await AudienceReader(database).snapshot()
    assert snapshot.total == 105
    assert len(snapshot.base.tags.holders) == 4 * 50 + 100 * 50
    assert len(snapshot.base.attributes) == 4 * 48
