"""Waiting before another attempt."""

import asyncio
import random


async def pause(attempt: int) -> None:
    """Wait for up to 20 ms, twice that with each attempt, at most a second: competitors part at random."""
    await asyncio.sleep(random.uniform(0, min(1.0, 0.02 * 2**attempt)))  # noqa: S311  # no secret
