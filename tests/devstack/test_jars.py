"""Finding and downloading the emulators' jars, with a real HTTP server in Google's place."""

import io
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from hashlib import sha256
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from devstack import jars
from devstack.errors import StackError

CONTENT = b"as good as a jar" * 1000


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def published(tmp_path: Path) -> Iterator[Path]:
    """A folder that a local HTTP server serves, no gcloud on the machine, and an empty cache."""
    folder = tmp_path / "published"
    folder.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CRM_EMULATOR_DOWNLOADS", f"http://127.0.0.1:{server.server_port}/")
        patch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
        patch.setenv("PATH", str(tmp_path / "empty"))
        patch.delenv("CRM_FIRESTORE_JAR", raising=False)
        yield folder
    server.shutdown()
    server.server_close()


def test_a_download_is_checked_and_cached(published: Path) -> None:
    (published / jars.FIRESTORE.download).write_bytes(CONTENT)
    jar = replace(jars.FIRESTORE, sha256=sha256(CONTENT).hexdigest())
    found = jars.find(jar)
    assert found.read_bytes() == CONTENT
    (published / jar.download).unlink()
    assert jars.find(jar) == found


def test_a_zip_is_unpacked(published: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("pubsub-emulator/README", "no jar")
        archive.writestr("pubsub-emulator/lib/cloud-pubsub-emulator-0.8.37-all.jar", CONTENT)
    (published / jars.PUBSUB.download).write_bytes(packed.getvalue())
    found = jars.find(replace(jars.PUBSUB, sha256=sha256(packed.getvalue()).hexdigest()))
    assert found.suffix == ".jar"
    assert found.read_bytes() == CONTENT


def test_a_file_with_another_sum_is_refused_and_not_kept(published: Path) -> None:
    (published / jars.FIRESTORE.download).write_bytes(b"something else")
    with pytest.raises(StackError, match="is not the file that was expected"):
        jars.find(jars.FIRESTORE)
    assert not list((published.parent / "cache").rglob("*.jar"))


def test_a_failed_download_says_what_to_do(published: Path) -> None:
    with pytest.raises(StackError, match=r"could not be downloaded.*404.*CRM_FIRESTORE_JAR"):
        jars.find(jars.FIRESTORE)


def test_the_variable_comes_first(published: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = published / "mine.jar"
    mine.write_bytes(CONTENT)
    monkeypatch.setenv("CRM_FIRESTORE_JAR", str(mine))
    assert jars.find(jars.FIRESTORE) == mine
    monkeypatch.setenv("CRM_FIRESTORE_JAR", str(published / "typo.jar"))
    with pytest.raises(StackError, match="which is no file"):
        jars.find(jars.FIRESTORE)


def test_the_jar_of_gcloud_is_found_near_its_binary(
    published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sdk = tmp_path / "google-cloud-sdk"
    installed = sdk / "platform" / jars.FIRESTORE.installed
    for file in (installed, sdk / "bin" / "gcloud"):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("#!/bin/sh\n")
        file.chmod(0o755)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "gcloud").symlink_to(sdk / "bin" / "gcloud")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert jars.find(jars.FIRESTORE) == installed
