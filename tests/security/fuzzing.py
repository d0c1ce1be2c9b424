"""Calls that schemathesis makes of a schema: some that it allows, and some that it forbids."""

import os
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode

from crm.topology import PUBLISHES
from devstack.broker import Broker
from tests.functions.test_ready import SETTINGS

EXAMPLES = 6
"""Calls of an operation that its schema allows, and as many that it forbids."""


@pytest.fixture
def installation(project: str, session_secret: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The settings of all functions, and their topics."""
    del session_secret
    for name, value in SETTINGS.items():
        if name not in ("SESSION_SECRETS", "ORIGINS"):
            monkeypatch.setenv(f"CRM_{name}", value)
    broker = Broker(os.environ["PUBSUB_EMULATOR_HOST"], project)
    for topic in {topic for published in PUBLISHES.values() for topic in published}:
        broker.create_topic(topic)
    return project


def cases(operation: Any, mode: GenerationMode) -> list[Case[Any]]:
    """Some calls, the same in each run."""
    found: list[Case[Any]] = []

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=EXAMPLES,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def collect(case: Case[Any]) -> None:
        found.append(case)

    with suppress(Unsatisfiable):  # it takes nothing, so nothing is forbidden
        collect()
    return found


def operation_with(path: str, body: Mapping[str, Any]) -> Any:
    """An operation that takes such a body, whose schema is as Pydantic writes it."""
    schema = {name: part for name, part in body.items() if name != "$defs"}
    document = {
        "openapi": "3.1.0",
        "info": {"title": path, "version": "1"},
        "paths": {
            path: {
                "post": {
                    "requestBody": {"required": True, "content": {"application/json": {"schema": schema}}},
                    "responses": {"204": {"description": "Handled."}},
                }
            }
        },
        "components": {"schemas": body.get("$defs", {})},
    }
    return schemathesis.openapi.from_dict(document)[path]["post"]
