"""Put a customer's channel on the do-not-send list, or take it off."""

from dataclasses import dataclass
from typing import Final

from crm.customers.customer import Customer
from crm.customers.do_not_send import Cause, allowed, suppressed
from crm.customers.ports import CustomerStore, Pause
from crm.customers.values import Channel
from crm.kernel.errors import Conflict, NotFound, Unavailable
from crm.kernel.versioned import Change

ATTEMPTS: Final = 8
"""Commits that may conflict before the caller is asked to try again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSuppression:
    """Changes whether anything may be sent to a customer on a channel. Safe to repeat."""

    customers: CustomerStore
    pause: Pause

    async def __call__(self, key: str, channel: Channel, cause: Cause | None) -> Customer:
        """Suppress the channel for `cause`, or allow it again if there is none; return the customer.

        `key` is the customer's; of an erased one nothing changes. Messages that are handed to the vendor
        after this returns respect the change. Raises NotFound, and Unavailable if the customer keeps
        changing.
        """
        for attempt in range(ATTEMPTS):
            seen = await self.customers.find_by_key(key)
            if seen is None:
                raise NotFound("There is no such customer.")
            changed = suppressed(seen.row, channel, cause) if cause else allowed(seen.row, channel)
            if changed is seen.row:
                return changed
            try:
                await self.customers.commit([Change(changed, seen)], (), ())
            except Conflict:
                await self.pause(attempt)
                continue
            return changed
        raise Unavailable("This customer is changed too often right now.")
