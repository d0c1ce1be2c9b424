"""Two questions that every function answers without knowing who asks: are you there, and can you work?

Their paths do not end in z: Google's front end keeps such paths of Cloud Run for itself.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

from fastapi import FastAPI

from crm.kernel.errors import Unavailable

logger = logging.getLogger(__name__)

Probe = Callable[[], Awaitable[None]]
"""Asks a dependency whether it is there. Raises Unavailable."""

LIVE = "/health"
READY = "/ready"

PATIENCE = 5.0
"""Seconds that a dependency has to answer, however often it is asked within them."""

KEEP = 10.0
"""Seconds that an answer of the dependencies counts, so that asking us often costs little."""


def mount(app: FastAPI, **needs: Probe) -> None:
    """Serve LIVE and READY. `needs` are the dependencies without which the function cannot do its work."""
    dependencies = Neighbours(needs)

    @app.get(LIVE, include_in_schema=False)
    async def live() -> dict[str, str]:
        """200 as soon as the function can answer. It asks no dependency: a broken one must not restart us."""
        return {"status": "ok"}

    @app.get(READY, include_in_schema=False)
    async def ready() -> dict[str, str]:
        """200 when every dependency answers, else 503 that says which does not."""
        await dependencies.ask()
        return {"status": "ok"}


class Neighbours:
    """Asks all at once, and again only after KEEP seconds; whoever comes meanwhile gets the same answer."""

    def __init__(self, needs: dict[str, Probe], clock: Callable[[], float] = time.monotonic) -> None:
        self._needs = needs
        self._clock = clock
        self._asking = asyncio.Lock()
        self._until = float("-inf")
        self._missing: list[str] = []

    async def ask(self) -> None:
        """Raises Unavailable that names each dependency that does not answer."""
        async with self._asking:
            if self._clock() >= self._until:
                answers = await asyncio.gather(*map(_answers, self._needs.values()))
                self._missing = [name for name, there in zip(self._needs, answers, strict=True) if not there]
                self._until = self._clock() + KEEP
        if self._missing:
            raise Unavailable(f"Not ready: no answer from the {' and the '.join(self._missing)}.")


async def _answers(probe: Probe) -> bool:
    try:
        async with asyncio.timeout(PATIENCE):
            await probe()
    except TimeoutError:
        logger.warning("not ready: no answer within %g seconds", PATIENCE)
    except Unavailable as error:
        logger.warning("not ready: %s", error)
    except Exception:  # such as credentials that cannot be had: whatever it is, the function cannot work
        logger.exception("not ready")
    else:
        return True
    return False
