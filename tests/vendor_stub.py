"""A vendor for tests: a real HTTP server that speaks the vendor's API and keeps a ledger."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

VENDOR_KEY = "a vendor key for tests"


class _Server(ThreadingHTTPServer):
    request_queue_size = 100

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore the error: some tests disconnect."""


class VendorStub:
    """Accepts each message id once.

    `calls` are the batches in order of arrival, `headers` theirs, `ledger` the accepted messages by id.
    """

    def __init__(self) -> None:
        self.calls: list[list[dict[str, Any]]] = []
        self.headers: list[dict[str, str]] = []
        self.ledger: dict[str, dict[str, Any]] = {}

        self.refusals: list[tuple[int, dict[str, str]]] = []
        """(status, headers) of the next calls, answered before anything is accepted; 200 lets a call pass."""

        self.rejects: dict[str, str] = {}
        """Address → reason why its messages are rejected."""

        self.chokes_on: set[str] = set()
        """Addresses that have their whole batch refused."""

        self.forget: set[str] = set()
        """Ids that answers leave out."""

        self.hang = 0.0
        """Seconds between accepting a batch and answering, unless `release` ends the wait."""

        self.garbled = False
        """Whether answers are malformed."""

        self._lock = threading.Lock()
        self._released = threading.Event()
        self._server = _Server(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def release(self) -> None:
        """Answer the calls that wait, and let later ones wait no more."""
        self._released.set()

    def close(self) -> None:
        self.release()
        self._server.shutdown()
        self._server.server_close()

    def answer(self, messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Accept or reject each message of a batch; the results to answer with."""
        results = []
        with self._lock:
            for message in messages:
                reason = self.rejects.get(message["to"])
                if reason is None:
                    self.ledger.setdefault(message["id"], message)
                    results.append({"id": message["id"], "status": "accepted"})
                else:
                    results.append({"id": message["id"], "status": "rejected", "reason": reason})
        return [result for result in results if result["id"] not in self.forget]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        stub = self

        class Messages(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.path != "/v1/messages" or self.headers["Authorization"] != f"Bearer {VENDOR_KEY}":
                    self._reply(401, {})
                    return
                messages = json.loads(body)["messages"]
                stub.calls.append(messages)
                stub.headers.append(dict(self.headers))
                if any(message["to"] in stub.chokes_on for message in messages):
                    self._reply(422, {})
                    return
                if stub.refusals:
                    status, headers = stub.refusals.pop(0)
                    if status != 200:
                        self._reply(status, {}, headers)
                        return
                results = stub.answer(messages)
                stub._released.wait(stub.hang)
                self._reply(200, {} if stub.garbled else {"results": results})

            def do_GET(self) -> None:
                url = urlsplit(self.path)
                if url.path != "/v1/ledger" or self.headers["Authorization"] != f"Bearer {VENDOR_KEY}":
                    self._reply(401, {})
                    return
                known = [name for name in parse_qs(url.query)["ids"][0].split(",") if name in stub.ledger]
                self._reply(200, {"messages": [{"id": name, "status": "accepted"} for name in known]})

            def _reply(self, status: int, answer: Any, headers: dict[str, str] | None = None) -> None:
                content = json.dumps(answer).encode()
                self.send_response(status)
                for name, value in {**(headers or {}), "Content-Length": str(len(content))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: Any) -> None:
                pass

        return Messages


@pytest.fixture
def vendor_stub(monkeypatch: pytest.MonkeyPatch) -> Iterator[VendorStub]:
    """A vendor of the test's own, where `CRM_VENDOR_URL` points."""
    stub = VendorStub()
    monkeypatch.setenv("CRM_VENDOR_URL", stub.url)
    monkeypatch.setenv("CRM_VENDOR_KEY", VENDOR_KEY)
    yield stub
    stub.close()
