"""The smoke test asks what was deployed, and names what does not work."""

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from crm.entry.problems import problem
from deploy import google, smoke
from deploy.errors import DeployError
from tests.support import serving

PLACE = smoke.Place("p", "r", "crm")
SHA256 = "a" * 64
FUNCTIONS = ("campaigns", "deliver")
VERSION = "v1.2.3"


class Installation:
    """Answers as an installation does, also for Google. `broken` are paths that do not. The scheduler calls
    each time that it is asked for its last call, unless `stands`. The log has a line of each function in
    `lines`, and first answers with none but a token; `queries` are what it was asked."""

    def __init__(self) -> None:
        self.broken: set[str] = set()
        self.stands = False
        self.calls = 0
        self.tick: dict[str, Any] = {"state": "ENABLED", "status": {}}
        self.unready = False
        self.page = "app"
        self.state = "ACTIVE"
        self.sha256 = SHA256
        self.version = VERSION
        self.lines: dict[str, str] = dict.fromkeys(FUNCTIONS, VERSION)
        self.queries: list[dict[str, Any]] = []
        self.app = Starlette()
        self.app.add_route("/{path:path}", self._answer, methods=["GET", "POST"])

    async def _answer(self, request: Request) -> Response:
        path = request.url.path
        if path in self.broken:
            return Response("broken", 500)
        if path == "/":
            return Response(self.page, headers={"Content-Security-Policy": "default-src 'none'"})
        if path == "/ready" and self.unready:
            return problem(503, "Not ready: no answer from the database.")
        if path.startswith("/functions/"):
            package = {"bucket": "b", "object": f"crm-x-{self.sha256}.zip"}
            return JSONResponse({"state": self.state, "buildConfig": {"source": {"storageSource": package}}})
        if path.startswith("/scheduler/"):
            self.calls += not self.stands
            return JSONResponse({**self.tick, "lastAttemptTime": f"2026-01-01T00:0{self.calls}:00Z"})
        if path == "/logging/entries:list":
            return JSONResponse(self._logged(await request.json()))
        found: dict[str, Response] = {
            "/health": JSONResponse({"status": "ok", "version": self.version}),
            "/api/v1/session/config": JSONResponse({"client_id": "1"}),
            "/api/v1/ingest/customers": problem(401, "No key."),
            "/ready": JSONResponse({"status": "ok"}),
        }
        return found.get(path) or problem(404, "Nothing.")

    def _logged(self, query: dict[str, Any]) -> dict[str, Any]:
        self.queries.append(query)
        if "pageToken" not in query:
            return {"nextPageToken": "more"}
        wanted = query["filter"]
        entries: list[dict[str, Any]] = [
            {"jsonPayload": {}}
            for function, version in self.lines.items()
            if f'service_name="crm-{function}"' in wanted
            and (f'.version="{version}"' in wanted or ".version:*" in wanted)
        ]
        return {"entries": entries} if entries else {}


@pytest.fixture
def installation() -> Installation:
    return Installation()


@pytest.fixture
def url(installation: Installation) -> Iterator[str]:
    with serving(installation.app) as url:
        yield url


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(google, "PAUSES", ())


def asked(url: str, patience: float = 0.0, version: str = VERSION) -> list[str]:
    """What was found well, with patience for as many more looks as it takes, or for none."""
    outputs = {
        "url": url,
        "ingest_url": f"{url}/api/v1/ingest",
        "open_functions": ["campaigns"],
        "function_urls": {"campaigns": url, "deliver": "http://127.0.0.1:1"},
    }
    roots = {name: f"{url}/{name}" for name in ("scheduler", "functions", "logging")}
    deployed = smoke.Deployed(b"app", dict.fromkeys(FUNCTIONS, SHA256))
    return smoke.run(outputs, google.Google("p", lambda: "token", roots), PLACE, deployed, version, patience)


def test_all_is_well(url: str) -> None:
    found = asked(url, patience=10)

    assert {"the tick", "the function campaigns", "what campaigns needs", "the function deliver"} <= set(
        found
    )
    assert "what deliver needs" not in found


def test_a_tick_from_before_does_not_count(installation: Installation, url: str) -> None:
    installation.stands = True

    with pytest.raises(DeployError, match="the tick does not work: it has not been called yet"):
        asked(url)


def test_a_difference_from_the_deployed_version_is_named(installation: Installation, url: str) -> None:
    installation.page, installation.sha256 = "old app", "b" * 64

    with pytest.raises(DeployError) as refused:
        asked(url)
    assert "the web app does not work: it is not the version" in str(refused.value)
    for function in FUNCTIONS:
        assert f"the function {function} does not work: it runs another package" in str(refused.value)


def test_a_function_that_runs_another_version_is_named(installation: Installation, url: str) -> None:
    installation.version = "v1.2.2"

    with pytest.raises(
        DeployError, match=r"the version of campaigns does not work: it runs v1\.2\.2, not v1"
    ):
        asked(url)


def test_a_function_whose_lines_do_not_reach_the_log_is_named(installation: Installation, url: str) -> None:
    installation.lines["deliver"] = "v1.2.2"

    with pytest.raises(DeployError, match=r"the log of deliver does not work: .* has no line of v1\.2\.3"):
        asked(url)


def test_without_a_version_any_line_will_do(installation: Installation, url: str) -> None:
    installation.lines["deliver"] = installation.version = "v1.2.2"

    assert {"the log of deliver", "the version of campaigns"} <= set(asked(url, patience=10, version=""))
    assert installation.queries[0]["resourceNames"] == ["projects/p"]
    assert 'resource.type="cloud_run_revision" AND' in installation.queries[0]["filter"]


def test_a_function_without_public_access_is_checked(installation: Installation, url: str) -> None:
    installation.state = "FAILED"

    with pytest.raises(DeployError, match="the function deliver does not work: it is FAILED"):
        asked(url)


def test_the_reason_why_a_function_does_not_work_is_reported(installation: Installation, url: str) -> None:
    installation.unready = True

    with pytest.raises(DeployError, match=r"what campaigns needs does not work: 503: .*from the database"):
        asked(url)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/", "the web app"),
        ("/api/v1/session/config", "the API behind it"),
        ("/api/v1/nothing-of-that-name", "the API behind it"),
        ("/api/v1/ingest/customers", "ingest refuses whom it does not know"),
        ("/ready", "what campaigns needs"),
        ("/health", "the version of campaigns"),
        ("/logging/entries:list", "the log of deliver"),
        ("/functions/projects/p/locations/r/functions/crm-deliver", "the function deliver"),
        ("/scheduler/projects/p/locations/r/jobs/crm-tick", "the tick"),
    ],
)
def test_failures_are_named(installation: Installation, url: str, path: str, name: str) -> None:
    installation.broken.add(path)

    with pytest.raises(DeployError, match=f"{name} does not work"):
        asked(url)


@pytest.mark.parametrize(
    ("tick", "reported"),
    [({"status": {"code": 7}}, "deliver answered it with an error"), ({"state": "PAUSED"}, "it is PAUSED")],
)
def test_a_tick_that_fails_is_named(
    tick: dict[str, Any], reported: str, installation: Installation, url: str
) -> None:
    installation.tick.update(tick)
    check = smoke.Tick(google.Google("p", lambda: "t", {"scheduler": f"{url}/scheduler"}), "jobs/crm-tick")

    check()
    assert reported in check()
