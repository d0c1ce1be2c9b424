"""The promises: what must hold after every commit, and what must hold once all work is finished."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from crm.campaigns.campaign import COUNT_NAMES, EVERYONE, Campaign
from crm.customers.customer_key import customer_key
from crm.customers.order import totals
from crm.customers.reach import unreachable_reason
from crm.delivery.chunk import Chunk
from crm.delivery.log import LogRow
from crm.delivery.message_ids import message_id
from crm.delivery.receipts import Receipt
from tests.builders import id_of
from tests.proof.memory import Database
from tests.proof.outside import Vendor

MOVES = {
    "accepted": {"delivered", "failed", "unknown"},
    "unknown": {"accepted", "delivered", "failed", "retried"},
    "delivered": {"failed"},
    "failed": {"retried"},
    "skipped": set[str](),
    "retried": set[str](),
}
"""The statuses that may follow each status. Only a marketer's decision leads from `unknown` to `accepted`."""

CLOSED = ("draft", "missed", "finished", "cancelled", "needs_attention")


@dataclass(frozen=True)
class Everyone:
    """The audience of a launch to all customers: the keys of the reachable, how many match, and why
    others are excluded."""

    reachable: list[str]
    matched: int | None
    excluded: dict[str, int]

    @classmethod
    def of(cls, db: Database) -> "Everyone":
        known = [each for each in db.customers.values_of() if each.known and each.erased_at is None]
        reasons = {customer_key(each.customer_id): unreachable_reason(each, "simulator") for each in known}
        excluded = Counter(str(reason) for reason in reasons.values() if reason is not None)
        reachable = sorted(name for name, reason in reasons.items() if reason is None)
        return cls(reachable, len(known), dict(excluded))


@dataclass
class Witness:
    """Compares the database after each commit with that after the one before, and notes broken promises.

    `reported_failed` are messages that the vendor reported as failed, `reports` the statuses of acknowledged
    receipts by message.
    """

    db: Database
    vendor: Vendor
    reported_failed: set[str] = field(default_factory=set)
    reports: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    broken: dict[str, None] = field(default_factory=dict)
    _audiences: dict[int, "Everyone"] = field(default_factory=dict)
    _rows: dict[str, LogRow] = field(default_factory=dict)
    _chunks: dict[str, Chunk] = field(default_factory=dict)
    _campaigns: dict[str, Campaign] = field(default_factory=dict)

    def acknowledged(self, receipts: Iterable[Receipt]) -> None:
        """Note receipts that were acknowledged, so they are not delivered again."""
        for receipt in receipts:
            self.reports[receipt.message_id].add(receipt.status)

    def look(self) -> None:
        """Note every promise that does not hold now."""
        for finding in (
            *self._histories(),
            *self._campaigns_add_up(),
            *self._messages(),
            *self._people(),
            *self._frozen_from_one_snapshot(),
            *self.vendor.wrongs,
        ):
            self.broken[finding] = None

    def _histories(self) -> Iterator[str]:
        rows = {name: stored.value for name, stored in self.db.rows.items()}
        for name, before in self._rows.items():
            after = rows.get(name)
            if after is None:
                yield f"the row of {id_of(before.customer_key)} is gone"
            elif after.status != before.status and after.status not in MOVES[before.status]:
                yield f"the row of {id_of(before.customer_key)} moved from {before.status} to {after.status}"
        chunks = {name: stored.value.chunk for name, stored in self.db.chunks.items()}
        for name, chunk in self._chunks.items():
            if name not in chunks:
                if self._campaigns[chunk.campaign_id].audience is not None:
                    yield f"chunk {name} was frozen, and is gone"
            elif chunks[name].customer_keys != chunk.customer_keys:
                yield f"chunk {name} was frozen, and holds others now"
            elif chunk.state == "done" and chunks[name].state != "done":
                yield f"chunk {name} was done, and is not"
        campaigns = {name: stored.value for name, stored in self.db.campaigns.items()}
        for name, old in self._campaigns.items():
            new = campaigns[name]
            if new.status in ("paused", "cancelled"):
                self.vendor.stopped.setdefault(name, self.db.commits)
            else:
                self.vendor.stopped.pop(name, None)
            if old.status == "cancelled" and new.status != "cancelled":
                yield f"{name} was cancelled, and is {new.status}"
            for once in ("frozen_at", "frozen_list", "audience", "partitions", "matched", "excluded"):
                if getattr(old, once) and getattr(new, once) != getattr(old, once):
                    yield f"{once} of {name} changed"
        self._rows, self._chunks, self._campaigns = rows, chunks, campaigns

    def _campaigns_add_up(self) -> Iterator[str]:
        rows, chunks = rows_by_campaign(self.db), chunks_by_campaign(self.db)
        for campaign in self.db.campaigns.values_of():
            name = campaign.campaign_id
            yield from self._counters(name, rows[name])
            counting = [row.customer_key for row in rows[name] if row.status != "retried"]
            if campaign.audience is None:
                if rows[name]:
                    yield f"{name} has rows before its audience is counted"
                continue
            waiting = [
                each for chunk in chunks[name] if chunk.state == "pending" for each in chunk.customer_keys
            ]
            pending = campaign.audience - len(counting)
            if pending != len(waiting):
                yield f"{name} has {pending} pending, and {len(waiting)} recipients in open chunks"
            twice = [each for each, times in Counter(counting + waiting).items() if times > 1]
            if twice:
                yield f"{name} counts {twice} more than once"
            first = [each for chunk in chunks[name] if not chunk.retry_round for each in chunk.customer_keys]
            if sorted(first) != sorted(counting + waiting):
                yield f"{name} has other recipients than it froze"

    def _frozen_from_one_snapshot(self) -> Iterator[str]:
        """The recipients are all customers reachable at some commit while the campaign was launched."""
        self._audiences[self.db.commits] = Everyone.of(self.db)
        chunks = chunks_by_campaign(self.db)
        for campaign in self.db.campaigns.values_of():
            if campaign.audience is None:
                continue
            name = campaign.campaign_id
            frozen = sorted(each for c in chunks[name] if not c.retry_round for each in c.customer_keys)
            began, ended = self.db.launches[name]
            audience = Everyone(frozen, campaign.matched, dict(campaign.excluded))
            if not any(self._audiences.get(at) == audience for at in range(began, ended + 1)):
                yield f"{name} was frozen with {audience}, which was never the audience while it was launched"
            if campaign.audience != len(frozen):
                yield f"{name} has an audience of {campaign.audience}, and {len(frozen)} were frozen"

    def _counters(self, campaign_id: str, rows: Iterable[LogRow]) -> Iterator[str]:
        by_shard: dict[int, Counter[tuple[str, str]]] = defaultdict(Counter)
        for row in rows:
            by_shard[row.shard].update(_counted(row))
        said = self.db.counters.get(campaign_id, {})
        for shard in by_shard.keys() | said.keys():
            counted = {
                (group, name): getattr(counts, name)
                for group, counts in said.get(shard, {}).items()
                for name in COUNT_NAMES
                if getattr(counts, name)
            }
            if counted != dict(by_shard[shard]):
                yield f"counter {shard} of {campaign_id} says {counted}, and its rows {dict(by_shard[shard])}"

    def _messages(self) -> Iterator[str]:
        chunks = {name: stored.value.chunk for name, stored in self.db.chunks.items()}
        retried: Counter[tuple[str, str]] = Counter()
        for name, stored in self.db.rows.items():
            row = stored.value
            retried[row.campaign_id, row.customer_key] += row.status == "retried"
            chunk = chunks.get(f"{row.campaign_id}/{row.chunk_id}")
            if chunk is None or row.customer_key not in chunk.customer_keys or chunk.state != "done":
                yield f"the row of {id_of(row.customer_key)} is of no chunk that is done"
            entry = self.vendor.ledger.get(name)
            is_taken = entry is not None and entry.verdict.status == "accepted"
            if is_taken and row.status == "skipped":
                yield f"{id_of(row.customer_key)} is skipped, and the vendor took the message"
            if is_taken and row.status == "failed" and name not in self.reported_failed:
                yield f"{id_of(row.customer_key)} is failed, and the vendor took it and never said so"
            is_trusted = self.db.campaigns[row.campaign_id].value.assume_delivered
            if row.status in ("delivered", "accepted") and not is_taken and not is_trusted:
                yield f"{id_of(row.customer_key)} is {row.status}, and the vendor does not have the message"
        taken: Counter[tuple[str, str]] = Counter()
        for name in self.vendor.accepted:
            entry = self.vendor.ledger[name]
            taken[entry.campaign_id, customer_key(entry.customer_id)] += 1
            if name not in self.db.rows and not _is_remembered(name, chunks.values()):
                yield f"the vendor took a message to {entry.customer_id} without any trace here"
        for (campaign_id, key), times in taken.items():
            if times > 1 + retried[campaign_id, key]:
                yield f"{id_of(key)} got {times} messages of {campaign_id}"

    def _people(self) -> Iterator[str]:
        for customer in self.db.customers.values_of():
            orders = [o for o in self.db.orders.values_of() if o.customer_id == customer.customer_id]
            if customer.totals != totals(orders):
                yield f"the totals of {customer.customer_id} are not those of their orders"
            if customer.erased_at is not None and (orders or customer.email or customer.name):
                yield f"{customer.customer_id} is erased, and not everything is gone"


def at_the_end(db: Database, vendor: Vendor, witness: Witness) -> Iterator[str]:
    """Promises that do not hold although all faults have ended and the tick has run often enough."""
    rows, chunks = rows_by_campaign(db), chunks_by_campaign(db)
    for campaign in db.campaigns.values_of():
        name = campaign.campaign_id
        if campaign.status not in CLOSED:
            yield f"{name} is still {campaign.status}: {campaign}"
        if campaign.audience is None and chunks[name]:
            yield f"{name} was cancelled before it was frozen, and has chunks"
        if campaign.launched_at is None or campaign.audience is None:
            continue
        statuses = Counter(row.status for row in rows[name])
        if any(chunk.state == "pending" for chunk in chunks[name]):
            yield f"{name} is {campaign.status}, and recipients are pending"
        if campaign.finished_at is None or campaign.resolution is not None:
            yield f"{name} is {campaign.status}, and not finished"
        if statuses["accepted"] and not campaign.assume_delivered:
            yield f"{name} is {campaign.status}, and receipts may come"
        if campaign.status == "finished" and statuses["unknown"]:
            yield f"{name} is finished, and some are unknown"
        if campaign.status == "needs_attention" and not statuses["unknown"]:
            yield f"{name} needs attention for nothing"
        if (campaign.note or "").partition(" ")[0] != str(statuses["unknown"] or ""):
            yield f"{name} notes {campaign.note}, and {statuses['unknown']} are unknown"
        frozen = sorted(each for c in chunks[name] if not c.retry_round for each in c.customer_keys)
        written = sorted(row.customer_key for row in rows[name] if row.status != "retried")
        if frozen != written:
            yield f"of {name} {frozen} were frozen, and {written} have a row"
    for name in {*db.lists, *(part.rpartition("/")[0] for part in db.parts)}:
        yield f"{name} is a frozen list that is not needed"
    for message, reports in witness.reports.items():
        if message in db.rows:
            yield from _receipts_not_applied(db.rows[message].value, reports)
    for message in vendor.accepted:
        if message not in db.rows:
            yield f"the vendor took {message}, which has no row"
        elif message in db.unmatched:
            yield f"receipts of {message} wait for a row that is there"


def _receipts_not_applied(row: LogRow, reports: set[str]) -> Iterator[str]:
    """What receipts reported of a message and its row does not show."""
    if row.status in ("skipped", "retried"):
        return
    status = "failed" if "failed" in reports else "delivered"
    if row.status != status and not (row.status == "failed" and row.sent_at is None):
        yield f"{id_of(row.customer_key)} is {row.status}, and receipts said {sorted(reports)}"
    if ("opened" in reports) != (row.opened_at is not None):
        yield f"{id_of(row.customer_key)} has opened at {row.opened_at}, and receipts said {sorted(reports)}"


def rows_by_campaign(db: Database) -> defaultdict[str, list[LogRow]]:
    found: defaultdict[str, list[LogRow]] = defaultdict(list)
    for row in db.rows.values_of():
        found[row.campaign_id].append(row)
    return found


def chunks_by_campaign(db: Database) -> defaultdict[str, list[Chunk]]:
    found: defaultdict[str, list[Chunk]] = defaultdict(list)
    for work in db.chunks.values_of():
        found[work.chunk.campaign_id].append(work.chunk)
    return found


def _is_remembered(message: str, chunks: Iterable[Chunk]) -> bool:
    """Whether an open chunk records that this message was possibly sent."""
    return any(
        chunk.state == "pending"
        and chunk.possibly_sent
        and message
        in {message_id(chunk.campaign_id, each, chunk.retry_round) for each in chunk.customer_keys}
        for chunk in chunks
    )


def _counted(row: LogRow) -> Iterator[tuple[str, str]]:
    """The groups and names that a row counts for, written independently of the code that counts."""
    if row.status == "retried":
        return
    for group in (EVERYONE, *row.cohorts):
        yield group, row.status
        if row.status == "delivered" and row.opened_at is not None:
            yield group, "opened"
        if row.status == "delivered" and row.clicked_at is not None:
            yield group, "clicked"
