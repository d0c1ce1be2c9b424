"""All deliberate breaks by name. Each patches one thing that delivery's promises depend on."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

from crm.delivery.message_ids import message_id
from tests.proof import memory
from tests.proof.breaks import sending, storing


@dataclass(frozen=True, slots=True)
class Break:
    """`what` is broken by `applied()`. `excuse` says why the machine need not notice."""

    what: str
    applied: Callable[[], AbstractContextManager[Any]]
    excuse: str | None = None


def _swap(place: str, value: Any) -> Callable[[], AbstractContextManager[Any]]:
    return lambda: patch(place, value)


_CHUNKS = "tests.proof.memory.ChunkLeases"

CONTROL = "nothing"

BREAKS: Mapping[str, Break] = {
    CONTROL: Break("nothing (control)", nullcontext, "as expected"),
    "release-as-not-sent": Break(
        "a chunk whose answer was lost is released as certainly not sent",
        _swap("crm.delivery.usecases.dispatch.Dispatch._release", sending.released_as_not_sent),
    ),
    "claim-as-not-sent": Break(
        "a claim does not record that messages may be sent from now on",
        _swap(f"{_CHUNKS}.claim", sending.claim_as_not_sent),
    ),
    "possibly-sent-is-skipped": Break(
        "a recipient who gets nothing now is skipped, though an earlier attempt may have sent it",
        _swap("crm.delivery.plan.as_possibly_sent", lambda row: row),
    ),
    "refused-is-failed": Break(
        "refused after a lost answer is failed",
        _swap("crm.delivery.usecases.dispatch.row_after_send", sending.row_as_not_sent_before),
    ),
    "left-out-is-failed": Break(
        "a message that the vendor's answer left out is failed",
        _swap("crm.delivery.usecases.dispatch.row_after_send", sending.row_failed_where_left_out),
    ),
    "half-is-nothing": Break(
        "the vendor becomes unavailable after half of a refused batch, and that counts as nothing taken",
        _swap("crm.delivery.usecases.hand_over._send_in_halves", sending.send_halves_as_one),
    ),
    "new-ids": Break("a message has a new id at each attempt", sending.ids_that_differ_each_time),
    "no-consent-check": Break(
        "consent is not checked when sending",
        _swap("crm.delivery.plan.unreachable_reason", lambda customer, channel: None),
    ),
    "stopped-sends": Break(
        "a paused or cancelled campaign goes on sending",
        _swap("tests.proof.memory.Campaigns.get", sending.status_blind(memory.Campaigns.get)),
    ),
    "no-lease": Break(
        "a chunk is claimed although another worker holds it",
        _swap(f"{_CHUNKS}.claim", sending.claim_in_spite_of_a_lease),
    ),
    "finish-without-lease": Break(
        "a worker that lost its lease finishes the chunk",
        _swap(f"{_CHUNKS}.finish", sending.finish(False, True, 1)),
        "rare: consent has to be withdrawn and given again between two workers; "
        "`tests/delivery/store/test_chunk_leases.py` notices",
    ),
    "rows-overwritten": Break(
        "a chunk is finished twice, over its rows",
        _swap(f"{_CHUNKS}.finish", sending.finish(False, False, 1)),
    ),
    "count-twice": Break("a row counts twice", _swap(f"{_CHUNKS}.finish", sending.finish(True, True, 2))),
    "count-never": Break("a row is not counted", _swap(f"{_CHUNKS}.finish", sending.finish(True, True, 0))),
    "two-commits": Break(
        "a chunk is done in one commit and has its rows in the next",
        _swap(f"{_CHUNKS}.finish", sending.finish(True, True, 1, in_one_commit=False)),
    ),
    "audience-of-today": Break(
        "a part of the audience is evaluated when its chunks are made",
        _swap("tests.proof.lists.Lists.part", storing.part_of_today),
    ),
    "part-stays": Break(
        "chunks are made and the part stays on the list",
        _swap("tests.proof.lists.Audiences.freeze", storing.freeze_and_leave_the_part),
    ),
    "unguarded-campaign": Break(
        "a campaign's status is changed without comparing",
        _swap("tests.proof.memory.Campaigns.transition", storing.transition(compares=False)),
    ),
    "tidy-launch": Break(
        "a launch that gets a conflict drops its list",
        _swap("crm.campaigns.usecases.launch.Launch.__call__", storing.launch_that_tidies_up),
    ),
    "sweep-too-much": Break(
        "the sweep drops lists that are needed",
        _swap("crm.supervision.usecases.sweep_frozen_lists.is_needed", lambda *_: False),
    ),
    "dropped-list": Break(
        "a launch names a list that the sweep has dropped",
        _swap("tests.proof.memory.Campaigns.transition", storing.transition(compares=True)),
    ),
    "chunks-of-the-cancelled": Break(
        "a campaign cancelled while launching keeps its chunks",
        _swap("tests.proof.lists.Audiences.discard", storing.no_discard),
    ),
    "regress": Break(
        "a later delivery takes back a failure",
        _swap("crm.delivery.receipts._RANK", {"unknown": 0, "accepted": 1, "failed": 2, "delivered": 3}),
    ),
    "lost-unmatched": Break(
        "receipts without a row are dropped",
        _swap("crm.delivery.usecases.apply_receipts.settle", storing.nothing_is_unmatched),
    ),
    "no-last-look": Break(
        "a silent row becomes unknown without a last look for unmatched receipts",
        _swap("crm.supervision.usecases.expire_silent.ExpireSilent._last_look", storing.no_last_look),
        "corrected later: receipts in quarantine are looked at again, and move the row then",
    ),
    "rows-without-versions": Break(
        "receipts overwrite a row that has changed since",
        _swap("tests.proof.ledgers.Receipts.commit", storing.rows_without_versions),
    ),
    "retried-counts": Break(
        "a row that was replaced still counts as failed",
        _swap("crm.delivery.row_changes.movement", storing.retried_counts),
    ),
    "same-round": Break(
        "a retried message has its old id",
        _swap("crm.delivery.plan.message_id", lambda *names: message_id(*names[:2])),
    ),
    "void": Break(
        "the broker loses every message and the tick does not publish it again",
        _swap("tests.proof.outside.Bag.publish", storing.publish_into_the_void),
    ),
    "closed-too-early": Break(
        "a campaign is finished while recipients are pending",
        _swap("crm.supervision.usecases.advance.closing", storing.closed_too_early),
    ),
    "orders-alone": Break(
        "orders are stored in one commit and totals in the next",
        _swap("tests.proof.people.People.commit", storing.commit_orders_alone),
    ),
}
