"""What importing each function takes, and what that is made of: `python -m bench.cold_start`

Each is imported in processes of its own, byte-compiled, and timed in processor time. The table goes into
docs/speed.md.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from bench.pages import put
from crm.topology import FUNCTIONS
from devstack import secrets
from devstack.paths import ROOT
from devstack.settings import Ports, environments

PARTS: Final[Mapping[str, tuple[str, ...]]] = {
    "functions-framework": (
        *("functions_framework", "flask", "werkzeug", "jinja2", "markupsafe", "click", "cloudevents"),
        *("watchdog", "itsdangerous", "blinker", "deprecation", "gunicorn", "uvicorn", "uvloop", "httptools"),
    ),
    "FastAPI, pydantic": (
        *("fastapi", "starlette", "pydantic", "pydantic_core", "annotated_types", "typing_inspection"),
        *("anyio", "sniffio", "python_multipart", "typing_extensions", "annotated_doc"),
    ),
    "Firestore": ("google.cloud.firestore", "google.cloud.firestore_v1"),
    "Pub/Sub": ("google.pubsub_v1", "google.pubsub", "google.iam"),
    "gRPC, protobuf, Google auth": (
        *("grpc", "grpc_status", "google", "proto", "opentelemetry", "cryptography", "requests", "urllib3"),
        *("certifi", "charset_normalizer", "idna", "packaging", "pyasn1", "pyasn1_modules", "cffi"),
    ),
    "polars, numpy": ("polars", "numpy", "_polars_runtime_compat", "_polars_runtime_64"),
    "templates": ("liquid", "babel", "pytz", "dateutil", "importlib_resources"),
    "HTTP client": ("httpx2", "httpcore2", "h11", "truststore"),
    "own code": ("crm", "main", "campaigns_api", "vendor_sim", "deliver_tick"),
}
"""A part, and the modules that belong to it; the longest name decides. All others are Python's own."""

PYTHON: Final = "Python's own"


def main(runs: Annotated[int, typer.Option(help="Processes for each function.")] = 5) -> None:
    """Measure, and write the table."""
    names = (*PARTS, PYTHON)
    lines = [
        f"| function | ms | MB | {' | '.join(names)} |",
        f"|---|---|---|{'---|' * len(names)}",
    ]
    for function, found in _all(runs):
        took = statistics.median(each["took"] for each in found) * 1000
        megabytes = statistics.median(each["megabytes"] for each in found)
        shares = _shares(found)
        parts = " | ".join(f"{took * shares[name]:.0f}" for name in names)
        lines.append(f"| {function} | **{took:.0f}** | {megabytes:.0f} | {parts} |")
        print(lines[-1], flush=True)
    put("cold start", "\n".join(lines))


def _all(runs: int) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Each function, with what was measured of it."""
    with tempfile.TemporaryDirectory() as folder:
        ports = Ports(1, dict.fromkeys(FUNCTIONS, 1))
        variables = environments(ports, secrets.kept_in(Path(folder)))
        for function in FUNCTIONS:
            given = {**variables[function], "PYTHONPYCACHEPREFIX": folder}
            _imported(function, given)  # compiles
            yield function, [_imported(function, given) for _ in range(runs)]


def _imported(function: str, variables: Mapping[str, str]) -> dict[str, Any]:
    """What `bench.import_times` says of it."""
    folder = ROOT / "functions" / function
    environment = {
        **{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
        **variables,
        "PYTHONPATH": os.pathsep.join((str(folder), str(ROOT))),
    }
    command = [sys.executable, "-m", "bench.import_times"]
    done = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, check=True)
    measured: dict[str, Any] = json.loads(done.stdout)
    return measured


def _shares(found: Sequence[Mapping[str, Any]]) -> Counter[str]:
    """Each part's share of the time."""
    spent: Counter[str] = Counter()
    for each in found:
        for module, seconds in each["modules"].items():
            spent[_part(module)] += seconds
    return Counter({name: each / spent.total() for name, each in spent.items()})


def _part(module: str) -> str:
    owned = {prefix: part for part, prefixes in PARTS.items() for prefix in prefixes}
    fits = [prefix for prefix in owned if module == prefix or module.startswith(prefix + ".")]
    return owned[max(fits, key=len)] if fits else PYTHON


if __name__ == "__main__":
    typer.run(main)
