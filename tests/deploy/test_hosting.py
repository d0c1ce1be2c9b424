"""The web app is published whole or not at all, and again without sending what is there."""

import gzip
from pathlib import Path

import pytest

from deploy import hosting
from deploy.errors import DeployError
from tests.deploy.google_stub import GoogleStub

CONFIG = {
    "rewrites": [
        {
            "regex": "^/api(/.*)?$",
            "path": None,
            "run": {"serviceId": "crm-campaigns", "region": "europe-west1"},
        },
        {"regex": "^/", "path": "/index.html", "run": None},
    ],
    "headers": [{"regex": "^/", "headers": {"X-Frame-Options": "DENY"}}],
}


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<p>app</p>")
    (tmp_path / "assets" / "app-1.js").write_text("one")
    return tmp_path


def test_files_rewrites_and_headers_become_live_together(stub: GoogleStub, dist: Path) -> None:
    assert hosting.publish(stub.google(), "s", CONFIG, dist, "v1.2.0") == 2

    assert stub.live is not None
    assert set(stub.live["files"]) == {"/index.html", "/assets/app-1.js"}
    assert stub.live["config"]["headers"] == CONFIG["headers"]
    assert stub.live["config"]["rewrites"] == [
        {"regex": "^/api(/.*)?$", "run": {"serviceId": "crm-campaigns", "region": "europe-west1"}},
        {"regex": "^/", "path": "/index.html"},
    ]
    assert stub.live["labels"] == {"version": "v1-2-0"}
    assert stub.tokens == {"Bearer token"}


def test_files_that_are_there_already_are_not_sent_again(stub: GoogleStub, dist: Path) -> None:
    hosting.publish(stub.google(), "s", CONFIG, dist, "v1.2.0")
    (dist / "assets" / "app-2.js").write_text("two")

    assert hosting.publish(stub.google(), "s", CONFIG, dist, "v1.2.0") == 1
    assert stub.live is not None
    assert len(stub.live["files"]) == 3


def test_the_same_content_twice_is_sent_once(stub: GoogleStub, dist: Path) -> None:
    (dist / "copy.html").write_text("<p>app</p>")

    assert hosting.publish(stub.google(), "s", CONFIG, dist, "v1.2.0") == 2


def test_the_live_release_stays_when_something_goes_wrong(
    stub: GoogleStub, dist: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hosting.publish(stub.google(), "s", CONFIG, dist, "v1.2.0")
    before = stub.live
    (dist / "assets" / "app-2.js").write_text("two")
    monkeypatch.setattr(gzip, "compress", lambda data, mtime: data)
    google = stub.google()
    monkeypatch.setattr(google, "upload", lambda url, content: None)  # lost on the way

    with pytest.raises(DeployError, match="files are missing"):
        hosting.publish(google, "s", CONFIG, dist, "v1.2.0")
    assert stub.live is before


def test_a_folder_without_an_app_is_not_published(stub: GoogleStub, tmp_path: Path) -> None:
    with pytest.raises(DeployError, match="holds no web app"):
        hosting.publish(stub.google(), "s", CONFIG, tmp_path, "v1.2.0")
    assert stub.calls == []
