import re
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from crm.topology import FUNCTIONS
from devstack.imports import closure, distributions_of
from devstack.requirements import LOCK, pinned
from tests.support import ROOT


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_is_shipped_with_what_it_imports_at_the_versions_tested_here(function: str) -> None:
    shipped = pinned(ROOT / "functions" / function / "requirements.txt")
    tested = pinned(ROOT / LOCK)

    assert {*distributions_of(ROOT, function), "httptools", "uvloop"} <= shipped.keys()
    assert {name: tested[name] for name in shipped} == shipped


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_is_shipped_with_nothing_else(function: str) -> None:
    shipped = pinned(ROOT / "functions" / function / "requirements.txt")
    wanted = {*distributions_of(ROOT, function), "httptools", "uvloop"}

    assert sorted(shipped.keys() - needed_by(wanted)) == []


def needed_by(distributions: set[str]) -> set[str]:
    """These, and what they require on any platform, with or without extras that one of them asks for."""
    waiting = [(name, "") for name in distributions]
    seen: set[tuple[str, str]] = set()
    while waiting:
        name, extra = waiting.pop()
        seen.add((name, extra))
        try:
            requirements = [Requirement(each) for each in requires(name) or ()]
        except PackageNotFoundError:  # of another platform
            continue
        for each in requirements:
            asked = re.search(r"""extra == ['"]([^'"]+)""", str(each.marker or ""))
            if asked is None or asked[1] == extra:
                found = each.name.lower().replace("_", "-")
                waiting += [(found, part) for part in ("", *each.extras) if (found, part) not in seen]
    return {name for name, _ in seen}


def test_functions_that_evaluate_no_rules_do_without_the_engine() -> None:
    for function in ("ingest", "consumer", "receipts", "summarize", "vendor"):
        assert "polars" not in pinned(ROOT / "functions" / function / "requirements.txt"), function


def test_imports_are_followed_through_crm_but_not_into_what_only_types_need(tmp_path: Path) -> None:
    files = {
        "functions/f/main.py": "import json\nfrom crm.a import b\nfrom helper import x",
        "functions/f/helper.py": "import httpx2",
        "functions/f/.history/main.py": "import polars",
        "crm/__init__.py": "",
        "crm/a.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import polars\n"
        "import crm.c, crm.room.e",
        "crm/c.py": "def f():\n    from google.cloud import firestore",
        "crm/d.py": "import liquid",
        "crm/room/__init__.py": "",
        "crm/room/e.py": "import crm.a",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)

    assert distributions_of(tmp_path, "f") == {"httpx2", "google-cloud-firestore"}
    own = {"functions/f/main.py", "functions/f/helper.py"}
    ours = {"crm/__init__.py", "crm/a.py", "crm/c.py", "crm/room/__init__.py", "crm/room/e.py"}
    assert {file.relative_to(tmp_path).as_posix() for file in closure(tmp_path, "f")} == own | ours
