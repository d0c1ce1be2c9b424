"""A stand-in for the parts of Google's REST interfaces that a deployment calls, on a real port."""

import base64
import hashlib
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from deploy.google import ROOTS, Google

Answer = tuple[int, dict[str, Any]]


class GoogleStub:
    """Keeps buckets, secrets, one Hosting site and services. `calls` are the methods and paths that came.

    `refusals` are given as answers first; of `rights` the caller has only these, None stands for all.
    """

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.tokens: set[str] = set()
        self.buckets: dict[str, dict[str, Any]] = {}
        self.secrets: dict[str, list[str]] = {}
        self.stored: set[str] = set()
        self.refusals: list[Answer] = []
        self.billing = True
        self.rights: set[str] | None = None
        self.unchecked: set[str] = set()
        self.regions = {service: ["europe-west1", "us-central1"] for service in ROOTS}
        self.versions: list[dict[str, Any]] = []
        self.live: dict[str, Any] | None = None
        self.revisions: dict[str, list[tuple[str, str]]] = {}
        """Service → its revisions, from the oldest, each by name and version."""
        self.serving: dict[str, str] = {}
        """Service → the revision that has all its traffic; without one it is the newest."""
        self.url = ""

    def google(self, project: str = "my-project") -> Google:
        """What a deployment calls it with."""
        return Google(project, lambda: "token", {service: f"{self.url}/{service}" for service in ROOTS})

    def answer(self, method: str, path: str, query: dict[str, str], body: bytes) -> Answer:
        """Status and JSON."""
        if self.refusals:
            return self.refusals.pop(0)
        content = json.loads(body) if body and not path.startswith("/upload/") else {}
        if path.endswith("/locations"):
            regions = self.regions[path.split("/")[1]]
            return 200, {"locations": [{"locationId": each} for each in regions]}
        if path.startswith("/storage/b"):
            return self._bucket(method, path, content)
        if path.startswith("/secrets/"):
            return self._secret(method, path, content)
        if path.startswith("/upload/"):
            digest = path.rpartition("/")[2]
            if hashlib.sha256(body).hexdigest() != digest:
                return 400, {"error": {"message": "other bytes than named"}}
            self.stored.add(digest)
            return 200, {}
        if path.startswith("/hosting/"):
            return self._hosting(method, path, query, content)
        if path.startswith("/run/"):
            return self._run(method, path, query, content)
        if path.startswith(("/projects/", "/billing/", "/services/", "/functions/")):
            return self._project(path, content)
        return 404, {"error": {"message": f"nothing at {path}"}}

    def _project(self, path: str, content: dict[str, Any]) -> Answer:
        if path.endswith(":batchEnable"):
            paid = not self.billing and "secretmanager.googleapis.com" in content["serviceIds"]
            return (400, {"error": {"message": "billing must be enabled"}}) if paid else (200, {"done": True})
        if path.endswith("/billingInfo"):
            named = {"billingAccountName": "billingAccounts/012345-6789AB-CDEF01"} if self.billing else {}
            return 200, {"billingEnabled": self.billing, **named}
        if path.endswith(":testIamPermissions"):
            had = content["permissions"] if self.rights is None else self.rights
            return 200, {"permissions": sorted(set(content["permissions"]) & set(had))}
        return 404, {"error": {"message": f"nothing at {path}"}}

    def _bucket(self, method: str, path: str, content: dict[str, Any]) -> Answer:
        if method == "POST":
            self.buckets[content["name"]] = content
            return 200, content
        found = self.buckets.get(path.rpartition("/")[2])
        return (200, found) if found else (404, {"error": {"message": "no such bucket"}})

    def _secret(self, method: str, path: str, content: dict[str, Any]) -> Answer:
        match = re.match(r"/secrets/projects/[^/]+/secrets/([^/:]+)", path)
        versions = self.secrets.get(match[1] if match else "")
        if versions is None:
            return 404, {"error": {"message": "no such secret"}}
        if method == "POST":
            versions.append(base64.b64decode(content["payload"]["data"]).decode())
            return 200, {"name": f"x/versions/{len(versions)}"}
        if path.endswith(":access"):
            number = int(path.rpartition("/")[2].removesuffix(":access"))
            data = base64.b64encode(versions[number - 1].encode()).decode()
            return 200, {"payload": {"data": data}}
        return 200, {"versions": [{"name": f"x/versions/{len(versions)}"}] if versions else []}

    def _run(self, method: str, path: str, query: dict[str, str], content: dict[str, Any]) -> Answer:
        name, _, rest = path.partition("/services/")[2].partition("/")
        if "invokerIamDisabled" in content:
            (self.unchecked.add if content["invokerIamDisabled"] else self.unchecked.discard)(name)
            return 200, {"name": "projects/my-project/operations/1", "done": True}
        revisions = self.revisions.get(name)
        if revisions is None:
            known = name in self.unchecked
            return (
                (200, {"invokerIamDisabled": True})
                if known
                else (404, {"error": {"message": "no such service"}})
            )
        if method == "PATCH":
            assert query == {"updateMask": "traffic"}
            (target,) = content["traffic"]
            assert target["percent"] == 100
            self.serving[name] = target["revision"]
            return 200, {"name": "operations/1", "done": True}
        if rest != "revisions":
            newest = f"{path[5:]}/revisions/{revisions[-1][0]}"
            shares = [{"revision": self.serving[name], "percent": 100}] if name in self.serving else []
            return 200, {"latestReadyRevision": newest, "trafficStatuses": shares}
        page = int(query["pageToken"] or 0)
        revision, version = revisions[page]
        variables = [{"name": "CRM_PROJECT", "value": "p"}, {"name": "CRM_VERSION", "value": version}]
        found = {
            "name": f"{path[5:]}/{revision}",
            "createTime": f"2026-01-{page + 1:02}T00:00:00Z",
            "containers": [{"env": variables}],
            "conditions": [{"type": "Ready", "state": "CONDITION_SUCCEEDED"}],
        }
        more = {"nextPageToken": str(page + 1)} if page + 1 < len(revisions) else {}
        return 200, {"revisions": [found], **more}

    def _hosting(self, method: str, path: str, query: dict[str, str], content: dict[str, Any]) -> Answer:
        if method == "GET":
            return 200, {"versions": self.versions}
        if path.endswith("/versions"):
            name = f"sites/s/versions/{len(self.versions) + 1}"
            self.versions.append({"name": name, **content, "files": {}, "status": "CREATED"})
            return 200, {"name": name}
        named = query.get("versionName", path)
        version = self.versions[int(named.partition("/versions/")[2].partition(":")[0]) - 1]
        if path.endswith(":populateFiles"):
            version["files"].update(content["files"])
            needed = [digest for digest in content["files"].values() if digest not in self.stored]
            return 200, {"uploadRequiredHashes": needed, "uploadUrl": f"{self.url}/upload/files"}
        if method == "PATCH":
            if set(version["files"].values()) - self.stored:
                return 400, {"error": {"message": "files are missing"}}
            version.update(content)
            return 200, {}
        if version["status"] != "FINALIZED":
            return 400, {"error": {"message": "the version is not final"}}
        self.live = version
        return 200, {}


@contextmanager
def google_stub() -> Iterator[GoogleStub]:
    """Serve one until left."""
    stub = GoogleStub()

    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            url = urlsplit(self.path)
            path, query = unquote(url.path), dict(parse_qsl(url.query, keep_blank_values=True))
            stub.calls.append(f"{self.command} {path}")
            stub.tokens.add(self.headers["Authorization"])
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, content = stub.answer(self.command, path, query, body)
            text = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = do_PATCH = _serve

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    stub.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield stub
    server.shutdown()
    server.server_close()
