"""The ledger of erasures as files in a folder, for the local stack."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from crm.kernel.errors import Unavailable
from crm.privacy.erasure_ledger import LedgerEntry, entry_named


class FolderLedger:
    """`crm.privacy.ports.ErasureLedger`: one file per erasure. Several processes may use one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def add(self, entry: LedgerEntry) -> None:
        """Return once the entry is on the disk. Raises Unavailable."""
        try:
            await asyncio.to_thread(self._write, entry)
        except OSError as error:
            raise Unavailable("The ledger of erasures cannot be written.") from error

    def _write(self, entry: LedgerEntry) -> None:
        target = self._folder / entry.name
        self._folder.mkdir(parents=True, exist_ok=True)
        draft = self._folder / f".{uuid4().hex}"
        try:
            with draft.open("xb") as file:
                file.write(entry.content)
                file.flush()
                os.fsync(file.fileno())
            with suppress(FileExistsError):  # an entry never changes
                os.link(draft, target)
        finally:
            draft.unlink(missing_ok=True)
        _sync(self._folder)

    async def entries(self) -> AsyncIterator[LedgerEntry]:
        """Every entry, in the order of keys. Raises Unavailable."""
        try:
            found = await asyncio.to_thread(self._read)
        except OSError as error:
            raise Unavailable("The ledger of erasures cannot be read.") from error
        for entry in found:
            yield entry

    def _read(self) -> list[LedgerEntry]:
        if not self._folder.is_dir():
            return []
        files = sorted(self._folder.glob("*.json"))
        made = [entry_named(each.name, datetime.fromtimestamp(each.stat().st_mtime, UTC)) for each in files]
        return [entry for entry in made if entry is not None]


def _sync(folder: Path) -> None:
    """Return once the folder's list of files is on the disk."""
    if os.name == "nt":
        return  # Windows opens no folders
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
