"""Randomised waiting between attempts."""

import asyncio
import random


async def pause(attempt: int) -> None:
    """Sleep for a random time up to 20 ms × 2^attempt, at most a second, so that competitors separate."""
    await asyncio.sleep(random.uniform(0, min(1.0, 0.02 * 2**attempt)))  # noqa: S311  # no secret


async def long_pause(attempt: int) -> None:
    """Sleep for a random time up to 50 ms × 2^attempt: where many compete, as receipts of one campaign do."""
    await asyncio.sleep(random.uniform(0, 0.05 * 2**attempt))  # noqa: S311  # no secret
