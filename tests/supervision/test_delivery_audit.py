"""When a row and the vendor's ledger contradict each other, and what the remainder is."""

from dataclasses import replace

import pytest

from crm.campaigns.campaign import Counts, RowStatus
from crm.channels.outgoing import SendResult
from crm.supervision.delivery_audit import MAX_FINDINGS, DeliveryAudit, contradiction, corrections
from tests.builders import NOON
from tests.receipts import CAMPAIGN, row

TAKEN, REFUSED = SendResult(status="accepted"), SendResult(status="rejected")


@pytest.mark.parametrize(
    ("status", "sent", "entry", "agrees"),
    [
        ("accepted", True, TAKEN, True),
        ("accepted", True, None, False),
        ("delivered", True, REFUSED, False),
        ("delivered", True, TAKEN, True),
        ("failed", True, TAKEN, True),  # it bounced
        ("failed", True, None, False),
        ("failed", False, REFUSED, True),
        ("failed", False, None, True),  # it could not be rendered
        ("failed", False, TAKEN, False),  # a retry would send it twice
        ("skipped", False, None, True),
        ("skipped", False, TAKEN, False),
        ("unknown", True, TAKEN, True),
        ("unknown", True, None, True),
    ],
)
def test_a_row_and_its_ledger_entry_agree_or_contradict(
    status: RowStatus, sent: bool, entry: SendResult | None, agrees: bool
) -> None:
    found = contradiction(row(1, status=status, sent_at=NOON if sent else None), entry)
    assert (found is None) == agrees


def test_the_remainder_is_the_recipients_without_row_or_chunk() -> None:
    campaign = replace(CAMPAIGN, audience=10, matched=14, excluded={"no_consent": 3})
    audit = DeliveryAudit(campaign=campaign, rows=Counts(delivered=5, failed=2), waiting=2)
    assert (audit.remainder, audit.reachable) == (1, 11)
    assert DeliveryAudit(campaign=CAMPAIGN).reachable is None


def test_findings_are_all_counted_and_some_kept() -> None:
    audit = DeliveryAudit(campaign=CAMPAIGN)
    for number in range(MAX_FINDINGS + 5):
        audit.find(str(number))
    assert (audit.found, len(audit.findings)) == (MAX_FINDINGS + 5, MAX_FINDINGS)
    assert list(corrections({1: {"all": Counts(accepted=-2, failed=1)}})) == [
        "the counters of shard 1 and group all lack -2 accepted, +1 failed"
    ]
