"""Packages: the same bytes from the same sources, and each runs with nothing but what it holds."""

import base64
import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from crm.config import PREFIX
from crm.entry.framework import STARTED
from crm.entry.health import READY
from crm.topology import FUNCTIONS, PUBLISHES
from deploy import packages
from deploy.buildpack import unpack
from deploy.version import Version
from devstack.broker import Broker
from devstack.processes import free_port
from rehearse.releases import PACKAGING
from tests.support import ROOT
from tests.waiting import PATIENCE

SECRET = "a secret for tests that is long enough"
SETTINGS = {
    "client_id": "client",
    "session_secrets": SECRET,
    "origins": "http://localhost",
    "vendor_url": "http://127.0.0.1:1",
    "vendor_key": SECRET,
    "webhook_key": SECRET,
    "id_key": SECRET,
    "erasure_ledger": "gs://my-project-crm-erasures",
    "public_url": "http://localhost",
    "unsubscribe_keys": SECRET,
    "webhook_url": "http://127.0.0.1:1",
    "webhook_secret": "whsec_c2VjcmV0LXRoYXQtaXMtbG9uZy1lbm91Z2g=",
    "webhook_secrets": "whsec_c2VjcmV0LXRoYXQtaXMtbG9uZy1lbm91Z2g=",
}
REFUSED = {
    "ingest": ("POST", "/api/v1/ingest/customers", 401),
    "consumer": ("POST", "/events/records", 401),
    "campaigns": ("GET", "/api/v1/overview", 401),
    "deliver": ("POST", "/events/tick", 401),
    "receipts": ("POST", "/api/v1/receipts", 401),
    "summarize": ("POST", "/api/v1/ai/summaries", 401),
    "vendor": ("POST", "/v1/messages", 401),
}
"""A call that only reaches the function's own code, and what it answers to nobody."""

LETTER = {"message": {"data": base64.b64encode(b"spoiled").decode(), "messageId": "1"}}
MESSAGES = {"messages": [{"id": "m1", "channel": "simulator", "to": "a@example.com", "body": "Hi"}]}
DOCUMENTED = {
    "ingest": "/api/v1/ingest",
    "campaigns": "/api/v1",
    "receipts": "/api/v1/receipts",
    "summarize": "/api/v1/ai",
}
"""Functions that serve their documentation, each below its prefix."""

EVERY_MODULE = """
import importlib, pathlib
for file in sorted(pathlib.Path("crm").rglob("*.py")):
    importlib.import_module(".".join(file.with_suffix("").parts).removesuffix(".__init__"))
"""

SERVED: dict[str, tuple[str, str, Any, int]] = {
    "consumer": ("POST", "/events/dead-letters", LETTER, 204),
    "campaigns": ("GET", "/api/v1/session/config", None, 200),
    "deliver": ("POST", "/events/tick", None, 204),
    "vendor": ("POST", "/v1/messages", MESSAGES, 200),
}
"""A call with the right identity that needs the dependencies, and what only a first call loads."""


LEFT_BEHIND = (
    "crm/__pycache__/config.cpython-311.pyc",
    "crm/.mypy_cache/cache.py",
    "crm/config.py.orig",
    "functions/ingest/.env",
    "functions/ingest/.history/main.py",
    "functions/ingest/main.py~",
)
"""What a work tree may contain in addition to its commit."""


@pytest.fixture(scope="session")
def made(assets: None, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, packages.Package]:
    """The package of each function."""
    return packages.write_all(ROOT, tmp_path_factory.mktemp("packages"))


@pytest.fixture
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An empty folder that is the same for every package, so that what Python compiled of a dependency serves
    the next one; the dependency itself does not."""
    folder = tmp_path_factory.getbasetemp() / "package"
    folder.mkdir()
    yield folder
    shutil.rmtree(folder)


def test_the_same_sources_give_the_same_bytes_on_another_machine(
    made: Mapping[str, packages.Package], tmp_path: Path
) -> None:
    copy = tmp_path / "another clone"
    for part in ("crm", "functions", "deploy", "devstack"):
        shutil.copytree(ROOT / part, copy / part)
    for number, file in enumerate(sorted(copy.rglob("*.py"), reverse=True)):
        os.utime(file, (number, number))
        file.chmod(0o600)
    for left_behind in LEFT_BEHIND:
        (copy / left_behind).parent.mkdir(exist_ok=True)
        (copy / left_behind).write_text("nobody's")

    theirs = subprocess.run(
        [sys.executable, "-c", PACKAGING, copy, tmp_path / "second"],
        cwd=copy,
        env={"PATH": os.environ["PATH"], "TZ": "Asia/Tokyo", "LC_ALL": "C", "PYTHONHASHSEED": "7"},
        umask=0o077,
        capture_output=True,
        text=True,
        check=True,
    )

    assert json.loads(theirs.stdout) == {name: package.sha256 for name, package in made.items()}
    (copy / "crm" / "config.py").write_text("")
    third = packages.write_all(copy, tmp_path / "third")
    assert not {package.sha256 for package in third.values()} & {package.sha256 for package in made.values()}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_package_holds_what_a_function_runs_with_and_no_more(
    function: str, made: Mapping[str, packages.Package]
) -> None:
    package = made[function]
    everything = zipfile.ZipFile(package.path).namelist()
    names = [name for name in everything if not name.endswith(".pyc")]
    own = {each.name for each in (ROOT / "functions" / function).iterdir()} - {"__pycache__"}
    assert {name.partition("/")[0] for name in names} == own | {"crm"}
    assert {"main.py", "requirements.txt"} <= own
    assert not [name for name in names if name.startswith("crm/cli")]
    assert len(everything) == len(set(everything))
    serves = {"crm/entry/static/swagger-ui-bundle.js", "crm/entry/static/swagger-ui.css"} <= set(names)
    assert serves == (function in DOCUMENTED)
    assert package.path.stat().st_size < (6_000_000 if serves else 3_000_000)


def test_a_package_holds_none_of_the_rooms_that_its_function_does_not_enter(
    made: Mapping[str, packages.Package],
) -> None:
    names = zipfile.ZipFile(made["consumer"].path).namelist()
    rooms = {name.split("/")[1] for name in names if name.count("/") > 1} - {"__pycache__"}
    assert rooms == {"access", "customers", "entry", "kernel", "platform"}


def test_terraform_is_told_the_same_paths_on_every_machine(tmp_path: Path) -> None:
    made = {
        name: packages.Package(packages.FOLDER / f"{name}.zip", hashlib.sha256(name.encode()).hexdigest())
        for name in FUNCTIONS
    }
    packages.tell_terraform(made, Version("v1", "c0ffee"), tmp_path / "packages.tfvars.json")

    told = json.loads((tmp_path / "packages.tfvars.json").read_text())["packages"]
    assert {name: each["path"] for name, each in told.items()} == {
        name: f"../../build/functions/{name}.zip" for name in FUNCTIONS
    }
    assert all(
        (packages.TERRAFORM / each["path"]).resolve() == made[name].path.resolve()
        for name, each in told.items()
    )


@pytest.mark.emulator
@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_package_runs_in_an_empty_environment(
    function: str,
    project: str,
    push_headers: dict[str, str],
    made: Mapping[str, packages.Package],
    place: Path,
) -> None:
    broker = Broker(os.environ["PUBSUB_EMULATOR_HOST"], project)
    for topic in PUBLISHES[function]:
        broker.create_topic(topic)
    with running(function, made[function].path, place, project) as url:
        assert httpx2.get(f"{url}{READY}", timeout=PATIENCE).json() == {"status": "ok"}
        method, path, status = REFUSED[function]
        headers = {"X-Requested-With": "crm"}
        answer = httpx2.request(method, f"{url}{path}", json={}, headers=headers, timeout=PATIENCE)
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
        if function in SERVED:
            method, path, body, status = SERVED[function]
            headers = {"Authorization": f"Bearer {SECRET}"} if function == "vendor" else push_headers
            served = httpx2.request(method, f"{url}{path}", json=body, headers=headers, timeout=PATIENCE)
            assert served.status_code == status, served.text
        if function in DOCUMENTED:
            asset = f"{url}{DOCUMENTED[function]}/docs/swagger-ui.css"
            assert httpx2.get(asset, timeout=PATIENCE).status_code == 200
    (python,) = place.glob("environments/*/bin/python")
    source = place / "source"
    subprocess.run([python, "-c", EVERY_MODULE], cwd=source, env={"PATH": os.environ["PATH"]}, check=True)
    started, *_ = (json.loads(line) for line in (place / "log").read_text().splitlines() if line[:1] == "{")
    assert started["message"] == STARTED
    assert started["serviceContext"] == {"service": f"crm-{function}", "version": "v1.2.3"}


@contextmanager
def running(function: str, package: Path, folder: Path, project: str) -> Iterator[str]:
    """The package, unpacked and served in a new virtual environment as the buildpack does it; its URL."""
    unpacked = unpack(function, package, folder / "source", folder / "environments")
    settings = {**SETTINGS, "project": project, "version": "v1.2.3"}
    variables = {PREFIX + name.upper(): value for name, value in settings.items()}
    compiled = {"PYTHONPYCACHEPREFIX": str(folder.parent / "compiled")}
    port = free_port()
    child = unpacked.start(f"crm-{function}-00001-tst", port, {**variables, **compiled}, folder / "log")
    try:
        child.wait_until_answers(f"http://127.0.0.1:{port}/health", 60)
        yield f"http://127.0.0.1:{port}"
    finally:
        child.stop()
