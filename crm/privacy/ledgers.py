"""The ledger of erasures that a setting names."""

from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from crm.privacy.folder_ledger import FolderLedger
from crm.privacy.ports import ErasureLedger
from crm.privacy.storage_ledger import StorageLedger


def ledger_at(url: str) -> ErasureLedger:
    """The ledger at `gs://<bucket>`, or at `file:///<folder>`. Raises ValueError for another URL."""
    parts = urlsplit(url)
    if parts.scheme == "gs" and parts.netloc and parts.path in ("", "/"):
        return StorageLedger(parts.netloc)
    if parts.scheme == "file" and not parts.netloc and parts.path:
        return FolderLedger(Path(url2pathname(parts.path)))
    raise ValueError("a ledger of erasures is gs://<bucket> or file:///<folder>")
