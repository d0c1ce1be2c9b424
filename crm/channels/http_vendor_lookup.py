"""The HTTP vendor's ledger, for audits: `GET <url>/v1/ledger?ids=`."""

from collections.abc import Mapping, Sequence

import httpx2
from pydantic import BaseModel, ValidationError

from crm.channels.http_vendor_api import MessageResult, connected
from crm.channels.outgoing import SendResult
from crm.kernel.batches import batched
from crm.kernel.errors import Unavailable

IDS_PER_CALL = 200
"""They are part of the URL, whose length is limited."""


class _Ledger(BaseModel):
    messages: list[MessageResult]


class HttpVendorLookup:
    """`ports.VendorLookup` over HTTP."""

    def __init__(self, url: str, key: str, timeout: float) -> None:
        self._client = connected(url, key, timeout)

    async def look_up(self, message_ids: Sequence[str]) -> Mapping[str, SendResult]:
        """The result of each message that the vendor knows, by id. Raises Unavailable."""
        found: dict[str, SendResult] = {}
        for batch in batched(message_ids, IDS_PER_CALL):
            ids = ",".join(batch)
            try:
                response = await self._client.get("v1/ledger", params={"ids": ids})
                response.raise_for_status()
                ledger = _Ledger.model_validate_json(response.content)
            except httpx2.HTTPError as error:
                raise Unavailable(f"The vendor's ledger cannot be read: {error}") from error
            except ValidationError as error:
                raise Unavailable("The vendor's ledger is malformed.") from error
            found.update({entry.id: entry.as_send_result() for entry in ledger.messages})
        return found
