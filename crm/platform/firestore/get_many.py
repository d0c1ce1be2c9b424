"""Reading documents in batches."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from google.cloud.firestore import AsyncClient, DocumentSnapshot

from crm.kernel.batches import batched
from crm.platform.google_errors import RETRY, TIMEOUT, translated

BATCH = 500
"""Documents of one read, so that each answers within TIMEOUT."""


async def fetch(client: AsyncClient, names: Sequence[str]) -> list[DocumentSnapshot[Any]]:
    """Those of the documents (`collection/id`) that exist, in no order. Raises Unavailable."""
    found: list[DocumentSnapshot[Any]] = []
    for batch in batched(names, BATCH):
        references = [client.document(name) for name in batch]
        async with translated("The database"):
            answers = client.get_all(references, retry=RETRY, timeout=TIMEOUT)
            found += [snapshot async for snapshot in answers if snapshot.exists]
    return found


def plain_time(value: datetime | None) -> datetime | None:
    """Firestore's own kind of datetime as a plain one, which compares and prints like any other."""
    if value is None or type(value) is datetime:
        return value
    return datetime(
        value.year, value.month, value.day, value.hour, value.minute, value.second, value.microsecond, UTC
    )
