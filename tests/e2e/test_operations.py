"""What an operator does with the running stack: audits, retries, lists."""

import os
import subprocess
import sys
from typing import Any

import httpx2
import pytest

from tests.e2e.stacks import Stack
from tests.support import ROOT
from tests.waiting import until

pytestmark = pytest.mark.e2e

PEOPLE = 80
RULES = {"combinator": "and", "rules": [{"field": "tags", "operator": "contains", "value": "operations"}]}


def test_a_campaign_adds_up_is_retried_and_adds_up_again(stack: Stack, marketer: httpx2.Client) -> None:
    with stack.systems() as systems:
        people = [
            {"customer_id": f"OP-{n}", "email": f"op{n}@example.com", "tags": ["operations"]}
            for n in range(PEOPLE)
        ]
        assert systems.post("/customers/batch", json={"records": people}).status_code == 202
    until(lambda: preview(marketer)["reachable"] == PEOPLE)
    draft = {"name": "Operations", "rules": RULES, "message": {"body": "Hi"}, "rate": 1_000_000}
    name = marketer.post("/campaigns", json=draft).json()["id"]
    assert marketer.post(f"/campaigns/{name}/launch").status_code == 202
    until(lambda: campaign(marketer, name)["status"] == "finished")
    first = campaign(marketer, name)["stats"]
    assert (first["audience"], first["delivered"] + first["failed"]) == (PEOPLE, PEOPLE)
    assert "No difference." in crm(stack, "campaigns", "audit", name)

    assert first["failed"] > 0
    for _ in range(2):
        assert marketer.post(f"/campaigns/{name}/retry-failed").status_code == 202
    until(lambda: campaign(marketer, name)["retry_round"] == 1)
    until(lambda: campaign(marketer, name)["status"] == "finished")
    again = campaign(marketer, name)["stats"]
    assert again["delivered"] > first["delivered"]
    assert again["delivered"] + again["failed"] == PEOPLE
    assert "No difference." in crm(stack, "campaigns", "audit", name)
    assert "Operations" in crm(stack, "campaigns", "list")
    assert "Topic" in crm(stack, "deadletters", "list")


def crm(stack: Stack, *arguments: str) -> str:
    """The output of a command that must succeed."""
    environment = {**os.environ, "CRM_STACK": str(stack.folder / "stack.json"), "COLUMNS": "200"}
    command = [sys.executable, "-c", "from crm.cli.main import app; app()", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def preview(marketer: httpx2.Client) -> dict[str, Any]:
    found: dict[str, Any] = marketer.post("/audience/preview", json={"rules": RULES}).json()
    return found


def campaign(marketer: httpx2.Client, name: str) -> dict[str, Any]:
    found: dict[str, Any] = marketer.get(f"/campaigns/{name}").json()
    return found
