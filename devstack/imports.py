"""What a function needs: the files of `crm` that it imports, and the packages of others that these import."""

import ast
import sys
from collections.abc import Iterable, Iterator, Mapping, Set
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

GOOGLE = {
    "google.api_core": "google-api-core",
    "google.auth": "google-auth",
    "google.cloud.firestore": "google-cloud-firestore",
    "google.cloud.firestore_admin_v1": "google-cloud-firestore",
    "google.cloud.firestore_v1": "google-cloud-firestore",
    "google.genai": "google-genai",
    "google.oauth2": "google-auth",
    "google.protobuf": "protobuf",
    "google.pubsub_v1": "google-cloud-pubsub",
}
"""Many distributions share the package `google`."""

RENAMED = {"grpc": "grpcio", "liquid": "python-liquid"}


def distributions_of(root: Path, function: str) -> set[str]:
    """The distributions that `functions/<function>` imports, itself or by way of `crm`, at any time.

    Raises LookupError for an import that no installed distribution provides.
    """
    folder = root / "functions" / function
    names: set[str] = set()
    for file in closure(root, function):
        names |= {name for name in _imported(file) if not _is_ours(folder, name)}
    return {_distribution(name) for name in names}


def closure(root: Path, function: str) -> set[Path]:
    """The Python files of `functions/<function>` and of `crm` that run in it."""
    waiting = set(sources(root / "functions" / function, {".py"}))
    seen: set[Path] = set()
    while waiting:
        file = waiting.pop()
        seen.add(file)
        for name in _imported(file):
            waiting |= {path for path in _files(root, name) if path not in seen}
    return seen


def sources(folder: Path, kinds: Set[str]) -> Iterator[Path]:
    """The files below a folder that end so, without what editors and tools leave in hidden folders."""
    for file in folder.rglob("*"):
        is_hidden = any(part.startswith((".", "__pycache__")) for part in file.relative_to(folder).parts)
        if file.is_file() and file.suffix in kinds and not is_hidden:
            yield file


def _files(root: Path, name: str) -> Iterator[Path]:
    """The file of a module of ours, and those of the packages around it."""
    parts = name.split(".")
    if parts[0] == "crm":
        around = [root.joinpath(*parts[:depth], "__init__.py") for depth in range(1, len(parts) + 1)]
        path = root.joinpath(*parts).with_suffix(".py")
        yield from (each for each in (path, *around) if each.is_file())


def _imported(file: Path) -> Iterable[str]:
    """Every module that a file imports when it runs; of `from a import b` both `a` and `a.b`."""
    return _imported_by(file.read_text())


@cache  # most of `crm` runs in several functions, and a tree of syntax takes milliseconds
def _imported_by(source: str) -> tuple[str, ...]:
    found: list[str] = []
    waiting: list[ast.AST] = [ast.parse(source)]
    while waiting:
        node = waiting.pop()
        if not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"):
            waiting += ast.iter_child_nodes(node)
        if isinstance(node, ast.Import):
            found += (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found += (node.module, *(f"{node.module}.{alias.name}" for alias in node.names))
    return tuple(dict.fromkeys(found))


def _is_ours(folder: Path, name: str) -> bool:
    top = name.partition(".")[0]
    if top == "crm" or top in sys.stdlib_module_names or name == "google.cloud":
        return True
    return (folder / top).exists() or (folder / f"{top}.py").exists()


@cache
def _installed() -> Mapping[str, list[str]]:
    return packages_distributions()


def _distribution(name: str) -> str:
    top = name.partition(".")[0]
    if top == "google":
        for package, distribution in GOOGLE.items():
            if name == package or name.startswith(f"{package}."):
                return distribution
        raise LookupError(f"No distribution is known for {name}.")
    if top in RENAMED:
        return RENAMED[top]
    try:
        return _installed()[top][0].lower().replace("_", "-")
    except KeyError as error:
        raise LookupError(f"No distribution provides {name}.") from error
