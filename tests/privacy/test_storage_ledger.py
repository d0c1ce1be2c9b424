"""The ledger in Cloud Storage, against a server that speaks its protocol."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace

import google.auth
import pytest
from google.auth.exceptions import DefaultCredentialsError

from crm.kernel.errors import Unavailable
from crm.privacy import storage_ledger
from crm.privacy.erasure_ledger import LedgerEntry
from crm.privacy.ledgers import ledger_at
from crm.privacy.storage_ledger import StorageLedger
from tests.privacy.storage_stub import StorageStub, storage_stub

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
KEYS = [f"{n:032x}" for n in range(5)]


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> Iterator[StorageStub]:
    monkeypatch.setattr(storage_ledger, "PAUSES", (0.0, 0.0))
    with storage_stub() as made:
        monkeypatch.setenv(storage_ledger.EMULATOR, made.host)
        yield made


def entry(key: str) -> LedgerEntry:
    return LedgerEntry(key=key, at=NOON)


@pytest.mark.parametrize("asks_for_replacing", [False, True])
async def test_entries_are_objects_that_never_change(stub: StorageStub, asks_for_replacing: bool) -> None:
    stub.asks_for_replacing = asks_for_replacing
    ledger = StorageLedger(stub.bucket)
    await ledger.add(entry(KEYS[0]))
    await ledger.add(LedgerEntry(key=KEYS[0], at=NOON.replace(year=2027)))
    assert {name: json.loads(body) for name, body in stub.objects.items()} == {
        f"{KEYS[0]}.json": {"key": KEYS[0], "at": "2026-03-01T12:00:00+00:00"}
    }


async def test_all_entries_are_read_page_by_page(stub: StorageStub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage_ledger, "PAGE", 2)
    ledger = StorageLedger(stub.bucket)
    assert [each async for each in ledger.entries()] == []
    for key in KEYS:
        await ledger.add(entry(key))
    stub.objects["readme.txt"] = b""
    found = [each async for each in ledger.entries()]
    assert [each.key for each in found] == KEYS
    assert found[0].at == datetime(2026, 3, 1, 12, 0, 0, 123000, UTC)


async def test_what_is_refused_for_the_moment_is_tried_again(stub: StorageStub) -> None:
    stub.refusals = [(503, "busy"), (429, "slow down")]
    await StorageLedger(stub.bucket).add(entry(KEYS[0]))
    assert (stub.calls, len(stub.objects)) == (3, 1)


@pytest.mark.parametrize("refusal", [(403, "no storage.objects.create access"), (404, "no such bucket")])
async def test_a_refusal_is_unavailable_at_once(stub: StorageStub, refusal: tuple[int, str]) -> None:
    stub.refusals = [refusal]
    with pytest.raises(Unavailable, match=stub.bucket):
        await StorageLedger(stub.bucket).add(entry(KEYS[0]))
    assert stub.calls == 1


async def test_a_ledger_that_stays_away_is_unavailable(stub: StorageStub) -> None:
    stub.refusals = [(503, "busy")] * 3
    with pytest.raises(Unavailable):
        await StorageLedger(stub.bucket).add(entry(KEYS[0]))
    away = StorageLedger(stub.bucket, {storage_ledger.EMULATOR: "http://127.0.0.1:1"})
    with pytest.raises(Unavailable):
        [each async for each in away.entries()]


async def test_calls_carry_a_token_that_is_renewed_when_it_ends(
    stub: StorageStub, monkeypatch: pytest.MonkeyPatch
) -> None:
    credentials = SimpleNamespace(token=None, valid=False, refreshed=0)

    def refresh(_: object) -> None:
        credentials.refreshed += 1
        credentials.token, credentials.valid = f"token {credentials.refreshed}", True

    credentials.refresh = refresh
    monkeypatch.setattr(google.auth, "default", lambda scopes: (credentials, "my-project"))
    monkeypatch.setattr(storage_ledger, "ROOT", f"http://{stub.host}")
    ledger = StorageLedger(stub.bucket, {})
    for key in KEYS[:2]:
        await ledger.add(entry(key))
    credentials.valid = False
    await ledger.add(entry(KEYS[2]))
    assert stub.tokens == {"Bearer token 1", "Bearer token 2"}


async def test_without_credentials_it_is_unavailable(
    stub: StorageStub, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(scopes: object) -> None:
        raise DefaultCredentialsError("none were found")

    monkeypatch.setattr(google.auth, "default", none)
    with pytest.raises(Unavailable):
        await StorageLedger(stub.bucket, {}).add(entry(KEYS[0]))


async def test_the_emulator_gets_no_token(stub: StorageStub) -> None:
    ledger = ledger_at(f"gs://{stub.bucket}")
    await ledger.add(entry(KEYS[0]))
    assert stub.tokens == {None}
