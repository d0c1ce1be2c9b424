"""What every call to the HTTP vendor has in common: address, key, and the result of one message."""

from typing import Literal

import httpx2
from pydantic import BaseModel

from crm.channels.outgoing import SendResult
from crm.channels.reasons import impersonal


class MessageResult(BaseModel):
    """The vendor's result for one message, as JSON."""

    id: str
    status: Literal["accepted", "rejected"]
    reason: str | None = None

    def as_send_result(self) -> SendResult:
        """The same, its reason without addresses."""
        return SendResult(status=self.status, reason=impersonal(self.reason))


def connected(url: str, key: str, timeout: float) -> httpx2.AsyncClient:
    """A client whose paths begin with `v1/`. `timeout` in seconds, which restart with each byte received."""
    headers = {"Authorization": f"Bearer {key}"}
    return httpx2.AsyncClient(base_url=f"{url.rstrip('/')}/", headers=headers, timeout=timeout)
