"""Each kind of fault is found, put alone into data that is consistent otherwise."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from crm.campaigns.campaign import Campaign, Message
from crm.customers.customer_key import customer_key
from crm.delivery.log import LogRow
from prove.database import Entry, Ledger
from prove.history import Truth
from prove.judging import Sent, Verdict, judge, judge_records

NOW = datetime(2026, 1, 1, tzinfo=UTC)
CAMPAIGN = Campaign(
    campaign_id="c",
    name="Campaign 1",
    status="finished",
    channel="simulator",
    message=Message(body="Campaign 1"),
    rules={},
    created_at=NOW,
    created_by="m",
)


def row(name: str) -> LogRow:
    return LogRow(
        message_id=f"m-{name}",
        campaign_id="c",
        customer_key=customer_key(name),
        chunk_id="0000-0000",
        shard=0,
        channel="simulator",
        status="delivered",
        updated_at=NOW,
        sent_at=NOW,
    )


def entry(name: str) -> Entry:
    return Entry(f"m-{name}", True, NOW, 1, "Campaign 1", f"{name}@example.com")


class Scene:
    """Two recipients with delivered messages, consistent everywhere; a test spoils it."""

    def __init__(self) -> None:
        self.rows = {name: row(name) for name in ("a", "b")}
        self.vendor = [entry("a"), entry("b")]
        self.drift = self.corrected = 0
        self.withdrew: set[str] = set()
        self.events = {"m-a": {"delivered"}, "m-b": {"delivered"}}
        self.stats = {
            **{"audience": 2, "pending": 0, "accepted": 0, "delivered": 2},
            **{"failed": 0, "skipped": 0, "unknown": 0},
        }

    def change(self, name: str, **fields: object) -> None:
        self.rows[name] = replace(self.rows[name], **fields)  # type: ignore[arg-type]

    def verdict(self) -> Verdict:
        verdict = Verdict()
        sent = Sent(
            ledger=Ledger(CAMPAIGN, list(self.rows.values()), self.drift, self.corrected),
            addresses={name: f"{name}@example.com" for name in ("a", "b")},
            withdrew=self.withdrew,
            stats=self.stats,
        )
        judge(verdict, sent, self.vendor, lambda entry: self.events.get(entry.message_id, {"delivered"}))
        return verdict


def sends_twice(scene: Scene) -> None:
    scene.vendor.append(replace(entry("a"), message_id="another"))
    scene.rows["c"] = replace(row("a"), message_id="another")


def loses_a_recipient(scene: Scene) -> None:
    del scene.rows["a"]
    del scene.vendor[0]


def sends_without_a_row(scene: Scene) -> None:
    del scene.rows["a"]


def claims_what_the_vendor_never_got(scene: Scene) -> None:
    del scene.vendor[0]


def loses_a_receipt(scene: Scene) -> None:
    scene.change("a", status="accepted")


def loses_a_click(scene: Scene) -> None:
    scene.events["m-a"] = {"delivered", "opened", "clicked"}
    scene.change("a", opened_at=NOW)


def skips_without_a_cause(scene: Scene) -> None:
    scene.change("a", status="skipped", reason="no_consent", sent_at=None)
    del scene.vendor[0]


def counts_wrongly(scene: Scene) -> None:
    scene.drift = 1


def had_to_correct_counters(scene: Scene) -> None:
    scene.corrected = 3


def shows_other_figures(scene: Scene) -> None:
    scene.stats["delivered"] = 1


@pytest.mark.parametrize(
    ("spoil", "found"),
    [
        (sends_twice, "second messages to one recipient"),
        (sends_twice, "second rows of one recipient"),
        (loses_a_recipient, "recipients without a row"),
        (sends_without_a_row, "taken by the vendor, without a row"),
        (claims_what_the_vendor_never_got, "delivered, but never offered to the vendor"),
        (loses_a_receipt, "receipts without effect"),
        (loses_a_click, "receipts without effect"),
        (skips_without_a_cause, "skipped without a cause"),
        (counts_wrongly, "counters off, against the rows"),
        (had_to_correct_counters, "counters that had to be corrected"),
        (shows_other_figures, "figures shown, against the rows"),
    ],
)
def test_each_fault_is_found(spoil: Callable[[Scene], None], found: str) -> None:
    scene = Scene()
    assert scene.verdict().holds

    spoil(scene)
    verdict = scene.verdict()

    assert not verdict.holds
    counters = (verdict.duplicates_by_vendor, verdict.duplicates_by_rows, verdict.losses, verdict.drift)
    assert found in {name for counter in counters for name, number in counter.items() if number}


def test_a_message_retried_on_purpose_is_no_duplicate() -> None:
    scene = Scene()
    scene.change("a", status="retried")
    scene.events["m-a"] = {"failed"}
    scene.rows["again"] = replace(row("a"), message_id="again", retry_round=1)
    scene.vendor.append(replace(entry("a"), message_id="again"))

    assert scene.verdict().holds


def test_an_unknown_outcome_is_reported_with_what_the_vendor_says() -> None:
    scene = Scene()
    scene.change("a", status="unknown", reason="An earlier try may have sent it; then: no_consent")
    scene.stats |= {"unknown": 1, "delivered": 1}

    verdict = scene.verdict()

    assert verdict.holds
    assert verdict.unknown == {"An earlier try may have sent it; then: no_consent (the vendor: accepted)": 1}


def test_records_are_compared_with_the_newest_posted() -> None:
    order = {"order_id": "o", "customer_id": "a", "amount": "2.50", "status": "completed"}
    truth = Truth()
    truth.learn("orders", {**order, "updated_at": "2026-01-02"})
    truth.learn("orders", {**order, "updated_at": "2026-01-01", "amount": "9.00"})
    stored = {"a": {"spend": truth.totals()["a"].spend, "order_count": 1}}

    right, wrong = Verdict(), Verdict()
    judge_records(right, truth, stored, {"o": order})
    judge_records(wrong, truth, {"a": {**stored["a"], "order_count": 2}}, {})

    assert right.holds
    assert (wrong.losses["orders"], wrong.drift["totals, against the orders"]) == (1, 1)
