"""What Cloud Scheduler does in production: call `deliver` regularly, whatever it answers."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2

from crm.topology import TICK_FUNCTION, TICK_PATH
from devstack.settings import Ports

_EVERY = 2.0
_TIMEOUT = 60.0


@contextmanager
def ticking(ports: Ports, token: str, logs: Path) -> Iterator[None]:
    """Tick every two seconds until left, one call at a time. A failure is a line in scheduler.log."""
    stop = threading.Event()
    url = ports.function(TICK_FUNCTION) + TICK_PATH
    thread = threading.Thread(target=_tick, args=(url, token, _logger(logs), stop), daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()


def _tick(url: str, token: str, log: logging.Logger, stop: threading.Event) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    # A connection a call: one that is kept is closed by the function about when the next call comes.
    limits = httpx2.Limits(max_keepalive_connections=0)
    with httpx2.Client(headers=headers, timeout=_TIMEOUT, limits=limits, trust_env=False) as http:
        while not stop.wait(_EVERY):
            try:
                answer = http.post(url)
                if not answer.is_success:
                    log.warning("the tick was answered with %s: %s", answer.status_code, answer.text[:500])
            except httpx2.HTTPError as error:
                if not stop.is_set():
                    log.warning("the tick failed: %s", error)


def _logger(logs: Path) -> logging.Logger:
    logs.mkdir(parents=True, exist_ok=True)
    logger = logging.getLogger("devstack.scheduler")
    handler = logging.FileHandler(logs / "scheduler.log", mode="w")
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    logger.handlers[:] = [handler]
    logger.propagate = False
    return logger
