"""A function imports no module that it does not use: each would lengthen every cold start. Importing it also
needs no credentials and no network: builds and machines without a cloud do it."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

import pytest

from crm.topology import FUNCTIONS
from devstack import secrets
from devstack.settings import Ports, environments
from tests.support import ROOT

COLUMNS = frozenset({"polars", "numpy"})
PUBLISHING = frozenset({"google.pubsub_v1"})
TEMPLATES = frozenset({"liquid", "babel"})
MODEL = frozenset({"google.genai"})
SIGNING = frozenset({"standardwebhooks"})
CALLING = frozenset({"httpx2"})
CLOUD = frozenset({"google.cloud.firestore", "google.auth", "grpc"})

FORBIDDEN: Mapping[str, frozenset[str]] = {
    "ingest": COLUMNS | TEMPLATES | MODEL | SIGNING | CALLING,
    "consumer": COLUMNS | TEMPLATES | MODEL | SIGNING | PUBLISHING,
    "campaigns": COLUMNS | MODEL | SIGNING,  # columns with the first count
    "deliver": COLUMNS | MODEL | SIGNING,  # columns with the first tick
    "receipts": COLUMNS | TEMPLATES | MODEL,
    "summarize": COLUMNS | TEMPLATES | MODEL | SIGNING | PUBLISHING,  # the model with the first call
    "vendor": COLUMNS | TEMPLATES | MODEL,
}

LOADED = """
import json, sys

def refuse(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto"):
        raise AssertionError(f"An import uses the network: {{event}} {{arguments}}")

sys.addaudithook(refuse)
import {}
print(json.dumps(list(sys.modules)))
"""
"""Imports a module with the network blocked, and prints what was loaded."""

CLOUDS = ("FIRESTORE_EMULATOR_HOST", "PUBSUB_EMULATOR_HOST", "GOOGLE_APPLICATION_CREDENTIALS")
"""What tells a client whom to call, and as whom."""


@pytest.fixture(scope="module")
def imports(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, "subprocess.Popen[str]"]:
    """By function, a process that imports it and prints the modules that it loaded. All run concurrently."""
    ports = Ports(1, dict.fromkeys(FUNCTIONS, 1))
    variables = environments(ports, secrets.kept_in(tmp_path_factory.mktemp("secrets")))
    nobody = {"CLOUDSDK_CONFIG": str(tmp_path_factory.mktemp("no-gcloud"))}
    return {
        name: importing("main", ROOT / "functions" / name, variables[name] | nobody) for name in FUNCTIONS
    }


def importing(module: str, folder: Path, variables: Mapping[str, str]) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", LOADED.format(module)]
    path = os.pathsep.join((str(folder), str(ROOT)))
    inherited = {name: value for name, value in os.environ.items() if name not in CLOUDS}
    environment = {**inherited, **variables, "PYTHONPATH": path}
    return subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True)


def loaded(process: "subprocess.Popen[str]") -> set[str]:
    output, _ = process.communicate(timeout=120)
    assert process.returncode == 0
    return set(json.loads(output.splitlines()[-1]))


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_imports_nothing_that_it_does_not_use(
    function: str, imports: Mapping[str, "subprocess.Popen[str]"]
) -> None:
    modules = loaded(imports[function])

    assert "crm.config" in modules
    assert sorted(modules & FORBIDDEN[function]) == []


def test_the_names_are_those_of_real_modules() -> None:
    """A forbidden name that does not exist would never be found."""
    everything = CLOUD.union(*FORBIDDEN.values())
    assert [name for name in sorted(everything) if find_spec(name) is None] == []


def test_the_command_line_talks_before_it_loads_a_cloud() -> None:
    modules = loaded(importing("crm.cli.main", ROOT, {}))

    assert "crm.cli.campaigns" in modules
    assert sorted(modules & (CLOUD | COLUMNS | MODEL | PUBLISHING | TEMPLATES)) == []
