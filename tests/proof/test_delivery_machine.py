"""Delivery under all faults combined. `CRM_PROOF_EXAMPLES=5000` runs longer, with new examples each time."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.proof.moves import Delivery
from tests.proof.world import small_sizes


@pytest.fixture
def small() -> Iterator[None]:
    with small_sizes():
        yield


@pytest.mark.usefixtures("small")
def test_nothing_is_sent_twice_or_lost_whatever_happens() -> None:
    examples = int(os.environ.get("CRM_PROOF_EXAMPLES", "0"))
    run_state_machine_as_test(
        Delivery,
        settings=settings(
            max_examples=examples or 200,
            stateful_step_count=50 if examples else 25,
            derandomize=not examples,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
