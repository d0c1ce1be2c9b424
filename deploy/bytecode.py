"""Byte code of the functions' sources, which spares a start the time to compile them.

Their runtime would write none that lasts: an instance's files end with it. The byte code is unchecked: it
counts whatever the source's time is, which every step of a build may change.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

RUNTIME: Final = (3, 11)
"""The functions' Python, as infra/terraform has it in `runtime`. Another one ignores the byte code."""

_SCRIPT: Final = """
import json, py_compile, sys
for name, source, target in json.load(sys.stdin):
    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
    py_compile.compile(source, target, name, doraise=True, invalidation_mode=mode)
"""


def compiled(sources: Mapping[str, Path]) -> dict[str, bytes]:
    """The byte code of each source by its name within the package; none unless this is Python RUNTIME.

    A new process compiles them in order and with a fixed hash seed, so that equal sources give equal bytes.
    """
    if sys.version_info[:2] != RUNTIME:
        return {}
    with tempfile.TemporaryDirectory(prefix="crm-bytecode-") as folder:
        names = sorted(name for name in sources if name.endswith(".py"))
        targets = [str(Path(folder, str(number))) for number in range(len(names))]
        work = [
            (name, str(sources[name].resolve()), target) for name, target in zip(names, targets, strict=True)
        ]
        subprocess.run(
            [sys.executable, "-S", "-P", "-c", _SCRIPT],
            input=json.dumps(work),
            env={"PYTHONHASHSEED": "0"},
            text=True,
            check=True,
        )
        return {_place(name): Path(target).read_bytes() for name, target in zip(names, targets, strict=True)}


def _place(name: str) -> str:
    source = Path(name)
    return (source.parent / "__pycache__" / f"{source.stem}.{sys.implementation.cache_tag}.pyc").as_posix()
