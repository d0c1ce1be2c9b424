"""A vendor with an HTTP API: one call a batch, each message under its own idempotency key."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx2
from pydantic import BaseModel, ValidationError

from crm.channels.http_vendor_api import MessageResult, connected
from crm.channels.outgoing import Outgoing, SendResult, VendorAway, VendorRefused
from crm.platform import tracing

MAX_WAIT = 3600
"""Seconds. A vendor that asks for a longer wait is called again after this."""


class _Answer(BaseModel):
    results: list[MessageResult]


class HttpVendor:
    """`ports.Vendor` over HTTP: `POST <url>/v1/messages`."""

    def __init__(self, url: str, key: str, timeout: float) -> None:
        self._timeout = timeout
        self._client = connected(url, key, timeout)

    async def send(self, messages: Sequence[Outgoing]) -> Mapping[str, SendResult]:
        """The vendor's results by message id; a message that it leaves out is missing here too.

        Raises VendorAway where the batch may be sent later, VendorRefused where it never will be taken.
        """
        content = {"messages": [_body(message) for message in messages]}
        try:
            # The client's own timeout restarts with each byte.
            async with asyncio.timeout(self._timeout):
                response = await self._client.post("v1/messages", json=content, headers=tracing.outgoing())
        except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
            raise VendorAway("The vendor cannot be reached.", nothing_taken=True) from error
        except (httpx2.TransportError, TimeoutError) as error:
            raise VendorAway("The vendor did not answer in time.", nothing_taken=False) from error
        _raise_for(response)
        try:
            answer = _Answer.model_validate_json(response.content)
        except ValidationError as error:
            raise VendorAway("The vendor's answer makes no sense.", nothing_taken=False) from error
        return {result.id: result.as_send_result() for result in answer.results}


def _body(message: Outgoing) -> dict[str, Any]:
    body = {
        "id": message.message_id,
        "channel": message.channel,
        "to": message.to,
        "body": message.body,
        "unsubscribe_url": message.unsubscribe_url,
    }
    return body if message.subject is None else {**body, "subject": message.subject}


def _raise_for(response: httpx2.Response) -> None:
    """With 429, and with 4xx that mean our own misconfiguration, nothing was taken; with 400, 413 and 422 the
    batch itself is at fault. With a 5xx, or another 2xx such as 202, the vendor may have taken it.
    """
    code = response.status_code
    if code == httpx2.codes.OK:
        return
    if code == httpx2.codes.TOO_MANY_REQUESTS:
        wait = _seconds(response.headers.get("Retry-After"))
        raise VendorAway("The vendor asked to wait.", nothing_taken=True, asked_to_wait=wait)
    if code in (400, 413, 422):
        raise VendorRefused(f"The vendor refused the batch with status {code}.")
    if 400 <= code < 500:
        raise VendorAway(f"The vendor answers with status {code}.", nothing_taken=True)
    wait = _seconds(response.headers.get("Retry-After"))
    raise VendorAway(f"The vendor answers with status {code}.", nothing_taken=False, asked_to_wait=wait)


def _seconds(retry_after: str | None) -> int | None:
    """A `Retry-After` header in seconds, whether it gives seconds or a date; None where it is neither."""
    if retry_after is None:
        return None
    if retry_after.isascii() and retry_after.isdigit():
        return min(int(retry_after), MAX_WAIT)
    try:
        at = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    return max(0, min(int((at - datetime.now(UTC)).total_seconds()) + 1, MAX_WAIT))
