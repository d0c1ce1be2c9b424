"""The smoke test asks what was deployed, and names what does not work."""

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from crm.entry.problems import problem
from deploy import smoke
from deploy.errors import DeployError
from deploy.google import Google
from tests.support import serving


class Installation:
    """Answers as an installation does. `broken` are paths that do not."""

    def __init__(self) -> None:
        self.broken: set[str] = set()
        self.tick: dict[str, Any] = {"lastAttemptTime": "2026-01-01T00:00:00Z", "status": {}}
        self.app = Starlette()
        self.app.add_route("/{path:path}", self._answer, methods=["GET", "POST"])

    async def _answer(self, request: Request) -> Response:
        path = request.url.path
        if path in self.broken:
            return Response("broken", 500)
        if path == "/":
            return Response("app", headers={"Content-Security-Policy": "default-src 'none'"})
        found: dict[str, Response] = {
            "/api/v1/session/config": JSONResponse({"client_id": "1"}),
            "/api/v1/ingest/customers": problem(401, "No key."),
            "/ready": JSONResponse({"status": "ok"}),
            "/scheduler/jobs/tick": JSONResponse(self.tick),
        }
        return found.get(path) or problem(404, "Nothing.")


@pytest.fixture
def installation() -> Installation:
    return Installation()


@pytest.fixture
def url(installation: Installation) -> Iterator[str]:
    with serving(installation.app) as url:
        yield url


def asked(url: str) -> list[str]:
    outputs = {
        "url": url,
        "ingest_url": f"{url}/api/v1/ingest",
        "public_functions": ["campaigns"],
        "function_urls": {"campaigns": url, "deliver": "http://127.0.0.1:1"},
    }
    return smoke.run(
        outputs, Google("p", "token", {"scheduler": f"{url}/scheduler"}), "jobs/tick", patience=0.1
    )


def test_all_is_well(url: str) -> None:
    assert "the function campaigns" in asked(url)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/", "the web app"),
        ("/api/v1/session/config", "the API behind it"),
        ("/api/v1/nothing-of-that-name", "the API behind it"),
        ("/api/v1/ingest/customers", "ingest refuses whom it does not know"),
        ("/ready", "the function campaigns"),
        ("/scheduler/jobs/tick", "the tick"),
    ],
)
def test_what_does_not_work_is_named(installation: Installation, url: str, path: str, name: str) -> None:
    installation.broken.add(path)

    with pytest.raises(DeployError, match=f"this does not work: {name}"):
        asked(url)


def test_a_tick_that_was_refused_is_named(installation: Installation, url: str) -> None:
    installation.tick["status"] = {"code": 7}

    with pytest.raises(DeployError, match="this does not work: the tick"):
        asked(url)
