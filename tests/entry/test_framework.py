"""What functions-framework does to the log, started as Google's buildpack starts it."""

import json
import os
from pathlib import Path
from typing import Any

import httpx2
import pytest

from crm.entry.framework import STARTED
from devstack.functions import FRAMEWORK
from devstack.processes import Child, free_port
from tests.support import ID_KEY, ROOT

VARIABLES = {
    "CRM_PROJECT": "my-project",
    "CRM_VERSION": "v1.2.3",
    "CRM_ID_KEY": ID_KEY,
    "FUNCTION_TARGET": "consumer",
    "HOST": "127.0.0.1",
    "K_SERVICE": "crm-consumer",
    "PYTHONPATH": str(ROOT),
}
"""What the image and Cloud Run set, as far as the framework and the function read it."""


@pytest.mark.parametrize("log_execution_id", ["true", "false", None])
def test_a_function_logs_whatever_the_platform_says_of_execution_ids(
    log_execution_id: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LOG_EXECUTION_ID", raising=False)
    if log_execution_id is not None:
        monkeypatch.setenv("LOG_EXECUTION_ID", log_execution_id)
    port = free_port()
    log = tmp_path / "log"
    variables = {**VARIABLES, "PORT": str(port)}
    child = Child("The consumer", FRAMEWORK, log, variables, folder=ROOT / "functions" / "consumer")
    try:
        child.wait_until_answers(f"http://127.0.0.1:{port}/health", 60)
        headers = {"X-Cloud-Trace-Context": f"{'4' * 32}/10;o=1"}
        answer = httpx2.post(f"http://127.0.0.1:{port}/events/records", json={}, headers=headers)
        assert answer.status_code == 401
    finally:
        child.stop()

    started, refused = lines(log)
    assert (started["message"], started["severity"]) == (STARTED, "INFO")
    assert started["serviceContext"] == {"service": "crm-consumer", "version": "v1.2.3"}
    assert refused["message"].startswith("event refused: ")
    assert refused["logging.googleapis.com/trace"] == f"projects/my-project/traces/{'4' * 32}"
    assert refused["logging.googleapis.com/spanId"] == f"{10:016x}"


def lines(log: Path) -> list[dict[str, Any]]:
    """Everything that the process wrote. Whatever is no JSON fails the test."""
    return [json.loads(line) for line in log.read_text().split(os.linesep) if line]
