"""A process that imports a function and says what that took: `python -m bench.import_times`

It prints JSON: `took`, seconds of processor time in all; `modules`, the same by module, without those that it
imports in turn; and the `megabytes` of the process after it. Others may keep the machine busy meanwhile.
"""

import time
from importlib.machinery import ExtensionFileLoader, SourceFileLoader
from types import ModuleType
from typing import Any

clock = time.process_time
spent: dict[str, float] = {}
_inner = [0.0]
"""Seconds of the imports that each import under way has caused."""


def timed(execute: Any) -> Any:
    def exec_module(loader: Any, module: ModuleType) -> None:
        begin = clock()
        _inner.append(0.0)
        try:
            execute(loader, module)
        finally:
            took = clock() - begin
            spent[module.__name__] = took - _inner.pop()
            _inner[-1] += took

    return exec_module


if __name__ == "__main__":
    for kind in (SourceFileLoader, ExtensionFileLoader):
        kind.exec_module = timed(kind.exec_module)  # type: ignore[method-assign]
    begin = clock()
    import main  # type: ignore[import-not-found]  # of the function, whose folder is on the path

    took = clock() - begin
    assert main
    import json
    from pathlib import Path

    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    held = next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))
    print(json.dumps({"took": took, "megabytes": held, "modules": spent}))
