"""Delivery's decisions: what a verdict means, when a campaign is over."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from crm.campaigns.campaign import Counts, Stats
from crm.channels.outgoing import SendResult
from crm.customers.customer import Customer
from crm.delivery.sending import address, as_possibly_sent, row_after_send, tallied
from crm.supervision.closing import closing, silent
from tests.builders import NOON as NOW
from tests.builders import campaign, row

SILENCE = timedelta(hours=72)
CAMPAIGN = campaign(shards=3, audience=10)
ROW = row(cohorts=("high_spenders", "active"))


@pytest.mark.parametrize(
    ("channel", "email", "phone", "expected"),
    [
        ("simulator", "a@example.com", "123", "a@example.com"),
        ("simulator", None, "123", "123"),
        ("email", None, "123", None),
        ("sms", "a@example.com", "123", "123"),
        ("sms", "a@example.com", None, None),
    ],
)
def test_an_address_is_of_the_channels_kind(
    channel: str, email: str | None, phone: str | None, expected: str | None
) -> None:
    customer = Customer(customer_id="C", email=email, phone=phone)
    assert address(customer, channel) == expected  # type: ignore[arg-type]


def test_a_verdict_makes_the_row() -> None:
    accepted = row_after_send(ROW, {"m1": SendResult(status="accepted")}, NOW)
    assert (accepted.status, accepted.sent_at) == ("accepted", NOW)
    rejected = row_after_send(ROW, {"m1": SendResult(status="rejected", reason="no such number")}, NOW)
    assert (rejected.status, rejected.reason, rejected.sent_at) == ("failed", "no such number", None)
    unsaid = row_after_send(ROW, {}, NOW)
    assert (unsaid.status, unsaid.reason) == ("unknown", "The vendor's answer left it out.")


def test_what_may_have_been_sent_before_is_unknown_not_skipped() -> None:
    row = as_possibly_sent(replace(ROW, status="skipped", reason="no_consent"))
    assert (row.status, row.reason) == ("unknown", "An earlier try may have sent it; then: no_consent")


def test_a_tally_counts_each_row_in_all_and_in_its_cohorts() -> None:
    rows = [
        ROW,
        replace(ROW, status="failed", cohorts=("regular_spenders", "active")),
        replace(ROW, cohorts=()),
    ]
    assert tallied(rows) == {
        "all": Counts(accepted=2, failed=1),
        "high_spenders": Counts(accepted=1),
        "regular_spenders": Counts(failed=1),
        "active": Counts(accepted=1, failed=1),
    }


def test_a_silent_row_says_how_long_nothing_came() -> None:
    row = silent(ROW, NOW, timedelta(hours=1.5))
    assert (row.status, row.reason) == ("unknown", "No receipt came within 1.5 hours.")


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
