"""Maintain the audience: compact it when the log is long enough or a customer was erased."""

import logging
from dataclasses import dataclass
from typing import Final

from crm.audience.usecases.compact import BEGINNING, AudienceStore, Compact, Compacted

logger = logging.getLogger(__name__)

WORTHWHILE: Final = 64
"""Log documents that are worth the writes of a compaction. With more partitions it waits for as many
documents as partitions, since most change one each. Every new reader reads the whole log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Maintain:
    """Compact the audience where there is reason to. To check costs three reads."""

    store: AudienceStore
    worthwhile: int = WORTHWHILE

    async def __call__(self) -> Compacted | None:
        """The result of one compaction, which is bounded in documents and bytes; None without one.

        After an erasure there are as many as it takes to fold it: a long log may lie before it. Raises
        Unavailable.
        """
        manifest = (await self.store.manifest()).row
        enough = max(self.worthwhile, len(manifest.blocks)) if manifest else self.worthwhile
        waiting = await self.store.waiting(manifest.folded if manifest else BEGINNING)
        if waiting < enough and not await self._has_settled_erasure():
            return None
        compact = Compact(store=self.store)
        done = await compact()
        while done is not None and done.more and await self._has_settled_erasure():
            more = await compact()
            if more is None:
                break
            done += more
        if done is not None and done.documents:
            logger.info("folded %d documents into %d partitions", done.documents, done.partitions)
        return done

    async def _has_settled_erasure(self) -> bool:
        """Whether data of an erased customer can be deleted now."""
        times = await self.store.erasures()
        return bool(times) and min(times) < await self.store.settled()
