"""Break the architecture in a copy, one import or call at a time, and see whether a contract or test notices.

`python -m tests.architecture_breaks` prints a table, and ends with 1 where a break was not noticed by what is
there for it. It takes a minute.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support import ROOT

COPIED = ("crm", "deploy", "devstack", "prove")
TESTS = ("tests/support.py", "tests/test_architecture.py")


@dataclass(frozen=True)
class Break:
    """`code` is added to the end of `file`; None deletes the file.

    `noticed` is the beginning of the name of the contract that breaks, or what the failing test prints.
    """

    noticed: str
    file: str
    code: str | None


STAIR = "The stair"
INSIDE = "Inside a room"
CORE = "The core is pure"
DEPLOYED = "Nothing that is deployed"

CONTRACTS = (
    Break(STAIR, "crm/customers/order.py", "from crm.delivery import log"),
    Break(STAIR, "crm/kernel/ids.py", "import crm.access.members"),
    Break(STAIR, "crm/access/members.py", "def late():\n    from crm.campaigns import campaign"),
    Break(STAIR, "crm/experiments/__init__.py", ""),
    Break(INSIDE, "crm/campaigns/ports.py", "from crm.campaigns.usecases import launch"),
    Break(INSIDE, "crm/campaigns/usecases/launch.py", "from crm.campaigns.store import counters"),
    Break(INSIDE, "crm/summaries/usecases/summarize.py", "from crm.summaries import gemini"),
    Break(CORE, "crm/delivery/usecases/start_sending.py", "from crm.campaigns.store import counters"),
    Break(CORE, "crm/delivery/usecases/start_sending.py", "from google.cloud import firestore"),
    Break(CORE, "crm/access/usecases/sign_in.py", "from crm.platform import clock"),
    Break(CORE, "crm/access/usecases/sign_in.py", "import crm.config"),
    Break(CORE, "crm/campaigns/ports.py", "import fastapi"),
    Break(CORE, "crm/campaigns/ports.py", "import httpx2"),
    Break(DEPLOYED, "crm/kernel/ids.py", "import devstack"),
)
"""What import-linter must notice."""

PURITY = (
    Break("crm.customers.order calls datetime.now", "crm/customers/order.py", "NOW = datetime.now()"),
    Break("crm.customers.order imports random", "crm/customers/order.py", "import random"),
    Break("crm.customers.order imports time.time", "crm/customers/order.py", "from time import time"),
    Break("crm.customers.order imports google.cloud", "crm/customers/order.py", "import google.cloud"),
    Break("crm.customers.order imports starlette", "crm/customers/order.py", "import starlette"),
    Break(
        "crm.customers.order imports crm.platform.clock",
        "crm/customers/order.py",
        "import crm.platform.clock",
    ),
    Break("a noun, imports the port", "crm/customers/order.py", "from crm.customers import ports"),
    Break("a noun, imports the store", "crm/customers/order.py", "import crm.customers.store.orders"),
    Break("a noun, imports the usecase", "crm/customers/order.py", "import crm.customers.usecases.persist"),
    Break("a noun, imports the adapter", "crm/access/members.py", "from crm.access import sessions"),
    Break("a port, imports the usecase", "crm/campaigns/ports.py", "import crm.campaigns.usecases.launch"),
    Break(
        "calls asyncio.sleep",
        "crm/campaigns/usecases/launch.py",
        "async def f():\n    await asyncio.sleep(1)",
    ),
    Break("calls uuid4", "crm/campaigns/usecases/launch.py", "NAME = uuid4()"),
    Break("calls open", "crm/campaigns/usecases/launch.py", "FILE = open('a')"),
    Break("only_the_agreed_words[campaigns]", "crm/campaigns/helpers/__init__.py", ""),
    Break("test_the_contracts_cover_every_room", "crm/experiments/__init__.py", ""),
    Break("test_every_exception_is_needed", "crm/sample/generate.py", None),
)
"""What `test_architecture` must notice."""


def main() -> int:
    """Plant each break in turn; 1 if one is not noticed."""
    missed = 0
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for name in COPIED:
            shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        (copy / "tests").mkdir()
        for name in (*TESTS, "pyproject.toml"):
            shutil.copy(ROOT / name, copy / name)
        for check, breaks in ((_broken_contracts, CONTRACTS), (_failed_tests, PURITY)):
            if found := check(copy):
                print(f"broken before anything was planted:\n{found}")
                return 1
            for each in breaks:
                with _planted(copy / each.file, each.code):
                    noticed = each.noticed in check(copy)
                missed += not noticed
                print(f"{'noticed' if noticed else 'NOT NOTICED':12}{each.file}: {each.noticed}", flush=True)
    return 1 if missed else 0


@contextmanager
def _planted(file: Path, code: str | None) -> Iterator[None]:
    before = file.read_text("utf-8") if file.exists() else None
    file.parent.mkdir(exist_ok=True)
    if code is None:
        file.unlink()
    else:
        file.write_text(f"{before or ''}\n{code}\n", "utf-8")
    try:
        yield
    finally:
        if before is not None:
            file.write_text(before, "utf-8")
        else:
            shutil.rmtree(file.parent)


def _broken_contracts(copy: Path) -> str:
    """The names of the contracts that do not hold, a line each; or why they could not be checked."""
    lint = Path(sys.executable).with_name("lint-imports")
    done = _run(copy, str(lint), "--no-logo", "--no-cache")
    broken = [line for line in done.stdout.splitlines() if line.endswith(" BROKEN")]
    return "\n".join(broken) if broken or not done.returncode else done.stdout + done.stderr


def _failed_tests(copy: Path) -> str:
    """What the test of the architecture prints; empty if it succeeds."""
    done = _run(copy, sys.executable, "-m", "pytest", "-q", "-vv", "-p", "no:cacheprovider", TESTS[-1])
    return done.stdout + done.stderr if done.returncode else ""


def _run(copy: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "COLUMNS": "300", "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, check=False)


if __name__ == "__main__":
    sys.exit(main())
