"""Does what was deployed work? Asked from outside, as people and systems would, and of Google."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import httpx2

from crm.entry.health import LIVE, READY
from deploy.errors import DeployError
from deploy.google import Google

PATIENCE = 180.0
"""Seconds within which a new installation begins to answer: names, certificates and rights take a while."""

LOG_RETENTION: Final = timedelta(days=30)
"""How far back a function's last line may lie: Cloud Logging keeps none longer."""

LOG_PAGES: Final = 10
"""Answers of Cloud Logging to wait for. While it searches, it may answer with none but a token."""

Check = Callable[[], str]
"""What is wrong; empty where nothing is. May raise what an HTTP client raises."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an installation is, as Google's paths have it."""

    project: str
    region: str
    name: str

    def path(self, kind: str, what: str) -> str:
        """Of `functions`, `jobs` or `services`."""
        return f"projects/{self.project}/locations/{self.region}/{kind}/{self.name}-{what}"


@dataclass(frozen=True, slots=True)
class Deployed:
    """What was just deployed: the first page of the web app, and the SHA-256 of each package."""

    page: bytes
    packages: Mapping[str, str]


def run(
    outputs: Mapping[str, Any],
    google: Google,
    place: Place,
    deployed: Deployed | None = None,
    version: str = "",
    patience: float = PATIENCE,
) -> list[str]:
    """Ask everything; what was found well. With `deployed` or `version` whatever is another counts as wrong.

    Raises DeployError that names everything which does not work, and why.
    """
    with httpx2.Client(timeout=30.0, follow_redirects=False) as http:
        checks = _from_outside(http, outputs, deployed, version)
        checks["the tick"] = Tick(google, place.path("jobs", "tick"))
        for name in outputs["function_urls"]:
            checks[f"the function {name}"] = _function(google, place, name, deployed)
            checks[f"the log of {name}"] = _log(google, place, name, version)
        return _all(checks, patience)


def run_outside(
    outputs: Mapping[str, Any], deployed: Deployed, version: str, patience: float = PATIENCE
) -> list[str]:
    """Make the checks that need no access to Google's APIs. Returns and raises as `run`."""
    with httpx2.Client(timeout=30.0, follow_redirects=False) as http:
        return _all(_from_outside(http, outputs, deployed, version), patience)


def _from_outside(
    http: httpx2.Client, outputs: Mapping[str, Any], deployed: Deployed | None, version: str
) -> dict[str, Check]:
    checks: dict[str, Check] = {
        "the web app": lambda: _app(http, outputs["url"], deployed),
        "the API behind it": lambda: _api(http, outputs["url"]),
        "ingest refuses whom it does not know": lambda: _refusal(http, outputs["ingest_url"]),
    }
    for name in outputs["open_functions"]:
        url = outputs["function_urls"][name]
        checks[f"what {name} needs"] = _needs(http, url)
        checks[f"the version of {name}"] = _version(http, url, version)
    return checks


def _all(checks: Mapping[str, Check], patience: float) -> list[str]:
    deadline = time.monotonic() + patience
    waiting = dict(checks)
    while True:
        wrong = {name: found for name, check in waiting.items() if (found := _asked(check))}
        waiting = {name: waiting[name] for name in wrong}
        if not wrong:
            return list(checks)
        if time.monotonic() > deadline:
            report = "\n".join(f"{name} does not work: {found}" for name, found in wrong.items())
            raise DeployError(
                f"{report}\nThe rest works. docs/operations.md says where to look; `make smoke` checks again."
            )
        time.sleep(min(5.0, patience / 10))


def _asked(check: Check) -> str:
    try:
        return check()
    except (httpx2.HTTPError, ValueError, KeyError, DeployError) as error:
        return f"{type(error).__name__}: {error}"


def _app(http: httpx2.Client, url: str, deployed: Deployed | None) -> str:
    answer = http.get(f"{url}/")
    if answer.status_code != 200:
        return f"it answers {answer.status_code}"
    if "content-security-policy" not in answer.headers:
        return "its headers are missing"
    if deployed is not None and answer.content != deployed.page:
        return "it is not the version that was published"
    return ""


def _api(http: httpx2.Client, url: str) -> str:
    config = http.get(f"{url}/api/v1/session/config")
    if config.status_code != 200:
        return f"it answers {config.status_code}: {config.text[:200]}"
    if not config.json()["client_id"]:
        return "it has no OAuth client"
    nothing = http.get(f"{url}/api/v1/nothing-of-that-name")
    if nothing.status_code != 404 or "problem+json" not in nothing.headers.get("content-type", ""):
        return "a path that is not there is not answered by the functions"
    return ""


def _refusal(http: httpx2.Client, url: str) -> str:
    code = http.post(f"{url}/customers", json={}).status_code
    return "" if code == 401 else f"it answers {code}"


def _needs(http: httpx2.Client, url: str) -> Check:
    def check() -> str:
        answer = http.get(f"{url}{READY}")
        return "" if answer.status_code == 200 else f"{answer.status_code}: {answer.text[:200]}"

    return check


def _version(http: httpx2.Client, url: str, version: str) -> Check:
    def check() -> str:
        running = http.get(f"{url}{LIVE}").json()["version"]
        return "" if running == version or not version else f"it runs {running}, not {version}"

    return check


def _log(google: Google, place: Place, name: str, version: str) -> Check:
    """Whether the function's own lines reach Cloud Logging: every instance begins with one."""

    def check() -> str:
        since = datetime.now(UTC) - LOG_RETENTION
        wanted = [
            'resource.type="cloud_run_revision"',
            f'resource.labels.service_name="{place.name}-{name}"',
            f'jsonPayload.serviceContext.version="{version}"'
            if version
            else "jsonPayload.serviceContext.version:*",
            f'timestamp>="{since.isoformat(timespec="seconds")}"',
        ]
        query = {
            "resourceNames": [f"projects/{place.project}"],
            "filter": " AND ".join(wanted),
            "orderBy": "timestamp desc",
            "pageSize": 1,
        }
        token = ""
        for _ in range(LOG_PAGES):
            page = {"pageToken": token} if token else {}
            found = google.post("logging", "entries:list", {**query, **page})
            token = found.get("nextPageToken", "")
            if found.get("entries") or not token:
                break
        said = f" of {version}" if version else ""
        return "" if found.get("entries") else f"Cloud Logging has no line{said}"

    return check


def _function(google: Google, place: Place, name: str, deployed: Deployed | None) -> Check:
    """Also of those that nobody may call from outside."""

    def check() -> str:
        found = google.get("functions", place.path("functions", name))
        if found is None:
            return "there is none"
        if found["state"] != "ACTIVE":
            return f"it is {found['state']}"
        package = found["buildConfig"]["source"]["storageSource"]["object"]
        if deployed is not None and deployed.packages[name] not in package:
            return f"it runs another package: {package}"
        return ""

    return check


class Tick:
    """What the scheduler says of its last call. It must be a later one than was seen at first: that may have
    gone to what ran before."""

    def __init__(self, google: Google, path: str) -> None:
        self._google = google
        self._path = path
        self._before: str | None = None

    def __call__(self) -> str:
        found = self._google.get("scheduler", self._path)
        if found is None:
            return "there is none"
        if found.get("state", "ENABLED") != "ENABLED":
            return f"it is {found['state']}"
        last = found.get("lastAttemptTime", "")
        if self._before is None:
            self._before = last
        if last == self._before:
            return "it has not been called yet"
        code = found.get("status", {}).get("code")
        return f"deliver answered it with an error ({code})" if code else ""
