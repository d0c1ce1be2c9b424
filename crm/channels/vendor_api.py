"""What every call to the vendor has in common: the address, the key, and how a message is judged."""

from typing import Literal

import httpx2
from pydantic import BaseModel

from crm.channels.outgoing import SendResult
from crm.channels.reasons import impersonal


class Judged(BaseModel):
    """What the vendor says of one message."""

    id: str
    status: Literal["accepted", "rejected"]
    reason: str | None = None

    @property
    def verdict(self) -> SendResult:
        return SendResult(status=self.status, reason=impersonal(self.reason))


def connected(url: str, key: str, timeout: float) -> httpx2.AsyncClient:
    """A client whose paths begin with `v1/`. `timeout` in seconds; it begins anew with each byte."""
    headers = {"Authorization": f"Bearer {key}"}
    return httpx2.AsyncClient(base_url=f"{url.rstrip('/')}/", headers=headers, timeout=timeout)
