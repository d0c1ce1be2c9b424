"""The platform's raw limit: `WriteBatch` of 500 from one thread, into a project of its own."""

import time
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import uuid4

from google.cloud.firestore import Client

BATCH: Final = 500

Documents = Sequence[tuple[str, Mapping[str, Any]]]
"""Paths and fields."""


def seconds(*steps: Documents) -> float:
    """What it takes to write the documents of each step, one step after the other.

    A document that an earlier step wrote is updated with the fields given, another one is made.
    """
    client = Client(project=f"crm-raw-{uuid4().hex[:8]}")
    written: set[str] = set()
    begin = time.perf_counter()
    for step in steps:
        for start in range(0, len(step), BATCH):
            batch = client.batch()
            for path, fields in step[start : start + BATCH]:
                reference = client.document(path)
                if path in written:
                    batch.update(reference, dict(fields))
                else:
                    batch.set(reference, dict(fields))
            batch.commit()
        written.update(path for path, _ in step)
    taken = time.perf_counter() - begin
    client.close()
    return taken
