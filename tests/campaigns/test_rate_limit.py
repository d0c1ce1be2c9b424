"""The rate limit: the size of chunks, and how many may be sent."""

from datetime import UTC, datetime, timedelta

import pytest

from crm.campaigns.rate_limit import chunk_size, chunks_allowed, next_send_at

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("rate", "size"), [(None, 500), (10, 10), (499, 499), (500, 500), (700, 350), (1_001, 333), (60_000, 500)]
)
def test_chunks_are_even_parts_of_a_minute(rate: int | None, size: int) -> None:
    assert chunk_size(rate, 500) == size


@pytest.mark.parametrize("every", [2, 20, 60, 61, 300])
@pytest.mark.parametrize("rate", [10, 700, 6_000])
def test_over_an_hour_the_rate_is_neither_exceeded_nor_wasted(rate: int, every: int) -> None:
    size = chunk_size(rate, 500)
    until, sent = None, 0
    for second in range(0, 3_601, every):
        now = NOON + timedelta(seconds=second)
        chunks = chunks_allowed(until, now, rate, size)
        until = next_send_at(until, now, rate, size, chunks)
        sent += chunks * size
    assert sent <= rate * 60 + size
    assert sent >= rate * 60 * min(1, 60 / every) * 0.95 - size


def test_the_first_chunk_needs_no_wait_and_missed_time_is_not_made_up_for() -> None:
    assert chunks_allowed(None, NOON, 100, 100) == 1
    until = next_send_at(None, NOON, 100, 100, 1)
    assert chunks_allowed(until, NOON + timedelta(seconds=59), 100, 100) == 0
    assert chunks_allowed(until, NOON + timedelta(seconds=60), 100, 100) == 1
    assert chunks_allowed(until, NOON + timedelta(days=1), 100, 100) == 1
