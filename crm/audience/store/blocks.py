"""The audience's blocks and their manifest as documents.

`audience_state/manifest` names the current documents of `audience_blocks`, with their checksums. These are
immutable. A block larger than a document is split into several.
"""

import asyncio
import hashlib
import json
import zlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import Any, Final
from uuid import uuid4

from google.api_core import exceptions as api
from google.cloud.firestore import AsyncClient, Client

from crm.audience.projection.manifest import DamagedBlock, Manifest, Piece
from crm.kernel.batches import batched
from crm.kernel.errors import Conflict
from crm.kernel.stored_values import of_fields
from crm.kernel.versioned import Seen
from crm.platform.firestore import calls, documents
from crm.platform.firestore.commits import Commit
from crm.platform.google_errors import translated

BLOCKS = "audience_blocks"
MANIFEST = "audience_state/manifest"

MAX_PIECE: Final = 850_000
"""Bytes of a document."""

MAX_COMMIT: Final = 3_000_000
"""Bytes of a commit: the emulator takes no message over 4 MiB."""

THREADS: Final = 3
PIECES_TOGETHER: Final = 8
"""Documents of one read."""


class AudienceBlocks:
    """Reads and writes blocks and the manifest. Every call raises Unavailable."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def head(self) -> Manifest | None:
        """The manifest without its blocks, which are most of it; None without a manifest."""
        stored = await documents.get(self._client, MANIFEST, ["epoch", "folded", "trimmed"])
        return stored and of_fields(Manifest, stored.fields)

    async def manifest(self) -> Seen[Manifest | None]:
        """The manifest and its version."""
        stored = (await documents.get_many(self._client, [MANIFEST])).get(MANIFEST)
        if stored is None:
            return Seen(None, None)
        return Seen(_decoded(stored.fields), stored.etag)

    async def switch(self, seen: Seen[Manifest | None], manifest: Manifest) -> Seen[Manifest | None]:
        """Replace the manifest that was seen. Raises Conflict where it has changed since."""
        commit = Commit(self._client)
        if seen.row is None:
            commit.create(MANIFEST, _encoded(manifest))
        else:
            commit.update(MANIFEST, _encoded(manifest), seen.etag)
        try:
            (version,) = await commit.send()
        except (api.AlreadyExists, api.FailedPrecondition, api.NotFound) as error:
            raise Conflict("The audience's manifest has changed meanwhile.") from error
        return Seen(manifest, version)

    async def write(self, partition: int, block: bytes) -> tuple[Piece, ...]:
        """Store a block under new names."""
        unique = uuid4().hex[:16]
        pieces: list[Piece] = []
        commit = Commit(self._client)
        for number, begin in enumerate(range(0, len(block), MAX_PIECE)):
            payload = block[begin : begin + MAX_PIECE]
            if commit.size + len(payload) > MAX_COMMIT:
                await commit.send()
                commit = Commit(self._client)
            name = f"{partition:04x}-{unique}-{number}"
            commit.create(f"{BLOCKS}/{name}", {"payload": payload})
            pieces.append(Piece(name, hashlib.sha256(payload).hexdigest(), len(payload)))
        await commit.send()
        return tuple(pieces)

    async def read(self, manifest: Manifest, partitions: Sequence[int]) -> list[bytes]:
        """The blocks of these partitions that have one, in order. Raises DamagedBlock for the first that is
        not as the manifest says."""
        wanted = [piece for number in partitions for piece in manifest.blocks[number]]
        loop = asyncio.get_running_loop()
        payloads: dict[str, bytes | None] = {}
        async with translated("The database"):
            # Threads with the blocking client read 200 MB a second, the asynchronous client 80.
            for found in await asyncio.gather(
                *(
                    loop.run_in_executor(self._threads, self._fetched, part)
                    for part in batched(wanted, PIECES_TOGETHER)
                )
            ):
                payloads.update(found)
        blocks: list[bytes] = []
        for number in partitions:
            pieces = manifest.blocks[number]
            for piece in pieces:
                if payloads.get(piece.name) is None:
                    why = "does not match its checksum" if piece.name in payloads else "is missing"
                    raise DamagedBlock(number, piece.name, why)
            if pieces:
                blocks.append(b"".join(payloads.pop(piece.name) or b"" for piece in pieces))
        return blocks

    def _fetched(self, pieces: Sequence[Piece]) -> dict[str, bytes | None]:
        """Payloads by name; None for one that is not what the manifest says."""
        paths = [f"{BLOCKS}/{piece.name}" for piece in pieces]
        checksums = {piece.name: piece.checksum for piece in pieces}
        found: dict[str, bytes | None] = {}
        for answer in calls.get_documents_blocking(self._blocking, paths):
            document = answer.found
            if document.name:
                name = document.name.rpartition("/")[2]
                payload = document.fields["payload"].bytes_value
                is_right = hashlib.sha256(payload).hexdigest() == checksums[name]
                found[name] = payload if is_right else None
        return found

    @cached_property
    def _blocking(self) -> Client:
        return calls.blocking(self._client)

    @cached_property
    def _threads(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(THREADS, "audience-blocks")


def _encoded(manifest: Manifest) -> dict[str, Any]:
    blocks = [
        [[piece.name, piece.checksum, piece.size, *piece.others] for piece in block]
        for block in manifest.blocks
    ]
    return {
        "epoch": manifest.epoch,
        "folded": manifest.folded,
        "trimmed": manifest.trimmed,
        "partitions": len(manifest.blocks),
        "bytes": manifest.size,
        "blocks": zlib.compress(json.dumps(blocks, separators=(",", ":")).encode()),
    }


def _decoded(fields: dict[str, Any]) -> Manifest:
    blocks = json.loads(zlib.decompress(fields["blocks"]))
    return Manifest(
        epoch=fields["epoch"],
        folded=fields["folded"],
        trimmed=fields["trimmed"],
        blocks=tuple(tuple(_piece(*piece) for piece in block) for block in blocks),
    )


def _piece(name: str, checksum: str, size: int, *others: Any) -> Piece:
    return Piece(name, checksum, size, others)
