"""Snapshots of the database: saved, replaced whole, and read back by an emulator that starts."""

import os
from pathlib import Path

import pytest
from google.cloud.firestore import Client

from devstack.emulators import PROJECT, Emulators
from devstack.errors import StackError
from devstack.processes import free_port
from devstack.state import FORMAT, State

pytestmark = pytest.mark.emulator


def test_the_next_emulator_starts_with_the_snapshot(
    tmp_path: Path, emulators: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = State(tmp_path / "state")
    assert state.import_file is None
    assert state.messages() == {}

    host = os.environ["FIRESTORE_EMULATOR_HOST"]
    document = Client(project=PROJECT).document("devstack_tests/one")
    document.set({"value": 1})
    state.save(host, {})
    document.set({"value": 2})
    state.save(host, {"records": [{"data": "aGVsbG8="}]})
    document.delete()
    assert len([entry for entry in (tmp_path / "state").iterdir() if entry.is_dir()]) == 1
    assert (tmp_path / "state").stat().st_mode & 0o777 == 0o700

    with Emulators.running(tmp_path / "logs", State(tmp_path / "state").import_file) as restarted:
        monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", restarted.firestore_host)
        found = Client(project=PROJECT).document("devstack_tests/one").get()
    assert found.to_dict() == {"value": 2}
    assert state.messages() == {"records": [{"data": "aGVsbG8="}]}


def test_a_failed_save_keeps_the_last_snapshot(tmp_path: Path, emulators: None) -> None:
    state = State(tmp_path / "state")
    state.save(os.environ["FIRESTORE_EMULATOR_HOST"], {})
    kept = state.import_file
    with pytest.raises(StackError, match=r"could not be saved: .* kept last is of \d{4}-\d\d-\d\d \d\d:"):
        state.save(f"127.0.0.1:{free_port()}", {})
    assert state.import_file == kept
    assert kept is not None
    assert kept.exists()
    assert len([entry for entry in (tmp_path / "state").iterdir() if entry.is_dir()]) == 1


@pytest.mark.parametrize("step", ["_export", "_sync_all"])
def test_a_disk_that_is_full_keeps_the_last_snapshot(
    tmp_path: Path, emulators: None, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    state = State(tmp_path / "state")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(f"devstack.state.{step}", fail)
        with pytest.raises(StackError, match=r"No space left on device. Nothing is kept"):
            state.save(os.environ["FIRESTORE_EMULATOR_HOST"], {})
    assert state.kept is None


def test_a_stale_half_of_a_snapshot_is_not_read_and_goes(tmp_path: Path, emulators: None) -> None:
    """What a launcher leaves that was killed while it exported."""
    state = State(tmp_path / "state")
    state.save(os.environ["FIRESTORE_EMULATOR_HOST"], {})
    kept = state.import_file
    half = tmp_path / "state" / "0123" / "firestore"
    half.mkdir(parents=True)
    (half / "output-0").write_bytes(b"half")
    assert State(tmp_path / "state").import_file == kept
    state.save(os.environ["FIRESTORE_EMULATOR_HOST"], {})
    assert not half.exists()


def test_cleared_is_empty(tmp_path: Path, emulators: None) -> None:
    state = State(tmp_path / "state")
    state.save(os.environ["FIRESTORE_EMULATOR_HOST"], {})
    state.clear()
    assert state.import_file is None


def test_data_of_an_older_format_is_not_read(
    tmp_path: Path, emulators: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = State(tmp_path / "state")
    assert not state.is_outdated
    state.save(os.environ["FIRESTORE_EMULATOR_HOST"], {})
    assert not state.is_outdated
    monkeypatch.setattr("devstack.state.FORMAT", FORMAT + 1)
    newer = State(tmp_path / "state")
    assert newer.is_outdated
    assert newer.import_file is None
    newer.save(os.environ["FIRESTORE_EMULATOR_HOST"], {})
    assert not newer.is_outdated
