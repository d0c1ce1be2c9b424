"""The inside of every room: which modules it holds, what they import, and that its core is pure.

import-linter holds the stair between rooms and the layers inside them (pyproject.toml). This test covers what
it cannot see: which modules are nouns, and calls of clocks, randomness and sleep. `tests.architecture_breaks`
proves that both notice.
"""

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.support import ROOT

CRM: Final = ROOT / "crm"

NO_ROOMS: Final = {"cli", "entry", "kernel", "platform"}
"""Packages of crm that are not rooms: the command line, and plumbing."""

ADAPTERS: Final = {
    "access": {
        *("gate", "key_auth", "live_keys", "live_signatures", "nonces", "rate_limits"),
        *("refused_callers", "refused_members", "session_auth", "sessions"),
    },
    "channels": {"http_vendor", "http_vendor_api", "http_vendor_lookup", "simulator_ledger"},
    "customers": {"unsubscribe_links"},
    "privacy": {"folder_ledger", "ledgers", "storage_ledger"},
    "segments": {"membership_cache"},
    "summaries": {"gemini"},
}
"""Modules by room that know a cloud, a network, a clock or a framework, other than its store."""

NOUN_PACKAGES: Final = {"audience": {"rules", "engine", "projection"}}
"""Nouns by room that take a package of several modules."""

WORDS: Final = {"store": "store", "usecases": "usecase", "ports": "port"}

MAY_IMPORT: Final = {
    "noun": {"noun"},
    "port": {"noun", "port"},
    "usecase": {"noun", "port", "usecase"},
}
"""What the core may import from rooms, besides the kernel."""

OUTSIDE: Final = (
    *("crm.platform", "crm.entry", "crm.config", "crm.topology"),
    *("fastapi", "google", "grpc", "httpx2", "itsdangerous", "starlette"),
    *("os", "random", "secrets", "socket", "subprocess", "threading", "time", "urllib"),
)
"""What the core never imports: plumbing, clouds, frameworks, clocks, randomness, waiting and I/O."""

IMPURE: Final = {
    *("asyncio.sleep", "open", "uuid4", "uuid.uuid4"),
    *("datetime.now", "datetime.today", "datetime.utcnow", "date.today"),
}
"""What the core never calls."""

ALLOWED: Final = {
    "crm.audience.engine.blocks imports os": "the number of processors",
    "crm.audience.engine.parts imports os": "the number of processors",
    "crm.sample.generate imports random": "play data, drawn from a seed",
}
"""Exceptions and their reasons."""


def rooms() -> set[str]:
    return {path.parent.name for path in CRM.glob("*/__init__.py")} - NO_ROOMS


def name_of(file: Path) -> str:
    return ".".join(file.relative_to(ROOT).with_suffix("").parts)


def kind_of(module: str) -> str:
    """`crm.customers.store.orders` → "store", `crm.kernel.ids` → "plumbing". The others are nouns."""
    _, room, *inner = module.split(".")
    if room not in rooms() or not inner:
        return "plumbing"
    return "adapter" if inner[0] in ADAPTERS.get(room, ()) else WORDS.get(inner[0], "noun")


def core() -> list[Path]:
    """The nouns, ports and use cases of all rooms."""
    files = (file for room in sorted(rooms()) for file in sorted((CRM / room).rglob("*.py")))
    return [file for file in files if file.name != "__init__.py" and kind_of(name_of(file)) in MAY_IMPORT]


def imported(tree: ast.AST) -> Iterator[str]:
    """Every imported module, and every name imported from one: `crm.kernel.ids.document_id`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def faults(file: Path) -> Iterator[str]:
    """What a module of the core imports or calls and must not."""
    name, tree = name_of(file), ast.parse(file.read_text("utf-8"))
    kind = kind_of(name)
    for module in imported(tree):
        if f"{module}.".startswith(tuple(f"{package}." for package in OUTSIDE)):
            yield f"{name} imports {module}"
        elif module.startswith("crm.") and kind_of(module) not in MAY_IMPORT[kind] | {"plumbing"}:
            yield f"{name}, a {kind}, imports the {kind_of(module)} {module}"
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in IMPURE:
            yield f"{name} calls {ast.unparse(node.func)}"


@pytest.mark.parametrize("file", core(), ids=name_of)
def test_the_core_is_pure(file: Path) -> None:
    found = [fault for fault in faults(file) if fault not in ALLOWED]
    assert not found, "\n".join(found)


def test_every_exception_is_needed() -> None:
    assert ALLOWED.keys() - {fault for file in core() for fault in faults(file)} == set()
    assert all((CRM / room / f"{name}.py").is_file() for room, names in ADAPTERS.items() for name in names)


@pytest.mark.parametrize("room", sorted(rooms()))
def test_a_room_has_only_the_agreed_names(room: str) -> None:
    packages = {file.parent.name for file in (CRM / room).glob("*/__init__.py")}
    assert packages <= {"store", "usecases"} | NOUN_PACKAGES.get(room, set())


def test_the_contracts_cover_every_room() -> None:
    config = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    covered = [contract.get("containers") for contract in config["tool"]["importlinter"]["contracts"]]
    assert sorted(f"crm.{room}" for room in rooms()) in covered
