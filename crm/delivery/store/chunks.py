"""Chunks as documents: `campaigns/{id}/chunks/{nnnn-nnnn}`.

A pending chunk has `due_at`, from when the tick may publish it again: some time after it was published, or
the end of its lease. A chunk that is done has `done_at` instead, so one index each finds what is due and what
was done last.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from crm.delivery.chunk import Chunk
from crm.kernel.id_lists import pack_keys, unpack_keys

COLLECTION = "chunks"


def path_of(campaign_id: str, chunk_id: str) -> str:
    """The path of a chunk's document."""
    return f"campaigns/{campaign_id}/{COLLECTION}/{chunk_id}"


def encode(chunk: Chunk, due_at: datetime) -> dict[str, Any]:
    """The document of a new chunk."""
    return {
        "customer_keys": pack_keys(chunk.customer_keys),
        "shard": chunk.shard,
        "state": chunk.state,
        "retry_round": chunk.retry_round,
        "attempts": chunk.attempts,
        "due_at": due_at,
    }


def decode(campaign_id: str, chunk_id: str, document: Mapping[str, Any]) -> Chunk:
    """The chunk of a document, whose times are plain datetimes."""
    return Chunk(
        campaign_id=campaign_id,
        chunk_id=chunk_id,
        customer_keys=tuple(unpack_keys(document["customer_keys"])),
        shard=document["shard"],
        retry_round=document["retry_round"],
        state=document["state"],
        lease_until=document.get("lease_until"),
        retry_at=document.get("retry_at"),
        possibly_sent=document.get("possibly_sent", False),
        possibly_sent_at=document.get("possibly_sent_at"),
        attempts=document["attempts"],
    )
