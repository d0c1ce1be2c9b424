"""The progress of a campaign: since when nothing has moved, and which failures are judged."""

from dataclasses import replace
from datetime import timedelta

from crm.campaigns.campaign import Counts, Stats
from crm.supervision.progress import Progress, judged, observed
from tests.builders import NOON

STILL = timedelta(minutes=30)


def test_a_campaign_is_still_since_its_last_change() -> None:
    stats = Stats(audience=5, counts=Counts(accepted=2))
    first = observed(None, stats, NOON)
    assert first == Progress(pending=3, accepted=2, since=NOON)
    later = observed(first, stats, NOON + STILL)
    assert later == first
    moved = observed(replace(later, alarmed=True), Stats(audience=5, counts=Counts(accepted=3)), NOON + STILL)
    assert moved == Progress(pending=2, accepted=3, since=NOON + STILL)


def test_failures_are_judged_against_messages_handed_to_the_vendor() -> None:
    counts = Counts(accepted=5, delivered=3, failed=2, skipped=7, unknown=1)
    after = judged(Progress(pending=0, accepted=0, since=NOON), Stats(audience=18, counts=counts))
    assert (after.failed, after.handed, after.outcomes) == (2, 11, 5)
