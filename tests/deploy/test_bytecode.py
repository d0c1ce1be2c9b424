import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from deploy import bytecode
from tests.support import ROOT


def test_the_runtime_is_terraform_s() -> None:
    variables = (ROOT / "infra" / "terraform" / "variables.tf").read_text()
    default = re.search(r'variable "runtime" \{.*?default\s*= "python(\d)(\d+)"', variables, re.DOTALL)
    assert default is not None
    assert (int(default[1]), int(default[2])) == bytecode.RUNTIME


@pytest.mark.skipif(sys.version_info[:2] != bytecode.RUNTIME, reason="byte code is of the runtime's Python")
def test_the_byte_code_counts_whatever_the_time_of_its_source(tmp_path: Path) -> None:
    source = tmp_path / "room" / "noun.py"
    source.parent.mkdir()
    source.write_text("print({'the', 'source'} and 'as compiled')")

    for place, content in bytecode.compiled({"room/noun.py": source}).items():
        (tmp_path / place).parent.mkdir()
        (tmp_path / place).write_bytes(content)
    source.write_text("print('read again')")
    os.utime(source, (0, 0))

    command = [sys.executable, "-c", "import room.noun"]
    done = subprocess.run(command, cwd=tmp_path, env={}, capture_output=True, text=True, check=True)
    assert done.stdout == "as compiled\n"


def test_another_python_makes_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bytecode, "RUNTIME", (3, 0))
    assert bytecode.compiled({"main.py": Path("main.py")}) == {}
