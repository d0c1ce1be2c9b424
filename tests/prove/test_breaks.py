"""Each deliberate break can be applied to the code. docs/prove.md has the outcome of each."""

import shutil
from pathlib import Path

import pytest

from devstack.paths import ROOT
from prove.breaks import BREAKS, Result


@pytest.mark.parametrize("name", BREAKS)
def test_each_break_applies_to_the_code_and_compiles(name: str, tmp_path: Path) -> None:
    broken = BREAKS[name]
    if broken.file:
        (tmp_path / broken.file).parent.mkdir(parents=True)
        shutil.copy(ROOT / broken.file, tmp_path / broken.file)

    broken.applied(tmp_path)

    if broken.file:
        text = (tmp_path / broken.file).read_text()
        compile(text, broken.file, "exec")
        assert text != (ROOT / broken.file).read_text()


def test_a_break_whose_text_is_missing_is_an_error(tmp_path: Path) -> None:
    broken = BREAKS["new-ids"]
    (tmp_path / broken.file).parent.mkdir(parents=True)
    (tmp_path / broken.file).write_text("pass")

    with pytest.raises(ValueError, match="does not contain exactly once"):
        broken.applied(tmp_path)


@pytest.mark.parametrize(
    ("name", "findings", "is_wrong"),
    [("nothing", [], False), ("nothing", ["x"], True), ("new-ids", ["x"], False), ("new-ids", [], True)],
)
def test_an_unnoticed_break_is_wrong_and_so_is_a_finding_without_a_break(
    name: str, findings: list[str], is_wrong: bool
) -> None:
    assert Result(name, findings, 1.0).is_wrong is is_wrong
