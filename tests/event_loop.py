"""How long the event loop is held, in processor time: so that it does not matter how busy the machine is."""

import asyncio
import gc
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


@asynccontextmanager
async def turns() -> AsyncIterator[list[float]]:
    """Seconds of this process's processor time, of all its threads, between any two turns of the loop.

    The garbage collector holds up all threads, so what other tests have left in memory is kept from it.
    """
    found: list[float] = []

    async def take(last: float) -> None:
        while True:
            await asyncio.sleep(0.001)
            now = time.process_time()
            found.append(now - last)
            last = now

    gc.collect()
    gc.freeze()
    taking = asyncio.create_task(take(time.process_time()))
    try:
        yield found
        await asyncio.sleep(0.01)  # the last turn, too
    finally:
        taking.cancel()
        gc.unfreeze()
