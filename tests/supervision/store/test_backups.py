"""The library's own client against an HTTP server that answers as Firestore's administration does."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud.firestore_admin_v1.services.firestore_admin.transports.rest import (
    FirestoreAdminRestTransport,
)

from crm.kernel.errors import Unavailable
from crm.supervision.backups import Backups
from crm.supervision.store.backups import FirestoreBackups

PLACE = "projects/shop/locations/europe-west1"
CREATED = "2026-01-02T03:04:05Z"


class Administration:
    """What the server knows, and what it was asked."""

    def __init__(self) -> None:
        self.backups: list[dict[str, Any]] = []
        self.unreachable: list[str] = []
        self.status = 200
        self.asked: list[str] = []
        self.port = 0

    def client(self) -> FirestoreBackups:
        transport = FirestoreAdminRestTransport(
            host=f"127.0.0.1:{self.port}", credentials=AnonymousCredentials(), url_scheme="http"
        )
        return FirestoreBackups("shop", "crm-data", transport=transport)

    def answer(self, path: str) -> Any:
        if path.startswith("/v1/projects/shop/databases/crm-data"):
            return {
                "name": "projects/shop/databases/crm-data",
                "uid": "u-1",
                "createTime": CREATED,
                "locationId": "europe-west1",
            }
        return {"backups": self.backups, "unreachable": self.unreachable}


@pytest.fixture
def administration() -> Iterator[Administration]:
    known = Administration()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known.asked.append(self.path.partition("?")[0])
            body = json.dumps(known.answer(self.path) if known.status == 200 else {}).encode()
            self.send_response(known.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        known.port = server.server_port
        Thread(target=server.serve_forever, daemon=True).start()
        yield known
        server.shutdown()


def backup(at: str, uid: str = "u-1", state: str = "READY") -> dict[str, Any]:
    return {"name": f"{PLACE}/backups/{at}", "databaseUid": uid, "snapshotTime": at, "state": state}


async def test_the_newest_whole_backup_of_this_very_database_counts(administration: Administration) -> None:
    administration.backups = [
        backup("2026-05-01T01:00:00Z"),
        backup("2026-05-02T01:00:00Z"),
        backup("2026-05-03T01:00:00Z", state="CREATING"),
        backup("2026-05-03T02:00:00Z", state="NOT_AVAILABLE"),
        backup("2026-05-03T03:00:00Z", uid="of one of this name that was deleted"),
    ]
    found = await administration.client()()
    assert found == Backups(
        since=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), newest=datetime(2026, 5, 2, 1, tzinfo=UTC)
    )
    assert administration.asked == ["/v1/projects/shop/databases/crm-data", f"/v1/{PLACE}/backups"]


async def test_there_may_be_none(administration: Administration) -> None:
    assert (await administration.client()()).newest is None


@pytest.mark.parametrize("status", [403, 404, 500])
async def test_whoever_is_refused_does_not_know(administration: Administration, status: int) -> None:
    administration.status = status
    with pytest.raises(Unavailable, match="does not say which backups"):
        await administration.client()()


async def test_a_place_that_does_not_answer_is_not_one_without_backups(
    administration: Administration,
) -> None:
    administration.unreachable = [PLACE]
    with pytest.raises(Unavailable, match="europe-west1"):
        await administration.client()()


async def test_a_server_that_is_away_says_nothing(administration: Administration) -> None:
    administration.port = 1
    with pytest.raises(Unavailable):
        await administration.client()()
