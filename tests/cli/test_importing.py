"""`crm import` as people type it, against a server that keeps what it is sent."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from crm.cli.main import app


class FakeIngest:
    """Takes batches; refuses records of customer "BAD"."""

    def __init__(self) -> None:
        self.records: list[dict[str, Any]] = []
        self.paths: set[str] = set()
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                records = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["records"]
                server.paths.add(self.path)
                bad = [i for i, record in enumerate(records) if record["customer_id"] == "BAD"]
                server.records += [record for i, record in enumerate(records) if i not in bad]
                errors = [{"path": "customer_id", "message": "=is bad;=1"}]
                rejected = [{"index": i, "errors": errors} for i in bad]
                body = json.dumps({"accepted": len(records) - len(bad), "rejected": rejected}).encode()
                self.send_response(202)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def ingest() -> Iterator[FakeIngest]:
    server = FakeIngest()
    yield server
    server.close()


def _run(*arguments: str, **environ: str) -> Result:
    return CliRunner().invoke(
        app, list(arguments), env={"CRM_STACK": "/nowhere", "COLUMNS": "200", **environ}
    )


def _file(tmp_path: Path, text: str) -> str:
    path = tmp_path / "customers.csv"
    path.write_text(text)
    return str(path)


def test_a_clean_file(ingest: FakeIngest, tmp_path: Path) -> None:
    rows = "".join(f"C{n},x\n" for n in range(25))
    file = _file(tmp_path, f"customer_id,colour\n{rows}")
    fill = "email={customer_id}@example.com"
    result = _run(
        "import",
        file,
        "--as",
        "customers",
        "--url",
        ingest.url,
        "--key",
        "k",
        "--batch",
        "10",
        "--fill",
        fill,
    )
    assert result.exit_code == 0, result.output
    assert "Ignored columns: colour." in result.output
    assert "25 accepted, 0 rejected" in result.output
    assert ingest.paths == {"/api/v1/ingest/customers/batch"}
    assert sorted(r["email"] for r in ingest.records) == sorted(f"C{n}@example.com" for n in range(25))


def test_rejected_rows_are_shown_and_saved(ingest: FakeIngest, tmp_path: Path) -> None:
    file = _file(tmp_path, "customer_id,name\nC1,a\nBAD,b\nC2\nC3,c\n")
    saved = tmp_path / "report.csv"
    result = _run(
        "import", file, "--as", "customers", "--report", str(saved), CRM_URL=ingest.url, CRM_API_KEY="k"
    )
    assert result.exit_code == 1
    assert "2 accepted, 2 rejected" in result.output
    assert "has 1 cells where the header has 2" in result.output
    assert sorted(saved.read_text().splitlines()) == sorted(
        ["row,field,reason", "3,customer_id,'=is bad;'=1", "4,,has 1 cells where the header has 2"]
    )


def test_rows_before_a_broken_place_are_sent(ingest: FakeIngest, tmp_path: Path) -> None:
    file = _file(tmp_path, 'customer_id,name\nC1,a\nC2,"never closed\nC3,c\n')
    result = _run("import", file, "--as", "customers", "--url", ingest.url, "--key", "k")
    assert result.exit_code == 1
    assert [r["customer_id"] for r in ingest.records] == ["C1"]
    assert "is not CSV after row 2" in result.output


def test_the_stack_is_found(ingest: FakeIngest, tmp_path: Path) -> None:
    stack = tmp_path / "stack.json"
    stack.write_text(json.dumps({"url": ingest.url, "api_key": "k"}))
    file = _file(tmp_path, "customer_id\nC1\n")
    assert _run("import", file, "--as", "customers", CRM_STACK=str(stack)).exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--key", "k"], "There is no CRM to talk to"),
        (["--url", "http://127.0.0.1:1"], "An ingest API key is needed"),
        (["--url", "http://127.0.0.1:1", "--key", "k", "--map", "a=b"], "a: names no column of the file"),
        (["--url", "http://127.0.0.1:1", "--key", "k", "--delimiter", ";;"], "must be one character"),
        (["--url", "http://127.0.0.1:1", "--key", "k", "--report", "/nowhere/x.csv"], "cannot be written"),
    ],
)
def test_an_import_that_cannot_begin_says_why(tmp_path: Path, arguments: list[str], sentence: str) -> None:
    result = _run("import", _file(tmp_path, "customer_id\nC1\n"), "--as", "customers", *arguments)
    assert result.exit_code == 2
    assert sentence in result.output
    assert "Traceback" not in result.output


def test_a_key_that_is_refused(tmp_path: Path) -> None:
    class Refusing(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_response(401)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Refusing)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    result = _run(
        "import", _file(tmp_path, "customer_id\nC1\n"), "--as", "customers", "--url", url, "--key", "k"
    )
    server.shutdown()
    server.server_close()
    assert result.exit_code == 1
    assert "The API key is not accepted" in result.output
    assert "0 accepted" in result.output
