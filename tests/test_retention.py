"""How long things are kept: one table, and the code, Terraform and the documents say the same."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest

from crm import retention
from crm.topology import FUNCTIONS
from devstack.imports import closure
from tests.support import ROOT

DATA = (ROOT / "docs" / "data.md").read_text("utf-8")
TERRAFORM = ROOT / "infra" / "terraform"
WRITES = re.compile(r'"expires_at": ([^\n]*)')
PERIOD = re.compile(r'retention\.kept\(\s*"(\w+)"\s*\)')
OF_THEIR_OWN = {
    "crm/access/store/api_keys.py": "the key's own date, after which it does not work; the document stays",
    "crm/access/store/used_nonces.py": "fixed",
}
"""Files that write `expires_at` without a period of the table."""

EXPIRING = {group for period in retention.PERIODS.values() for group in period.collections}


@pytest.fixture(autouse=True)
def as_in_the_table() -> Iterator[None]:
    yield
    retention.use(())


def documented() -> set[str]:
    """The collection groups of the first table of docs/data.md."""
    table = DATA.split("| collection |")[1].split("\n\n")[0]
    paths = [path for row in table.splitlines()[2:] for path in re.findall(r"`([^`]+)`", row.split("|")[1])]
    return {path.split("/")[-2] for path in paths}


def test_the_table_names_every_collection_once() -> None:
    named = [*EXPIRING, *retention.FIXED, *retention.KEPT]
    assert sorted(named) == sorted(set(named))
    assert set(named) == documented()
    constants = {
        name
        for file in (ROOT / "crm").rglob("store/*.py")
        for name in re.findall(
            r'^(?:COLLECTION|MEMBERS|UNMATCHED|LOG|BLOCKS)(?:: Final)? = "(\w+)"',
            file.read_text("utf-8"),
            re.M,
        )
    }
    assert len(constants) > 10
    assert constants <= set(named)


def test_terraform_has_a_ttl_policy_for_what_expires_and_nothing_else() -> None:
    fields = json.loads((TERRAFORM / "firestore.indexes.json").read_text("utf-8"))["fieldOverrides"]
    expiring = {(each["collectionGroup"], each["fieldPath"]) for each in fields if each.get("ttl")}
    assert expiring == {(group, retention.EXPIRES) for group in EXPIRING | retention.FIXED.keys()}


def test_terraform_allows_the_days_that_the_code_allows() -> None:
    text = (TERRAFORM / "firestore.tf").read_text("utf-8")
    allowed = re.findall(r"^ +(\w+) += \{ least = (\d+), most = (\d+) \}$", text, re.M)
    assert {name: (int(least), int(most)) for name, least, most in allowed} == {
        name: (period.least, period.most) for name, period in retention.PERIODS.items()
    }


def test_the_code_writes_an_end_from_the_table() -> None:
    used: set[str] = set()
    own: set[str] = set()
    for file in (ROOT / "crm").rglob("*.py"):
        for value in WRITES.findall(file.read_text("utf-8")):
            if found := PERIOD.findall(value):
                used.update(found)
            else:
                own.add(str(file.relative_to(ROOT)))
    assert used == retention.PERIODS.keys()
    assert own == OF_THEIR_OWN.keys()


def test_every_function_that_writes_such_documents_reads_its_setting() -> None:
    for function in FUNCTIONS:
        main = ROOT / "functions" / function / "main.py"
        files = closure(ROOT, function)
        writes = any(PERIOD.search(file.read_text("utf-8")) for file in files)
        assert ("retention.use(settings.retention)" in main.read_text("utf-8")) is writes, function


def test_the_documents_have_the_same_table() -> None:
    section = DATA.split("## How long it is kept")[1].split("\n## ")[0]
    rows = [[cell.strip() for cell in row.split("|")[1:-1]] for row in section.splitlines() if "| `" in row]
    shown = {row[0].strip("`"): row[1:] for row in rows if len(row) == 4}
    assert shown == {
        name: [
            ", ".join(f"`{group}`" for group in period.collections),
            f"{period.days} days",
            f"{period.least} to {period.most}",
        ]
        for name, period in retention.PERIODS.items()
    }
    others = {row[0].strip("`"): row[1] for row in rows if len(row) == 2}
    assert others == {**retention.FIXED, **retention.KEPT}


def test_an_installation_chooses_days() -> None:
    assert retention.kept("audit_log") == timedelta(days=400)
    retention.use(["audit_log=800", "imports=7"])
    assert [retention.kept(name).days for name in ("audit_log", "imports", "dead_letters")] == [800, 7, 30]
    retention.use(())
    assert retention.kept("audit_log") == timedelta(days=400)


@pytest.mark.parametrize(
    "text", ["orders=30", "audit_log=29", "audit_log=3651", "audit_log", "audit_log=x", ""]
)
def test_what_is_no_period_or_too_short_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="CRM_RETENTION"):
        retention.use(["imports=7", text])
    assert retention.kept("imports") == timedelta(days=30)
