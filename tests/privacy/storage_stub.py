"""A stand-in for the parts of Cloud Storage's JSON API that the ledger calls, on a real port."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


class StorageStub:
    """Keeps the objects of one bucket, whose callers may create and list, and replace nothing."""

    def __init__(self) -> None:
        self.bucket = "shop-crm-erasures"
        self.objects: dict[str, bytes] = {}
        self.tokens: set[str | None] = set()
        self.refusals: list[tuple[int, str]] = []
        """Given as answers first: status and text."""

        self.calls = 0
        self.host = ""
        self.asks_for_replacing = False
        """Whether an existing object is refused for a missing right, and not for the precondition."""

    def answer(self, method: str, path: str, query: dict[str, str], body: bytes) -> tuple[int, Any]:
        self.calls += 1
        if self.refusals:
            return self.refusals.pop(0)
        if method == "POST" and path == f"/upload/storage/v1/b/{self.bucket}/o":
            assert (query["uploadType"], query["ifGenerationMatch"]) == ("media", "0")
            if query["name"] in self.objects:
                if self.asks_for_replacing:
                    return 403, "crm-campaigns does not have storage.objects.delete access to the object."
                return 412, "At least one of the pre-conditions you specified did not hold."
            self.objects[query["name"]] = body
            return 200, {"name": query["name"]}
        if method == "GET" and path == f"/storage/v1/b/{self.bucket}/o":
            names = [name for name in sorted(self.objects) if name > query.get("pageToken", "")]
            size = int(query["maxResults"])
            page = names[:size]
            items = [{"name": name, "timeCreated": "2026-03-01T12:00:00.123Z"} for name in page]
            more = {"nextPageToken": page[-1]} if len(names) > size else {}
            return 200, {**({"items": items} if items else {}), **more}
        return 404, "Not Found"


@contextmanager
def storage_stub() -> Iterator[StorageStub]:
    stub = StorageStub()

    class Handler(BaseHTTPRequestHandler):
        def _do(self) -> None:
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            stub.tokens.add(self.headers["authorization"])
            body = self.rfile.read(int(self.headers["content-length"] or 0))
            status, content = stub.answer(self.command, parts.path, query, body)
            text = content.encode() if isinstance(content, str) else json.dumps(content).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = _do

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    stub.host = f"127.0.0.1:{server.server_port}"
    try:
        yield stub
    finally:
        server.shutdown()
        server.server_close()
