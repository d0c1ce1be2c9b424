import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from crm.config import VendorSettings, load
from crm.delivery.receipts import Receipt
from tests.support import part_of

outcomes = part_of("vendor", "vendor_sim.outcomes")
callbacks = part_of("vendor", "vendor_sim.callbacks")

UNUSED = dict.fromkeys(("vendor_key", "webhook_secret"), "x" * 16)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
IDS = [f"m{number}" for number in range(4000)]


def knobs(**values: Any) -> VendorSettings:
    given = {"project": "p", **UNUSED, "webhook_url": "u", **values}
    return load(VendorSettings, {f"CRM_{name.upper()}": str(value) for name, value in given.items()})


def events(settings: VendorSettings, message_id: str) -> list[str]:
    return [report.event for report in outcomes.reports(settings, message_id, NOON)]


def test_about_a_tenth_fails_and_always_the_same() -> None:
    settings, other = knobs(), knobs(seed="other")
    first = [events(settings, name) for name in IDS]
    assert 0.08 < first.count(["failed"]) / len(IDS) < 0.12
    assert first.count(["failed"]) + first.count(["delivered"]) == len(IDS)
    assert [events(settings, name) for name in IDS] == first
    assert [events(other, name) for name in IDS] != first


@pytest.mark.parametrize(("rate", "expected"), [(0, "delivered"), (1, "failed")])
def test_rates_hold_at_their_ends(rate: float, expected: str) -> None:
    settings = knobs(failure_rate=rate)
    assert {event for name in IDS for event in events(settings, name)} == {expected}


def test_a_failure_has_a_reason_and_a_delivery_none() -> None:
    settings = knobs()
    reports = [report for name in IDS for report in outcomes.reports(settings, name, NOON)]
    assert {report.reason for report in reports if report.event == "failed"} == set(outcomes.FAILURES)
    assert {report.reason for report in reports if report.event == "delivered"} == {None}


def test_only_the_delivered_open_and_only_openers_click() -> None:
    settings = knobs(opened_rate=0.5, clicked_rate=0.5)
    found = [tuple(events(settings, name)) for name in IDS]
    assert set(found) == {
        ("failed",),
        ("delivered",),
        ("delivered", "opened"),
        ("delivered", "opened", "clicked"),
    }
    assert 0.4 < found.count(("delivered",)) / len(IDS) < 0.5


def test_receipts_leave_a_delay_apart() -> None:
    settings = knobs(failure_rate=0, opened_rate=1, clicked_rate=1, receipt_delay=2)
    reports = outcomes.reports(settings, "m1", NOON)
    assert [report.after for report in reports] == [2, 4, 6]
    assert [report.occurred_at - NOON for report in reports] == [timedelta(seconds=s) for s in (2, 4, 6)]


@pytest.mark.parametrize("delay", [0, 2])
def test_swapped_ones_come_last_first_with_their_own_times(delay: int) -> None:
    settings = knobs(failure_rate=0, opened_rate=1, clicked_rate=1, reorder_rate=1, receipt_delay=delay)
    reports = outcomes.reports(settings, "m1", NOON)
    assert [report.event for report in reports] == ["clicked", "opened", "delivered"]
    assert all(one.after <= other.after for one, other in pairwise(reports))
    assert all(one.occurred_at >= other.occurred_at for one, other in pairwise(reports))


def test_a_single_swapped_one_comes_a_delay_later() -> None:
    (report,) = outcomes.reports(knobs(reorder_rate=1, receipt_delay=2), "m1", NOON)
    assert (report.after, report.occurred_at) == (4, NOON + timedelta(seconds=2))


def test_doubled_ones_come_again_afterwards_unchanged() -> None:
    settings = knobs(failure_rate=0, opened_rate=1, duplicate_rate=1)
    reports = [report.as_json() for report in outcomes.reports(settings, "m1", NOON)]
    assert reports[:2] == reports[2:]


def test_no_address_and_the_knob_refuse() -> None:
    assert outcomes.refusal(knobs(), "m1", "  ") == "no address"
    assert outcomes.refusal(knobs(), "m1", "a@example.com") is None
    assert outcomes.refusal(knobs(rejected_rate=1), "m1", "a@example.com") is not None


def test_every_receipt_is_packed_once_and_is_one_for_the_webhook() -> None:
    settings = knobs(opened_rate=0.5, duplicate_rate=0.2, reorder_rate=0.2, callback_batch=3)
    messages = [json.loads(body) for body in callbacks.packed(settings, [(name, NOON) for name in IDS])]
    expected = [report.as_json() for name in IDS for report in outcomes.reports(settings, name, NOON)]
    receipts = [receipt for message in messages for receipt in message["receipts"]]
    assert sorted(map(json.dumps, receipts)) == sorted(map(json.dumps, expected))
    assert max(len(message["receipts"]) for message in messages) == 3 * callbacks.CALLS
    assert [m["not_before"] for m in messages] == sorted(m["not_before"] for m in messages)
    for receipt in receipts:
        Receipt.model_validate(receipt)


def test_a_call_carries_one_receipt_or_a_list() -> None:
    receipts = [{"message_id": name} for name in "abc"]
    message = callbacks.Callbacks(not_before=NOON, receipts=receipts)
    assert [json.loads(body) for body in callbacks.calls(message, 1)] == receipts
    assert [len(json.loads(body)["receipts"]) for body in callbacks.calls(message, 2)] == [2, 1]
