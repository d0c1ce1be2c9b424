"""Refusals leave few lines: one a minute for each caller and reason, which says how many there were."""

from typing import Any

import pytest

from crm.access.refused_callers import CALLER_REFUSED, EVERY, MAX_CALLERS, RefusedCallers


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


def lines(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    assert {(record.levelname, record.getMessage()) for record in caplog.records} <= {
        ("WARNING", CALLER_REFUSED)
    }
    return [vars(record)["ids"] for record in caplog.records]


def test_a_caller_has_one_line_a_minute_for_each_reason(caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    refused = RefusedCallers(clock)
    for _ in range(5):
        refused.note("key_expired", "key_id", "k1")
        refused.note("key_scope", "key_id", "k1")
        refused.note("key_expired", "key_id", "k2")
    clock.at = EVERY
    refused.note("key_expired", "key_id", "k1")
    assert lines(caplog) == [
        {"reason": "key_expired", "key_id": "k1", "times": 1},
        {"reason": "key_scope", "key_id": "k1", "times": 1},
        {"reason": "key_expired", "key_id": "k2", "times": 1},
        {"reason": "key_expired", "key_id": "k1", "times": 5},
    ]


def test_a_flood_of_invented_callers_shares_a_line(caplog: pytest.LogCaptureFixture) -> None:
    refused = RefusedCallers(Clock())
    for number in range(10 * MAX_CALLERS):
        refused.note("key_unknown", "key_id", f"k{number}")
    assert len(lines(caplog)) == MAX_CALLERS + 1
    assert lines(caplog)[-1] == {"reason": "key_unknown", "times": 1}


def test_a_minute_later_others_have_lines_and_what_was_held_back_is_said(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock = Clock()
    refused = RefusedCallers(clock)
    for number in range(MAX_CALLERS):
        refused.note("key_unknown", "key_id", f"k{number}")
    refused.note("key_unknown", "key_id", "k0")
    clock.at = EVERY
    refused.note("webhook_time")
    assert lines(caplog)[MAX_CALLERS:] == [
        {"reason": "key_unknown", "key_id": "k0", "times": 1},
        {"reason": "webhook_time", "times": 1},
    ]
