"""Liveness and readiness of every function, without authentication.

The paths do not end in z: Google's front end reserves such paths of Cloud Run.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

from fastapi import FastAPI

from crm.config import running_version
from crm.kernel.errors import Unavailable

logger = logging.getLogger(__name__)

Probe = Callable[[], Awaitable[None]]
"""Probes a dependency. Raises Unavailable."""

LIVE = "/health"
READY = "/ready"

PATIENCE = 5.0
"""Seconds that a probe may take, retries included."""

KEEP = 10.0
"""Seconds for which the result of the probes is reused, so that frequent checks cost little."""


def mount(app: FastAPI, **probes: Probe) -> None:
    """Serve LIVE and READY. `probes` are the dependencies without which the function cannot work, by name."""
    dependencies = Dependencies(probes)

    @app.get(LIVE, include_in_schema=False)
    async def live() -> dict[str, str]:
        """200 if the process answers, with the version that it runs.

        It probes no dependency: a broken one must not restart us.
        """
        return {"status": "ok", "version": running_version()}

    @app.get(READY, include_in_schema=False)
    async def ready() -> dict[str, str]:
        """200 if every dependency answers, else 503 with those that do not."""
        await dependencies.check()
        return {"status": "ok"}


class Dependencies:
    """Probes all concurrently, at most once in KEEP seconds; concurrent callers share the result."""

    def __init__(self, probes: dict[str, Probe], clock: Callable[[], float] = time.monotonic) -> None:
        self._probes = probes
        self._clock = clock
        self._checking = asyncio.Lock()
        self._until = float("-inf")
        self._missing: list[str] = []

    async def check(self) -> None:
        """Raises Unavailable with the names of the dependencies that do not answer."""
        async with self._checking:
            if self._clock() >= self._until:
                answers = await asyncio.gather(*map(_answers, self._probes.values()))
                self._missing = [name for name, there in zip(self._probes, answers, strict=True) if not there]
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
    except Exception:  # such as missing credentials: whatever it is, the function cannot work
        logger.exception("not ready")
    else:
        return True
    return False
