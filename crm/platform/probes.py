"""Probes that a dependency answers and grants access: one cheap call each, without a time limit."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from google.api_core.exceptions import GoogleAPICallError
from google.cloud.firestore import AsyncClient

from crm.kernel.errors import Unavailable
from crm.platform.firestore import documents

if TYPE_CHECKING:
    from crm.platform.pubsub import Publisher  # only functions that publish load it


def of_database(client: Callable[[], AsyncClient]) -> Callable[[], Awaitable[None]]:
    """A probe that reads a document that does not exist: one read."""

    async def probe() -> None:
        try:
            await documents.get(client(), "health/probe")
        except GoogleAPICallError as error:  # it answers, and denies access
            raise Unavailable(f"The database refuses: {error.message}") from error

    return probe


def of_topics(publisher: Callable[[], "Publisher"], *topics: str) -> Callable[[], Awaitable[None]]:
    """A probe that looks up each topic that the function publishes to."""

    async def probe() -> None:
        broker = publisher()
        await asyncio.gather(*map(broker.probe, topics))

    return probe
