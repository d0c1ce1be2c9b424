"""Filling a database for measurements: the projection written directly, or records through the consumer."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import polars as pl
from google.cloud.firestore import SERVER_TIMESTAMP, AsyncClient

from crm.audience.engine.blocks import pack_block
from crm.audience.engine.people import customer_of
from crm.audience.engine.tables import Tables
from crm.audience.projection.manifest import Manifest, Piece, partitions_for
from crm.audience.projection.partitions import split
from crm.audience.store.blocks import AudienceBlocks
from crm.audience.usecases.rebuild import CUSTOMER_SIZE, ORDER_SIZE
from crm.customers.changes import encode
from crm.customers.customer import Customer
from crm.customers.order import Order
from crm.customers.records import CustomerRecord, OrderRecord
from crm.customers.store.change_log import LOG
from crm.customers.store.records import FirestoreRecords
from crm.customers.usecases.persist import PersistRecords
from crm.kernel.batches import batched
from crm.kernel.money import to_number
from crm.platform.jitter import pause

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
COMMIT = 1000
"""Records of one commit, as in the consumer."""


async def load_directly(database: AsyncClient, tables: Tables) -> Manifest:
    """Write blocks and manifest as a compaction would, without customers, orders and log."""
    blocks = AudienceBlocks(database)
    size = CUSTOMER_SIZE * tables.customers.height + ORDER_SIZE * tables.orders.height
    count = partitions_for(size, 1)
    written: list[tuple[Piece, ...]] = [()] * count
    for number, part in split(tables, count).items():
        written[number] = await blocks.write(number, pack_block(part))
    manifest = Manifest(epoch=uuid4().hex, folded=BEGINNING, trimmed=BEGINNING, blocks=tuple(written))
    await blocks.switch(await blocks.manifest(), manifest)
    return manifest


async def change(database: AsyncClient, tables: Tables, share: float) -> int:
    """Put a new version of some customers, with a new order each, into the log; how many customers."""
    rows = tables.customers.sample(fraction=share, seed=1)
    people = [
        replace(customer_of(row), version=row["version"] + 1, city="Leeds")
        for row in rows.iter_rows(named=True)
    ]
    for part in batched(people, COMMIT):
        for payload in encode(part, [_order_of(person) for person in part]):
            await database.collection(LOG).add({"at": SERVER_TIMESTAMP, "payload": payload})
    return len(people)


async def load_through_consumer(database: AsyncClient, tables: Tables) -> None:
    """Persist every row as a record, a thousand in a commit, as the consumer does."""
    store = FirestoreRecords(database)
    placed = tables.orders.partition_by("customer_id", as_dict=True)
    records: list[CustomerRecord | OrderRecord] = []
    for row in tables.customers.iter_rows(named=True):
        records.append(_customer_record(customer_of(row)))
        orders = placed.get((row["customer_id"],))
        if orders is not None:
            records += [_order_record(each) for each in orders.iter_rows(named=True)]
        if len(records) >= COMMIT:
            await PersistRecords(records=store, pause=pause)(records)
            records = []
    await PersistRecords(records=store, pause=pause)(records)


def without_versions(tables: Tables) -> Tables:
    """The rows as far as they do not depend on how many commits made them."""
    return Tables(
        tables.customers.with_columns(version=pl.lit(1, pl.Int64)),
        tables.orders.with_columns(version=pl.lit(1, pl.Int64)),
    )


def _customer_record(customer: Customer) -> CustomerRecord:
    names = ("email", "phone", "name", "city", "country", "birthday", "created_at", "visits")
    fields = {name: getattr(customer, name) for name in (*names, "last_active_at", "consent", "attributes")}
    return CustomerRecord(
        customer_id=customer.customer_id,
        tags=customer.tags,
        updated_at=customer.created_at,
        **{name: value for name, value in fields.items() if value is not None},
    )


def _order_record(row: dict[str, object]) -> OrderRecord:
    amount = row["amount"]
    assert isinstance(amount, int)
    return OrderRecord.model_validate(
        {name: value for name, value in row.items() if name not in ("version", "amount")}
        | {"amount": to_number(amount)}
    )


def _order_of(customer: Customer) -> Order:
    return Order(
        order_id=f"new {customer.customer_id}",
        customer_id=customer.customer_id,
        amount=100_000,
        currency="INR",
        status="completed",
        category="shoes",
        placed_at=datetime(2026, 2, 28, tzinfo=UTC),
        updated_at=datetime(2026, 2, 28, tzinfo=UTC),
        version=1,
    )
