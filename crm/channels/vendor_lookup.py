"""The vendor's books, asked for the messages of an audit: `GET <url>/v1/ledger?ids=`."""

from collections.abc import Mapping, Sequence

import httpx2
from pydantic import BaseModel, ValidationError

from crm.channels.outgoing import SendResult
from crm.channels.vendor_api import Judged, connected
from crm.kernel.batches import batched
from crm.kernel.errors import Unavailable

AT_ONCE = 200
"""Ids of one call: they stand in its URL."""


class _Books(BaseModel):
    messages: list[Judged]


class HttpVendorLookup:
    """The `VendorLookup` of a vendor that speaks our API."""

    def __init__(self, url: str, key: str, timeout: float) -> None:
        self._client = connected(url, key, timeout)

    async def look_up(self, message_ids: Sequence[str]) -> Mapping[str, SendResult]:
        """What the vendor says of each message that it knows. Raises Unavailable."""
        found: dict[str, SendResult] = {}
        for batch in batched(message_ids, AT_ONCE):
            ids = ",".join(batch)
            try:
                response = await self._client.get("v1/ledger", params={"ids": ids})
                response.raise_for_status()
                books = _Books.model_validate_json(response.content)
            except httpx2.HTTPError as error:
                raise Unavailable(f"The vendor's books cannot be read: {error}") from error
            except ValidationError as error:
                raise Unavailable("The vendor's books make no sense.") from error
            found.update({entry.id: entry.verdict for entry in books.messages})
        return found
