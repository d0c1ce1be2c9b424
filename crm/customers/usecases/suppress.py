"""Suppress: put a customer's channel on the do-not-send list, or take it off."""

from collections.abc import Awaitable, Callable

from crm.customers.customer import Customer
from crm.customers.ports import CustomerStore
from crm.kernel.errors import Conflict, NotFound, Unavailable
from crm.kernel.versioned import Change

ATTEMPTS = 8
"""Commits tried while others change the same customer."""


async def change_suppressions(
    book: CustomerStore,
    customer: str,
    change: Callable[[Customer], Customer],
    pause: Callable[[int], Awaitable[None]],
) -> Customer:
    """The customer of that document name as `change` makes them; it answers the same object to leave them.

    Safe to repeat: what is so already is written no second time. Returns once it is durable, and whatever is
    handed over to the vendor from then on heeds it. Raises NotFound, Unavailable.
    """
    for attempt in range(ATTEMPTS):
        seen = await book.find_by_document(customer)
        if seen is None:
            raise NotFound("There is no such customer.")
        changed = change(seen.row)
        if changed is seen.row:
            return changed
        try:
            await book.commit([Change(changed, seen)], (), ())
        except Conflict:
            await pause(attempt)
            continue
        return changed
    raise Unavailable("Others kept changing the same customer.")
