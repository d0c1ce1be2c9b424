"""What the journal holds survives its writer's death at any byte, and goes only once it is old."""

import os
import time
from pathlib import Path

import pytest

from devstack.broker import Message
from devstack.journal import RETAINED, Journal

HELLO: list[Message] = [{"data": "aGVsbG8=", "attributes": {"kind": "x"}}]
WORLD: list[Message] = [{"data": "d29ybGQ=", "attributes": {}}]


def test_what_was_appended_is_read_by_another_in_its_order(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal")
    assert list(journal.entries()) == []
    journal.append([("records", HELLO), ("chunks", WORLD)])
    journal.close()
    journal.append([("records", WORLD)])
    found = list(Journal(tmp_path / "journal").entries())
    assert found == [("records", HELLO), ("chunks", WORLD), ("records", WORLD)]


@pytest.mark.parametrize("cut", [1, 10, 40])
def test_a_line_that_was_cut_off_is_passed_over_and_later_ones_are_not(tmp_path: Path, cut: int) -> None:
    journal = Journal(tmp_path)
    journal.append([("records", HELLO)])
    journal.append([("records", WORLD)])
    (segment,) = tmp_path.iterdir()
    with segment.open("r+b") as file:
        file.truncate(segment.stat().st_size - cut)
    Journal(tmp_path).append([("chunks", HELLO)])
    assert list(Journal(tmp_path).entries()) == [("records", HELLO), ("chunks", HELLO)]


def test_only_what_is_old_goes_and_renewing_makes_it_young(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.append([("records", HELLO)])
    journal.close()
    journal.append([("records", WORLD)])
    old, _ = sorted(tmp_path.iterdir())
    now = time.time()
    os.utime(old, (now - RETAINED - 60, now - RETAINED - 60))
    journal.renew()
    journal.drop(now)
    assert len(list(journal.entries())) == 2
    os.utime(old, (now - RETAINED - 60, now - RETAINED - 60))
    journal.drop(now)
    assert list(journal.entries()) == [("records", WORLD)]
    journal.clear()
    assert list(journal.entries()) == []


@pytest.mark.parametrize("seconds", [RETAINED + 60, -3600])
def test_a_segment_is_left_before_it_can_be_dropped_whatever_the_clock_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    """The machine sleeps, so that only the time of day goes on; or its clock is set back."""
    journal = Journal(tmp_path)
    journal.append([("records", HELLO)])
    (before,) = tmp_path.iterdir()
    now = time.time() + seconds
    monkeypatch.setattr("devstack.journal.time.time", lambda: now)
    journal.append([("records", WORLD)])
    (after,) = set(tmp_path.iterdir()) - {before}
    os.utime(after, (now, now))
    Journal(tmp_path).drop(now)
    assert ("records", WORLD) in list(journal.entries())


def test_a_disk_that_is_full_is_said_and_the_next_line_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal(tmp_path)

    def half(handle: int, data: memoryview) -> int:
        write(handle, data[:5])
        raise OSError(28, "No space left on device")

    write = os.write
    with monkeypatch.context() as patch:
        patch.setattr("devstack.journal.os.write", half)
        with pytest.raises(OSError, match="No space left"):
            journal.append([("records", HELLO)])
    journal.append([("records", WORLD)])
    assert list(journal.entries()) == [("records", WORLD)]
