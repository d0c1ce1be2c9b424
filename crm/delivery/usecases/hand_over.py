"""Hand a batch over to the vendor: one call, or more where the vendor refuses a batch for one message."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from crm.channels.outgoing import Outgoing, SendResult, VendorAway, VendorRefused
from crm.channels.ports import Vendor

MAX_REFUSALS = 50
"""Refused calls after which a batch is no longer halved; enough to find two or three bad messages in 500."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver:
    """Sends a batch within a time limit."""

    vendor: Vendor
    patience: timedelta
    """How long all calls of one batch may take together."""

    async def __call__(self, batch: Sequence[Outgoing]) -> Mapping[str, SendResult]:
        """The vendor's results by message id; a message that its answer leaves out is missing here too.

        Raises VendorAway, also where the vendor takes longer than `patience`.
        """
        try:
            async with asyncio.timeout(self.patience.total_seconds()):
                return await _send_in_halves(self.vendor, batch)
        except TimeoutError as error:
            raise VendorAway("The vendor takes too long over a chunk.", nothing_taken=False) from error


async def _send_in_halves(vendor: Vendor, batch: Sequence[Outgoing]) -> Mapping[str, SendResult]:
    """Halve a refused batch until the message at fault is found and the others are sent."""
    results: dict[str, SendResult] = {}
    parts = [batch] if batch else []
    refusals = 0
    answered = False
    while parts:
        part = parts.pop()
        try:
            results.update(await vendor.send(part))
            answered = True
        except VendorRefused as error:
            refusals += 1
            half = len(part) // 2
            if half and refusals < MAX_REFUSALS:
                parts += [part[half:], part[:half]]
            else:
                refused = SendResult(status="refused", reason=str(error))
                results.update((message.message_id, refused) for message in part)
        except VendorAway as error:
            if answered:  # earlier parts were taken, perhaps also messages that an answer left out
                raise VendorAway(
                    str(error), nothing_taken=False, asked_to_wait=error.asked_to_wait
                ) from error
            raise
    return results
