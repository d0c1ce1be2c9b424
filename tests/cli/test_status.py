"""`crm status` against a server that plays the gateway and the functions."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from crm.cli.main import app

CAMPAIGNS = 130


class FakeStack:
    """Answers as a stack does; `broken` are paths that answer 500."""

    def __init__(self) -> None:
        self.broken: set[str] = set()
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path, _, query = self.path.partition("?")
                if path == "/api/v1/campaigns":
                    begin = 100 if "cursor=c100" in query else 0
                    page: list[Any] = [{}] * min(100, CAMPAIGNS - begin)
                    self._answer({"data": page, "next_cursor": None if begin else "c100"}, signed_in=True)
                elif path == "/api/v1/overview":
                    self._answer({"customers": 4372, "orders": 9001}, signed_in=True)
                else:
                    self._answer({"status": "ok"})

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if self.path == "/identity/token":
                    assert body["nonce"] == "n"
                    self._answer({"credential": f"token of {body['email']}"})
                elif self.path == "/api/v1/session/nonce":
                    self._answer({"nonce": "n"})
                else:
                    assert self.path == "/api/v1/session"
                    assert body == {"credential": "token of viewer@example.com"}
                    self._answer({}, cookie="__session=s; Path=/")

            def _answer(self, body: Any, cookie: str = "", signed_in: bool = False) -> None:
                path = self.path.partition("?")[0]
                allowed = not signed_in or "__session=s" in self.headers.get("Cookie", "")
                self.send_response(500 if path in server.broken else 200 if allowed else 401)
                if cookie:
                    self.send_header("Set-Cookie", cookie)
                self.end_headers()
                self.wfile.write(json.dumps(body).encode())

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def stack() -> Iterator[FakeStack]:
    server = FakeStack()
    yield server
    server.close()


def _run(tmp_path: Path, stack: FakeStack, functions: dict[str, str]) -> Result:
    path = tmp_path / "stack.json"
    path.write_text(json.dumps({"url": stack.url, "functions": functions}))
    return CliRunner().invoke(app, ["status"], env={"CRM_STACK": str(path), "COLUMNS": "200"})


def test_a_healthy_stack(tmp_path: Path, stack: FakeStack) -> None:
    result = _run(tmp_path, stack, {"ingest": f"{stack.url}/a", "deliver": f"{stack.url}/b"})
    assert result.exit_code == 0, result.output
    assert f"CRM at {stack.url}" in result.output
    assert result.output.count(" ok ") == 2
    assert f"4,372 customers, 9,001 orders, {CAMPAIGNS} campaigns." in result.output


def test_functions_that_are_ill_or_gone(tmp_path: Path, stack: FakeStack) -> None:
    stack.broken.add("/a/health")
    result = _run(tmp_path, stack, {"ingest": f"{stack.url}/a", "deliver": "http://127.0.0.1:1"})
    assert result.exit_code == 1
    assert "answers 500" in result.output
    assert "does not answer" in result.output


def test_counts_that_cannot_be_had_hide_nothing(tmp_path: Path, stack: FakeStack) -> None:
    stack.broken.add("/identity/token")
    result = _run(tmp_path, stack, {"ingest": f"{stack.url}/a"})
    assert result.exit_code == 0
    assert "Customers, orders and campaigns are not known" in result.output


def test_no_stack() -> None:
    result = CliRunner().invoke(app, ["status"], env={"CRM_STACK": "/nowhere/stack.json"})
    assert result.exit_code == 2
    assert "make run" in result.output.replace("\n", " ")


def test_the_version_is_that_of_the_package() -> None:
    shown = CliRunner().invoke(app, ["--version"])
    assert (shown.exit_code, shown.output) == (0, f"crm {version('crm')}\n")
