from pathlib import Path

import pytest

from crm.topology import FUNCTIONS
from devstack.imports import distributions_of
from devstack.requirements import LOCK, pinned
from tests.support import ROOT


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_is_shipped_with_what_it_imports_at_the_versions_tested_here(function: str) -> None:
    shipped = pinned(ROOT / "functions" / function / "requirements.txt")
    tested = pinned(ROOT / LOCK)

    assert {*distributions_of(ROOT, function), "httptools", "uvloop"} <= shipped.keys()
    assert {name: tested[name] for name in shipped} == shipped


def test_functions_that_evaluate_no_rules_do_without_the_engine() -> None:
    for function in ("ingest", "consumer", "receipts", "summarize", "vendor"):
        assert "polars" not in pinned(ROOT / "functions" / function / "requirements.txt"), function


def test_imports_are_followed_through_crm_but_not_into_what_only_types_need(tmp_path: Path) -> None:
    files = {
        "functions/f/main.py": "import json\nfrom crm.a import b\nfrom helper import x",
        "functions/f/helper.py": "import httpx2",
        "crm/a.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import polars\nimport crm.c",
        "crm/c.py": "def f():\n    from google.cloud import firestore",
        "crm/d.py": "import liquid",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)

    assert distributions_of(tmp_path, "f") == {"httpx2", "google-cloud-firestore"}
