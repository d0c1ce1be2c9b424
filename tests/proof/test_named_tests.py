"""docs/promises.md and docs/marketer.md name tests that exist."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("document", ["promises.md", "marketer.md"])
def test_every_test_that_a_document_names_is_there(document: str) -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", (ROOT / "docs" / document).read_text())
    assert len(named) > 15
    known = {file: _tests_of(ROOT / file) for file, _ in named}
    assert [f"{file}::{name}" for file, name in named if name not in known[file]] == []


def test_each_point_of_a_marketer_has_a_test_named_after_it() -> None:
    rows = re.findall(r"^\| (\d+)\. (.*)$", (ROOT / "docs/marketer.md").read_text(), re.MULTILINE)
    assert {int(point) for point, _ in rows} == set(range(1, 16))
    assert [point for point, row in rows if f"::test_{int(point):02}_" not in row] == []


def _tests_of(file: Path) -> set[str]:
    tree = ast.parse(file.read_text())
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {node.name for node in ast.walk(tree) if isinstance(node, kinds)}
