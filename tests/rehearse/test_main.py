"""However a rehearsal ends, the table of what was checked is printed, and it fails."""

import subprocess
from pathlib import Path

import pytest

from deploy.errors import DeployError
from devstack.errors import StackError
from rehearse import __main__ as program
from rehearse.table import Report


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (DeployError("There is no tag."), "There is no tag."),
        (StackError("It has died."), "It has died."),
        (subprocess.TimeoutExpired("terraform", 600), "timed out after 600 seconds"),
        (ValueError("Expecting value"), "ValueError: Expecting value"),
        (FileExistsError("plans"), "FileExistsError: plans"),
    ],
)
def test_an_error_ends_with_the_table(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: Exception, said: str
) -> None:
    def fails(report: Report, folder: Path, previous: str, only_upgrade: bool) -> None:
        with report.checking("packages", "each release is packaged"):
            raise error

    monkeypatch.setattr("rehearse.run.rehearse", fails)
    monkeypatch.setattr("devstack.signals.raise_on_request", lambda: None)

    assert program.main([]) == 1
    printed = capsys.readouterr()
    assert said in printed.out + printed.err
    assert "each release is packaged" in printed.out.rpartition("what was checked")[2]


def test_a_used_folder_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "logs").mkdir()

    with pytest.raises(SystemExit):
        program.main(["--keep", str(tmp_path)])
    assert "is not an empty folder" in capsys.readouterr().err
