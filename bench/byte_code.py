"""What the byte code in a package spares a start: `python -m bench.byte_code`

Each package is unpacked with and without its byte code, and imported in processes of its own, in turn. The
packages of others are byte-compiled either way. Ratios bear a busy machine; times do not.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final

import typer

from crm.topology import FUNCTIONS
from deploy import packages
from devstack import secrets
from devstack.paths import ROOT
from devstack.settings import Ports, environments

_CODE: Final = "import time; begin = time.process_time(); import main; print(time.process_time() - begin)"


def main(runs: Annotated[int, typer.Option(help="Pairs of processes for each function.")] = 10) -> None:
    """Measure, and print the table."""
    print("| function | without | with | ratio |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        variables = environments(Ports(1, dict.fromkeys(FUNCTIONS, 1)), secrets.kept_in(folder))
        for function in FUNCTIONS:
            package = packages.write(ROOT, function, folder / f"{function}.zip")
            pairs = _pairs(package.path, folder, variables[function], runs)
            without, compiled = (min(times) * 1000 for times in zip(*pairs, strict=True))
            ratio = statistics.median(after / before for before, after in pairs)
            print(f"| {function} | {without:.0f} | {compiled:.0f} | {ratio:.2f} |", flush=True)


def _pairs(package: Path, folder: Path, variables: Mapping[str, str], runs: int) -> list[tuple[float, float]]:
    """Seconds without and with byte code, of each pair."""
    sources, compiled = folder / f"{package.stem}-sources", folder / f"{package.stem}-compiled"
    for unpacked in (sources, compiled):
        zipfile.ZipFile(package).extractall(unpacked)
    for made in [*sources.rglob("__pycache__")]:
        shutil.rmtree(made)
    _seconds(compiled, variables, keeps=True)  # compiles the packages of others
    return [(_seconds(sources, variables), _seconds(compiled, variables)) for _ in range(runs)]


def _seconds(source: Path, variables: Mapping[str, str], *, keeps: bool = False) -> float:
    """Processor time of the import."""
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment = {**inherited, **variables, "PYTHONPATH": str(source)}
    if not keeps:
        environment["PYTHONDONTWRITEBYTECODE"] = "1"
    command = [sys.executable, "-c", _CODE]
    done = subprocess.run(command, env=environment, cwd=source, capture_output=True, text=True, check=True)
    return float(done.stdout)


if __name__ == "__main__":
    typer.run(main)
