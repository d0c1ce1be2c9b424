"""When a campaign is over, and with which status it ends."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from crm.campaigns.campaign import Counts, Stats
from crm.supervision.closing import closing, silent, unknown_note
from tests.builders import NOON as NOW
from tests.builders import campaign, row

SILENCE = timedelta(hours=72)
CAMPAIGN = campaign(shards=3, audience=10)


def test_a_silent_row_says_how_long_nothing_came() -> None:
    silent_row = silent(row(), NOW, timedelta(hours=1.5))
    assert (silent_row.status, silent_row.reason) == ("unknown", "No receipt came within 1.5 hours.")


@pytest.mark.parametrize(
    ("status", "counts", "last_sent", "expected"),
    [
        ("sending", Counts(delivered=9), NOW - SILENCE * 2, "wait"),
        ("sending", Counts(delivered=9, accepted=1), NOW, "wait"),
        ("sending", Counts(delivered=9, accepted=1), NOW - SILENCE, "expire"),
        ("sending", Counts(delivered=8, failed=1, skipped=1), NOW, "finished"),
        ("sending", Counts(delivered=9, unknown=1), NOW, "needs_attention"),
        ("cancelled", Counts(delivered=4), NOW, "wait"),
        ("cancelled", Counts(delivered=4, skipped=6), NOW, "cancelled"),
        ("cancelled", Counts(delivered=4, accepted=1, skipped=5), NOW - SILENCE, "expire"),
    ],
)
def test_a_campaign_is_over_when_every_recipient_is_accounted_for(
    status: str, counts: Counts, last_sent: datetime, expected: str
) -> None:
    campaign = replace(CAMPAIGN, status=status)  # type: ignore[arg-type]
    assert closing(campaign, Stats(audience=10, counts=counts), last_sent, NOW, SILENCE) == expected


def test_a_campaign_cancelled_before_its_audience_was_counted_is_over() -> None:
    empty = Stats(audience=0, counts=Counts())
    cancelled = replace(CAMPAIGN, status="cancelled", audience=None)
    assert closing(cancelled, empty, None, NOW, SILENCE) == "cancelled"
    assert closing(replace(CAMPAIGN, audience=0), empty, None, NOW, SILENCE) == "finished"


def test_the_note_of_a_closed_campaign_counts_the_unknown() -> None:
    notes = [unknown_note(n) for n in (0, 1, 2)]
    assert notes == [None, "1 message is unknown.", "2 messages are unknown."]
