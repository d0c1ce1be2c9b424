"""Does what was deployed work? Asked from outside, as people and systems would."""

import time
from collections.abc import Callable, Mapping
from typing import Any

import httpx2

from crm.entry.health import READY
from deploy.errors import DeployError
from deploy.google import Google

PATIENCE = 180.0
"""Seconds within which a new installation begins to answer: names, certificates and rights take a while."""


def run(outputs: Mapping[str, Any], google: Google, job: str, patience: float = PATIENCE) -> list[str]:
    """Ask everything; what was found well. Raises DeployError that names everything which is not."""
    with httpx2.Client(timeout=30.0, follow_redirects=False) as http:
        checks: dict[str, Callable[[], bool]] = {
            "the web app": lambda: _is_the_app(http, outputs["url"]),
            "the API behind it": lambda: _api_answers(http, outputs["url"]),
            "ingest refuses whom it does not know": lambda: _refuses(http, outputs["ingest_url"]),
            "the tick": lambda: _tick_succeeds(google, job),
        }
        for name in outputs["public_functions"]:
            checks[f"the function {name}"] = _ready(http, outputs["function_urls"][name])
        return _all(checks, patience)


def _all(checks: Mapping[str, Callable[[], bool]], patience: float) -> list[str]:
    deadline = time.monotonic() + patience
    waiting = dict(checks)
    while waiting:
        waiting = {name: holds for name, holds in waiting.items() if not _holds(holds)}
        if waiting and time.monotonic() > deadline:
            raise DeployError(
                f"It is deployed, but this does not work: {', '.join(waiting)}. "
                "docs/operations.md tells where to look; `make smoke` asks again."
            )
        if waiting:
            time.sleep(min(5.0, patience / 10))
    return list(checks)


def _holds(check: Callable[[], bool]) -> bool:
    try:
        return check()
    except (httpx2.HTTPError, ValueError, DeployError):
        return False


def _is_the_app(http: httpx2.Client, url: str) -> bool:
    answer = http.get(f"{url}/")
    return answer.status_code == 200 and "content-security-policy" in answer.headers


def _api_answers(http: httpx2.Client, url: str) -> bool:
    config = http.get(f"{url}/api/v1/session/config")
    nothing = http.get(f"{url}/api/v1/nothing-of-that-name")
    return (
        bool(config.json()["client_id"])
        and nothing.status_code == 404
        and "problem+json" in str(nothing.headers)
    )


def _refuses(http: httpx2.Client, url: str) -> bool:
    return http.post(f"{url}/customers", json={}).status_code == 401


def _ready(http: httpx2.Client, url: str) -> Callable[[], bool]:
    return lambda: http.get(f"{url}{READY}").status_code == 200


def _tick_succeeds(google: Google, job: str) -> bool:
    """The functions that nobody may call from outside are seen by what the scheduler says of them."""
    found = google.get("scheduler", job) or {}
    return "lastAttemptTime" in found and not found.get("status", {}).get("code")
