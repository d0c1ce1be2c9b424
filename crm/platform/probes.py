"""Is a dependency there, and does it let us in? One cheap call each; how long to wait is up to who asks."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from google.api_core.exceptions import GoogleAPICallError
from google.cloud.firestore import AsyncClient

from crm.kernel.errors import Unavailable
from crm.platform.google_errors import RETRY, TIMEOUT, translated

if TYPE_CHECKING:
    from crm.platform.pubsub import Publisher  # only functions that publish load it


def of_database(client: Callable[[], AsyncClient]) -> Callable[[], Awaitable[None]]:
    """Asks for a document that is not there: one read."""

    async def ask() -> None:
        try:
            async with translated("The database"):
                probe = client().document("health/probe")
                await probe.get(retry=RETRY, timeout=TIMEOUT)
        except GoogleAPICallError as error:  # it answers, and refuses us
            raise Unavailable(f"The database refuses: {error.message}") from error

    return ask


def of_topics(publisher: Callable[[], "Publisher"], *topics: str) -> Callable[[], Awaitable[None]]:
    """Asks for each topic that the function publishes to."""

    async def ask() -> None:
        broker = publisher()
        await asyncio.gather(*map(broker.probe, topics))

    return ask
