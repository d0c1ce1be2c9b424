"""Tend the audience: compact it when there is reason to, for what it costs to look every minute."""

import logging
from typing import Final

from crm.audience.usecases.compact import BEGINNING, AudienceStore, Compacted, compact

logger = logging.getLogger(__name__)

WORTH: Final = 64
"""Documents of the log that make a compaction worth its writes. A base of more partitions waits for as many
documents: they mostly change one partition each. Whoever begins to read reads them all."""


async def tend_audience(store: AudienceStore) -> Compacted | None:
    """Compact once where the log is long or somebody was erased; what was done, None for nothing.

    Looking costs three reads. A compaction is bounded in documents and bytes of the log. Raises Unavailable.
    """
    manifest = (await store.manifest()).row
    worth = max(WORTH, len(manifest.blocks)) if manifest else WORTH
    waiting = await store.waiting(manifest.folded if manifest else BEGINNING)
    if waiting < worth and not await _erasures(store):
        return None
    done = await compact(store)
    if done is not None and done.documents:
        logger.info("folded %d documents into %d partitions", done.documents, done.partitions)
    return done


async def _erasures(store: AudienceStore) -> bool:
    """Whether somebody was erased and it is time to delete what is left of them."""
    stamps = await store.erasures()
    return bool(stamps) and min(stamps) < await store.settled()
