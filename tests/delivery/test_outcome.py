"""What the vendor's answer makes of a row."""

from dataclasses import replace

from crm.channels.outgoing import SendResult
from crm.delivery.outcome import as_possibly_sent, row_after_send
from tests.builders import NOON, row

ROW = row()


def test_the_vendors_result_decides_the_row() -> None:
    accepted = row_after_send(ROW, {"m1": SendResult(status="accepted")}, NOON)
    assert (accepted.status, accepted.sent_at) == ("accepted", NOON)
    rejected = row_after_send(ROW, {"m1": SendResult(status="rejected", reason="no such number")}, NOON)
    assert (rejected.status, rejected.reason, rejected.sent_at) == ("failed", "no such number", None)


def test_a_message_that_the_answer_leaves_out_is_unknown() -> None:
    left_out = row_after_send(ROW, {}, NOON)
    assert (left_out.status, left_out.reason) == ("unknown", "The vendor's answer left it out.")


def test_a_refused_message_is_failed_unless_an_earlier_attempt_may_have_sent_it() -> None:
    results = {"m1": SendResult(status="refused", reason="too large")}
    first = row_after_send(ROW, results, NOON)
    assert (first.status, first.reason, first.sent_at) == ("failed", "too large", None)
    again = row_after_send(ROW, results, NOON, possibly_sent=True)
    assert (again.status, again.reason) == ("unknown", "An earlier try may have sent it; then: too large")
    rejected = row_after_send(ROW, {"m1": SendResult(status="rejected")}, NOON, possibly_sent=True)
    assert (rejected.status, rejected.reason) == ("failed", "Rejected by the vendor.")


def test_a_possibly_sent_message_is_unknown_not_skipped() -> None:
    unknown = as_possibly_sent(replace(ROW, status="skipped", reason="no_consent"))
    assert (unknown.status, unknown.reason) == (
        "unknown",
        "An earlier try may have sent it; then: no_consent",
    )
    assert unknown.sent_at == ROW.updated_at
