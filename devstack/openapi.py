"""The HTTP interface of the web app's functions, as one OpenAPI document.

`python -m devstack openapi` writes it to `web/openapi.json`, and the role that each operation needs to
`web/src/api/needs.ts`, and generates the web app's types from it.
Each function is loaded in a process of its own, because all are called main.py.
"""

import asyncio
import importlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import httpx2

from crm.access.members import ROLES
from crm.topology import FUNCTIONS
from devstack.paths import ROOT
from devstack.secrets import kept_in
from devstack.settings import Ports, environments

FILE: Final = ROOT / "web" / "openapi.json"

NEEDS_FILE: Final = ROOT / "web" / "src" / "api" / "needs.ts"

SERVED: Final[Mapping[str, str]] = {"campaigns": "/api/v1", "summarize": "/api/v1/ai"}
"""The functions that the web app calls, and where each serves its document."""

DOCUMENTED: Final[Mapping[str, str]] = {
    **SERVED,
    "ingest": "/api/v1/ingest",
    "receipts": "/api/v1/receipts",
}
"""Every function that serves its document, and where."""

_NEEDS_DOC: Final = (
    "/** The role that each operation needs. "
    "Written by `python -m devstack openapi` from what the API enforces. */"
)


def write() -> None:
    """Write the document, and what its operations need, to their files."""
    described = document()
    FILE.write_text(json.dumps(described, indent=1, ensure_ascii=False, sort_keys=True) + "\n")
    NEEDS_FILE.write_text(needs_text(described))


def needs_text(described: Mapping[str, Any]) -> str:
    """A TypeScript module: method and path of each operation that needs a role → that role."""
    needs = {
        f"{method.upper()} {path}": operation["x-needs"]
        for path, operations in described["paths"].items()
        for method, operation in operations.items()
        if operation.get("x-needs") in ROLES
    }
    entries = "".join(f'  "{operation}": "{role}",\n' for operation, role in sorted(needs.items()))
    return f"{_NEEDS_DOC}\nexport const NEEDS = {{\n{entries}}} as const;\n"


def document() -> dict[str, Any]:
    """One document of all that the web app calls. Raises ValueError if two functions use one name for
    different things."""
    found = [document_of(name) for name in SERVED]
    made = {key: found[0][key] for key in ("openapi", "info")}
    made["paths"] = together([each["paths"] for each in found])
    kinds = sorted({kind for each in found for kind in each["components"]})
    made["components"] = {
        kind: together([each["components"].get(kind, {}) for each in found]) for kind in kinds
    }
    return made


def together(parts: list[dict[str, Any]]) -> dict[str, Any]:
    """The entries of all parts. Raises ValueError if one name has two meanings."""
    whole: dict[str, Any] = {}
    for part in parts:
        for name, value in part.items():
            if whole.setdefault(name, value) != value:
                raise ValueError(f"Two functions mean different things by {name}.")
    return whole


def document_of(function: str) -> dict[str, Any]:
    """The OpenAPI document of one function of `DOCUMENTED`."""
    ports = Ports(gateway=1, functions=dict.fromkeys(FUNCTIONS, 1))
    with tempfile.TemporaryDirectory(prefix="crm-openapi-") as folder:
        variables = environments(ports, kept_in(Path(folder)))[function]
    environment = {**os.environ, **variables}
    output = subprocess.run(
        [sys.executable, "-m", "devstack.openapi", function],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        check=True,
    )
    described: dict[str, Any] = json.loads(output.stdout)
    return described


async def _fetch(function: str) -> str:
    sys.path.insert(0, str(ROOT / "functions" / function))
    transport = httpx2.ASGITransport(app=importlib.import_module("main").app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://function") as http:
        answer = await http.get(f"{DOCUMENTED[function]}/openapi.json")
    return answer.raise_for_status().text


if __name__ == "__main__":
    sys.stdout.write(asyncio.run(_fetch(sys.argv[1])))
