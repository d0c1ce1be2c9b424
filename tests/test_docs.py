"""What the documents name exists: files, folders, modules, links, and every decision in the index."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
TOP = "crm|functions|devstack|deploy|prove|rehearse|bench|web|infra|tests|docs|locks"
PATH = re.compile(rf"`((?:{TOP})/[\w./*{{}},-]*)`")
MODULE = re.compile(r"`(?:python -m )?((?:crm|devstack|deploy|prove|rehearse|bench|tests)(?:\.\w+)+)")
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")
MADE = ("web/dist", "tests/artifacts")
"""What builds and tests make."""


def id_of(document: Path) -> str:
    return str(document.relative_to(ROOT))


@pytest.mark.parametrize("document", DOCUMENTS, ids=id_of)
def test_paths_modules_and_links_lead_somewhere(document: Path) -> None:
    text = document.read_text()
    missing = [path for path in PATH.findall(text) if not path.startswith(MADE) and not _exists(path)]
    missing += [name for name in MODULE.findall(text) if not _is_importable(name)]
    missing += [link for link in LINK.findall(text) if not (document.parent / link).exists()]
    assert missing == []


def test_the_index_of_decisions_lists_every_decision_by_its_title() -> None:
    folder = ROOT / "docs/decisions"
    index = (folder / "README.md").read_text()
    listed = re.findall(
        r"^\| \[\d+\]\(([^)]+)\) \| (.+) \| [^|]+ \| \d{4}-\d\d-\d\d \|$", index, re.MULTILINE
    )
    titles = [
        (path.name, path.read_text().splitlines()[0].removeprefix("# "))
        for path in sorted(folder.glob("0*.md"))
    ]
    assert listed == titles


def _exists(path: str) -> bool:
    """Whether the path leads to a file; `{a,b}` and `*` stand for several, and each has to."""
    choices = re.search(r"\{([^}]*)\}", path)
    if choices:
        return all(_exists(path.replace(choices[0], name, 1)) for name in choices[1].split(","))
    return any(ROOT.glob(path.rstrip("/")))


def _is_importable(name: str) -> bool:
    """Whether it names a module, or something that a module defines."""
    place = ROOT / name.replace(".", "/")
    if place.is_dir() or place.with_suffix(".py").exists():
        return True
    parent, _, attribute = name.rpartition(".")
    if "." not in parent:
        return False
    module = ROOT / (parent.replace(".", "/") + ".py")
    if module.exists():
        return (
            re.search(rf"^(?:async )?(?:def|class) {attribute}\b|^{attribute}\b", module.read_text(), re.M)
            is not None
        )
    return _is_importable(parent)
