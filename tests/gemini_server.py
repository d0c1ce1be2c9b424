"""A local HTTP server that speaks the Gemini API's generateContent, for tests of the real client."""

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest


@dataclass(frozen=True)
class Reply:
    """One answer: a body (JSON or raw bytes), a status, and seconds to wait before."""

    body: Any = b""
    status: int = 200
    delay: float = 0.0


def says(text: str, finish_reason: str = "STOP") -> Reply:
    """A candidate whose only part is `text`."""
    content = {"role": "model", "parts": [{"text": text}]}
    return Reply({"candidates": [{"content": content, "finishReason": finish_reason}]})


def writes(text: str) -> Reply:
    """A candidate of the form that summaries have."""
    return says(json.dumps({"text": text}))


def blocked(reason: str = "PROHIBITED_CONTENT") -> Reply:
    """A prompt that was not let through."""
    return Reply({"promptFeedback": {"blockReason": reason}})


def error(status: int) -> Reply:
    """An error as the API words it."""
    body = {"error": {"code": status, "message": "no", "status": "RESOURCE_EXHAUSTED"}}
    return Reply(body, status=status)


class GeminiServer:
    """Answers call after call with `replies`, the last of them for ever; keeps what was asked in `calls`."""

    def __init__(self) -> None:
        self.replies: list[Reply] = []
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def answer(self, *replies: Reply) -> None:
        """What to answer from now on."""
        self.replies = list(replies)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                server.calls.append((self.path, json.loads(self.rfile.read(length))))
                reply = server.replies.pop(0) if len(server.replies) > 1 else server.replies[0]
                time.sleep(reply.delay)
                body = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
                try:
                    self.send_response(reply.status)
                    self.send_header("Content-Type", "application/json")
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)
                except (BrokenPipeError, ConnectionResetError):
                    pass  # the client gave up waiting, as it should

            def log_message(self, *_: Any) -> None:
                pass

        return Handler


@pytest.fixture
def gemini_server() -> Iterator[GeminiServer]:
    """A server of the test's own."""
    server = GeminiServer()
    yield server
    server.close()
