"""Backup and restore, rehearsed: a campaign is half sent, the database is lost, and its backup goes on."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import httpx2
import pytest

from crm.audience.store.audience import FirestoreAudience
from crm.audience.store.source import FirestoreSource
from crm.audience.usecases.verify import Verify
from crm.customers.customer_key import customer_key
from crm.customers.store.customers import Recipients
from crm.platform.firestore.client import client
from crm.privacy.folder_ledger import FolderLedger
from crm.privacy.store.customer_data import FirestoreCustomerData
from crm.privacy.usecases.erase import EraseCustomer
from crm.privacy.usecases.reapply_erasures import ReapplyErasures
from devstack.emulators import Emulators
from tests.delivery.campaign_stores import World, customer
from tests.support import load_function
from tests.vendor_stub import VendorStub

pytestmark = pytest.mark.emulator

HOST = "FIRESTORE_EMULATOR_HOST"


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crm.campaigns.frozen_list.PARTITION_SIZE", 10)
    monkeypatch.setattr("crm.delivery.freezing.CHUNK_SIZE", 3)


@pytest.mark.usefixtures("small_chunks")
async def test_a_restored_database_is_complete_and_work_goes_on(
    world: World,
    vendor_stub: VendorStub,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ledger = FolderLedger(tmp_path / "erasures")
    chunks = await world.sending(30)
    await asyncio.gather(*(world.pushes("chunks", chunk) for chunk in chunks[:4]))
    saved = await world.stats()
    assert 0 < saved["accepted"] < saved["audience"] == 30
    sent = await world.rows()
    backup = await backed_up(world.project, tmp_path)
    lost = len(vendor_stub.ledger)
    await world.pushes("chunks", chunks[4])  # sent after the backup, and then forgotten
    assert len(vendor_stub.ledger) > lost
    erased = customer_key(next(iter(sent)))
    await EraseCustomer(store=FirestoreCustomerData(world.database), ledger=ledger)(erased, world.now)
    await world.has(customer(50))
    gone = customer_key("C-50")  # came and went after the backup
    await EraseCustomer(store=FirestoreCustomerData(world.database), ledger=ledger)(gone, world.now)

    with restored(backup, monkeypatch):
        module = load_function("deliver")
        again = World(world.project, module, world.push_headers)
        monkeypatch.setattr(module, "now", lambda: again.now)
        async with again.http:
            assert await again.stats() == saved
            rows = FirestoreAudience(again.database), FirestoreSource(again.database)
            assert await Verify(projection=rows[0], truth=rows[1])() == []
            assert (await again.audience.snapshot()).total == 30

            customers = FirestoreCustomerData(again.database)
            assert await ReapplyErasures(
                ledger=ledger,
                customers=customers,
                erase=EraseCustomer(store=customers, ledger=ledger),
                record=lambda key: nullcontext(),
            )(again.now) == {"held": 1, "unknown": 1}
            assert (await Recipients(again.database).get([gone]))[gone].erased_at
            assert (await Recipients(again.database).get([erased]))[erased].email is None
            assert (await again.audience.snapshot()).total == 29

            again.now += 2 * again.lease
            await again.ticks()  # nothing that was under way came along: the tick asks for it
            await again.handles("chunks")
            assert await again.stats() == {"audience": 30, "sent": 30, "accepted": 30}
            assert len(vendor_stub.ledger) == 30

            await again.has(customer(99))
            assert (await again.audience.snapshot()).total == 30


async def backed_up(project: str, folder: Path) -> Path:
    """Export the project's database; what another emulator begins with."""
    request = {
        "database": f"projects/{project}/databases/(default)",
        "export_directory": str(folder),
        "export_name": "backup",
    }
    url = f"http://{os.environ[HOST]}/emulator/v1/projects/{project}:export"
    async with httpx2.AsyncClient(timeout=60, trust_env=False) as http:
        (await http.post(url, json=request)).raise_for_status()
    return folder / "backup" / "backup.overall_export_metadata"


@contextmanager
def restored(backup: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Another database that holds the backup, and an empty broker; new connections go to them."""
    with Emulators.running(import_data=backup) as running, monkeypatch.context() as patch:
        for name in (HOST, "PUBSUB_EMULATOR_HOST"):
            patch.setenv(name, running.environment[name])
        client.cache_clear()
        try:
            yield
        finally:
            client.cache_clear()
