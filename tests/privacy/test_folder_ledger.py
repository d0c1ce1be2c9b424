"""The ledger in a folder: an entry is whole or not there, and never changes."""

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crm.kernel.errors import Unavailable
from crm.privacy.erasure_ledger import LedgerEntry
from crm.privacy.folder_ledger import FolderLedger
from crm.privacy.ledgers import ledger_at

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
KEYS = [f"{n:032x}" for n in range(20)]


async def keys(ledger: FolderLedger) -> list[str]:
    return [entry.key async for entry in ledger.entries()]


async def test_entries_are_files_of_their_keys_and_hold_nothing_else(tmp_path: Path) -> None:
    ledger = FolderLedger(tmp_path / "erasures")
    assert await keys(ledger) == []
    await asyncio.gather(*(ledger.add(LedgerEntry(key=key, at=NOON)) for key in (*KEYS, *KEYS)))

    assert await keys(ledger) == KEYS
    files = sorted((tmp_path / "erasures").iterdir())
    assert [file.name for file in files] == [f"{key}.json" for key in KEYS]
    assert json.loads(files[1].read_bytes()) == {"key": KEYS[1], "at": "2026-03-01T12:00:00+00:00"}


async def test_the_first_entry_of_a_customer_stays(tmp_path: Path) -> None:
    ledger = FolderLedger(tmp_path)
    for at in (NOON, NOON.replace(year=2027)):
        await ledger.add(LedgerEntry(key=KEYS[0], at=at))
    assert json.loads((tmp_path / f"{KEYS[0]}.json").read_bytes())["at"] == NOON.isoformat()


async def test_what_is_no_entry_is_ignored_and_no_path_leads_outside(tmp_path: Path) -> None:
    ledger = FolderLedger(tmp_path)
    (tmp_path / "notes.json").write_text("{}")
    assert await keys(ledger) == []
    with pytest.raises(ValueError):
        await ledger.add(LedgerEntry(key="../" + KEYS[0], at=NOON))


async def test_a_folder_that_cannot_be_written_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Unavailable):
        await FolderLedger(tmp_path / "file" / "erasures").add(LedgerEntry(key=KEYS[0], at=NOON))


async def test_a_setting_names_a_folder_with_spaces(tmp_path: Path) -> None:
    ledger = ledger_at((tmp_path / "my data").as_uri())
    await ledger.add(LedgerEntry(key=KEYS[0], at=NOON))
    assert (tmp_path / "my data" / f"{KEYS[0]}.json").is_file()


@pytest.mark.parametrize("url", ["", "erasures", "gs://", "gs://bucket/folder", "https://example.com/x"])
def test_another_setting_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="ledger of erasures"):
        ledger_at(url)
