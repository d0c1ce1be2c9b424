"""Entries of the ledger of erasures, which is kept outside the database and outlives its backups."""

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

_NAME: Final = re.compile(r"([0-9a-f]{32})\.json")


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEntry:
    """That a customer was erased. It holds no personal data: the key confirms no guess without the secret."""

    key: str
    """The customer's key, see `crm.customers.customer_key`."""

    at: datetime

    @property
    def name(self) -> str:
        """The name of the entry's file. Raises ValueError if the key is none."""
        name = f"{self.key}.json"
        if not _NAME.fullmatch(name):
            raise ValueError("not a customer's key")
        return name

    @property
    def content(self) -> bytes:
        """The content of the entry's file."""
        return json.dumps({"key": self.key, "at": self.at.isoformat()}).encode()


def entry_named(name: str, at: datetime) -> LedgerEntry | None:
    """The entry of a file that was written then; None if the file is no entry."""
    found = _NAME.fullmatch(name)
    return LedgerEntry(key=found[1], at=at) if found else None
