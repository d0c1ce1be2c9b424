"""The platform's raw limit: `WriteBatch` of 500 from one thread, into a project of its own."""

import time
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import uuid4

from google.cloud.firestore import Client

from crm.kernel.batches import batched

BATCH: Final = 500

Documents = Sequence[tuple[str, Mapping[str, Any]]]
"""Paths and fields."""


def seconds(*steps: Documents, written: Documents = ()) -> float:
    """What it takes to write the documents of each step, one step after the other.

    A document that is `written`, or was by an earlier step, is updated with the fields given; another one is
    made.
    """
    client = Client(project=f"crm-raw-{uuid4().hex[:8]}")
    known: set[str] = set()
    _write(client, written, known)
    begin = time.perf_counter()
    for step in steps:
        _write(client, step, known)
    taken = time.perf_counter() - begin
    client.close()
    return taken


def _write(client: Client, documents: Documents, known: set[str]) -> None:
    for part in batched(documents, BATCH):
        batch = client.batch()
        for path, fields in part:
            reference = client.document(path)
            if path in known:
                batch.update(reference, dict(fields))
            else:
                batch.set(reference, dict(fields))
        batch.commit()
    known.update(path for path, _ in documents)
