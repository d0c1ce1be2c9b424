"""Reading page by page."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


async def pages(
    read: Callable[[str | None], Awaitable[Sequence[T]]], id_of: Callable[[T], str], after: str | None = None
) -> AsyncIterator[Sequence[T]]:
    """Every page that `read(after)` answers until one is empty; `after` is the id of the last item so far."""
    while page := await read(after):
        yield page
        after = id_of(page[-1])
