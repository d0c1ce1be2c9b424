"""Delivery against everything at once: any order, twice, killed anywhere, answers lost; hypothesis chooses.

`CRM_PROOF_EXAMPLES=5000` runs longer, and each time other examples.
"""

import logging
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from crm.domain.campaigns import Campaign
from crm.domain.campaigns import Message as Text
from crm.domain.customers import Customer
from crm.domain.delivery import REWORKED
from crm.domain.errors import Conflict, Invalid, NotFound, Unavailable
from crm.domain.receipts import Receipt
from crm.domain.records import CustomerRecord, OrderRecord
from tests.proof.outside import REJECTED, Message
from tests.proof.promises import at_the_end
from tests.proof.stage import FAULTS, Broken, Stage, Stop, Worker
from tests.proof.system import LEASE, START, System, Work

PEOPLE = 11
EVERYONE = {"combinator": "and", "rules": [], "all": True}
SENDING = ("launches", "partitions", "chunks")
ROUNDS = 120
"""Ticks within which everything must have come to rest."""

people = st.integers(0, PEOPLE)
anything = st.integers(0, 10_000)
campaigns = st.sampled_from(("a", "a", "a", "b"))
one_stop = st.builds(Stop, st.integers(0, 11), st.sampled_from(FAULTS))
troubles = st.one_of(st.tuples(one_stop), st.tuples(one_stop, one_stop))
stops = st.one_of(st.just(()), troubles)
at_the_vendor = st.builds(Stop, st.sampled_from((6, 7)), st.sampled_from(FAULTS))
"""Before the vendor is asked, and before its answer is here, in the dispatch of a chunk."""
spans = st.sampled_from(
    [timedelta(seconds=n) for n in (1, 35, 121, 660)] + [timedelta(hours=n) for n in (25, 73)]
)
ORDERS = ("pause", "pause", "resume", "resume", "resume", "cancel", *sorted(REWORKED))
RIVALS = ("itself", "itself after news", "another", "the tick")
OF_NOTHING = ("0" * 32, "of no one")
"""Messages that nobody ever sent."""

STAGES = ("draft", "scheduled", "launching", "sending", "sending", "sent", "told", "over")
"""How far the first campaign is when it begins."""

Stops = tuple[Stop, ...]


class Delivery(RuleBasedStateMachine):
    """Up to two campaigns to up to twelve people. Workers that hang may go on at any later step."""

    def __init__(self) -> None:
        super().__init__()
        self.stage = Stage()
        self.system = System()
        self.hanging: list[tuple[Worker, Message | None]] = []
        self.zombies_wake = True
        self.spoken_of = 2

    @initialize(
        count=st.integers(0, PEOPLE),
        stage=st.sampled_from(STAGES),
        rate=st.sampled_from((None, None, 10)),
        zombies_wake=st.booleans(),
        spoken_of=st.integers(1, 3),
    )
    def begin(self, count: int, stage: str, rate: int | None, zombies_wake: bool, spoken_of: int) -> None:
        self.zombies_wake, self.spoken_of = zombies_wake, spoken_of
        self.system.has(*map(customer, range(count + 1)))
        self.system.has(campaign("a", rate=rate), campaign("b"))
        if stage == "scheduled":
            at = START + timedelta(minutes=1)
            self.system.has(campaign("a", rate=rate, status="scheduled", schedule_at=at))
        reached = STAGES.index(stage)
        if reached >= STAGES.index("launching"):
            self.act(self.system.launch("a"))
        if reached >= STAGES.index("sending"):
            self.deliver_all("launches")
            self.deliver_all("partitions")
        if reached >= STAGES.index("sent"):
            self.act(self.system.tick())
            self.deliver_all("chunks")
        if reached >= STAGES.index("told"):
            for number, name in enumerate(self.system.vendor.accepted[1:]):
                self._tell([name], "failed" if number % 2 else "delivered", 0)
            self.deliver_all("receipts")
        if stage == "over":
            for _ in range(3):
                self.system.now += timedelta(hours=73)
                self.act(self.system.tick())

    @precondition(lambda self: self._is_any_launchable())
    @rule(name=campaigns, stops=stops)
    def launch(self, name: str, stops: Stops) -> None:
        self.act(self.system.launch(name), stops)

    @precondition(lambda self: self.system.bag.messages)
    @rule(which=anything, stops=stops, kept=st.booleans())
    def deliver(self, which: int, stops: Stops, kept: bool) -> None:
        """Push any message; one that is kept comes again although it was handled."""
        self._deliver_one(self.system.bag.messages, which, stops, kept)

    @precondition(lambda self: self._chunks())
    @rule(which=anything, stop=at_the_vendor, more=stops, kept=st.booleans())
    def deliver_chunk_in_trouble(self, which: int, stop: Stop, more: Stops, kept: bool) -> None:
        self._deliver_one(self._chunks(), which, (stop, *more), kept)

    @precondition(lambda self: self._chunks())
    @rule(
        which=anything,
        first=st.builds(Stop, st.integers(2, 9), st.sampled_from(("hangs", "hangs", "away"))),
        then=stops,
        late=st.booleans(),
        meanwhile=st.sampled_from(("nothing", "nothing", "cancel", "change of mind")),
    )
    def overtake(self, which: int, first: Stop, then: Stops, late: bool, meanwhile: str) -> None:
        """While one worker hangs over a chunk, its lease may run out and another gets the message too."""
        chunks = self._chunks()
        message = chunks[which % len(chunks)]
        note(f"{message.body}")
        before = len(self.hanging)
        self.push(message, (first,))
        if late:
            self.system.now += LEASE
        name = message.body["campaign_id"]
        if meanwhile == "cancel":
            self.act(self.system.cancel(name))
        if meanwhile == "change of mind":
            chunk = self.system.db.chunks[f"{name}/{message.body['chunk_id']}"].value.chunk
            self.ingest_now(int(chunk.customer_ids[0].removeprefix("C-")))
        self.push(message, then)
        self._wake_all(before)

    @precondition(lambda self: self.system.bag.messages)
    @rule(which=anything, other=anything, gates=st.integers(0, 7), against=st.sampled_from(RIVALS))
    def race(self, which: int, other: int, gates: int, against: str) -> None:
        """In the middle of one message it comes again, another is handled, or the tick runs.

        With news somebody else can be reached than when it came first.
        """
        messages = list(self.system.bag.messages)
        message = messages[which % len(messages)]
        note(f"{message.topic} {message.body}")
        before = len(self.hanging)
        self.push(message, (Stop(gates, "hangs"),))
        if against == "the tick":
            self.act(self.system.tick())
        elif against == "another":
            self.push(messages[other % len(messages)])
        else:
            if against == "itself after news":
                self.ingest_now(other % PEOPLE)
            self.push(message)
        self._wake_all(before)

    @precondition(lambda self: self._chunks())
    @rule(which=anything)
    def deliver_chunk(self, which: int) -> None:
        self._deliver_one(self._chunks(), which)

    @precondition(lambda self: self.hanging)
    @rule(which=anything, stops=stops)
    def go_on(self, which: int, stops: Stops) -> None:
        worker, message = self.hanging.pop(which % len(self.hanging))
        self.stage.go_on(worker, stops)
        self._after(worker, message)

    @rule(stops=stops)
    def tick(self, stops: Stops) -> None:
        self.act(self.system.tick(), stops)

    @rule(name=campaigns, what=st.sampled_from(ORDERS), stops=stops)
    def order(self, name: str, what: Any, stops: Stops) -> None:
        """An operator's word."""
        if what in REWORKED:
            self.act(self.system.rework(name, what), stops)
        else:
            self.act(getattr(self.system, what)(name), stops)

    @precondition(lambda self: self._is_any_closed())
    @rule(name=campaigns, what=st.sampled_from(sorted(REWORKED)), stops=stops)
    def decide(self, name: str, what: Any, stops: Stops) -> None:
        """An operator's word on a campaign that seemed over; the tick acts on it."""
        self.act(self.system.rework(name, what), stops)
        self.act(self.system.tick())

    @precondition(lambda self: self.system.vendor.accepted)
    @rule(
        which=st.lists(anything, min_size=1, max_size=3),
        status=st.sampled_from(("delivered", "delivered", "failed", "opened", "clicked")),
        times=st.integers(1, 3),
        ago=st.integers(-5, 60),
    )
    def report(self, which: list[int], status: Any, times: int, ago: int) -> None:
        """The vendor tells of messages that it took, perhaps before anybody here wrote down that it did."""
        accepted = [*self.system.vendor.accepted, *OF_NOTHING]
        self._tell([accepted[n % len(accepted)] for n in which] * times, status, ago)

    @rule(who=people, consent=st.booleans(), ago=st.integers(0, 60), at_once=st.booleans())
    def ingest(self, who: int, consent: bool, ago: int, at_once: bool) -> None:
        at = self.system.now - timedelta(seconds=ago)
        fields = {
            "customer_id": f"C-{who}",
            "consent": consent,
            "email": f"c{who}@example.com",
            "updated_at": at,
        }
        self._enter([CustomerRecord.model_validate(fields)], at_once)

    @rule(
        which=st.integers(0, 2),
        who=people,
        amount=st.sampled_from((-5, 10, 2000)),
        status=st.sampled_from(("pending", "completed", "refunded")),
        ago=st.integers(0, 60),
    )
    def ingest_order(self, which: int, who: int, amount: int, status: str, ago: int) -> None:
        at = self.system.now - timedelta(seconds=ago)
        fields = {"order_id": f"O-{which}", "customer_id": f"C-{who}", "amount": amount, "status": status}
        record = OrderRecord.model_validate({**fields, "placed_at": at, "updated_at": at})
        self._enter([record], at_once=False)

    @rule(who=people, stops=stops)
    def erase(self, who: int, stops: Stops) -> None:
        self.act(self.system.erase(f"C-{who}"), stops)

    @rule(by=spans)
    def advance_the_clock(self, by: timedelta) -> None:
        self.system.now += by

    @rule()
    def replace_the_broker(self) -> None:
        """By an empty one: what delivery had asked itself for is forgotten."""
        kept = [message for message in self.system.bag.messages if message.topic not in SENDING]
        self.system.bag.messages = kept

    @invariant()
    def promises_hold(self) -> None:
        self.system.witness.look()
        assert not self.system.witness.broken, "\n".join(self.system.witness.broken)

    def teardown(self) -> None:
        try:
            if sys.exc_info()[0] is None:
                self._come_to_rest()
        finally:
            self.stage.close()

    def _come_to_rest(self) -> None:
        """Repair everything and let it run: now nothing may be missing."""
        if self.zombies_wake:
            self._wake_all()
        self.promises_hold()
        for turn in range(ROUNDS):
            self.deliver_all(*SENDING, "records", "receipts")
            self._report_the_rest()
            self.act(self.system.tick())
            self.promises_hold()
            if not list(at_the_end(self.system.db, self.system.vendor)) and not self.system.bag.messages:
                return
            for name, stored in self.system.db.campaigns.items():
                if stored.value.status == "paused":
                    self.act(self.system.resume(name))
            self.system.now += timedelta(hours=73) if turn % 20 == 19 else timedelta(seconds=130)
        raise AssertionError(
            "\n".join(at_the_end(self.system.db, self.system.vendor)) or f"{self.system.bag.messages}"
        )

    def _wake_all(self, since: int = 0) -> None:
        waking, self.hanging[since:] = self.hanging[since:], []
        for worker, message in waking:
            self.stage.go_on(worker)
            self._after(worker, message)

    def _report_the_rest(self) -> None:
        """Of every message but each `spoken_of`-th the vendor tells what became of it."""
        waiting = [
            name
            for number, name in enumerate(self.system.vendor.accepted)
            if number % (self.spoken_of + 1) and name in self.system.db.rows
        ]
        news = [name for name in waiting if self.system.db.rows[name].value.status in ("accepted", "unknown")]
        if news:
            self._tell(news, "delivered", 0)

    def ingest_now(self, who: int) -> None:
        """Let somebody be reached who could not be, or the other way round."""
        name = f"C-{who}"
        fields = {"customer_id": name, "email": f"c{who}@example.com", "updated_at": self.system.now}
        consent = name in self.system.people.unreachable or name not in self.system.db.customers
        self._enter([CustomerRecord.model_validate({**fields, "consent": consent})], at_once=True)

    def _chunks(self) -> list[Message]:
        return [message for message in self.system.bag.messages if message.topic == "chunks"]

    def _is_any_launchable(self) -> bool:
        return any(campaign.launched_at is None for campaign in self.system.db.campaigns.values_of())

    def _is_any_closed(self) -> bool:
        campaigns = self.system.db.campaigns.values_of()
        return any(campaign.finished_at is not None for campaign in campaigns)

    def _deliver_one(self, among: list[Message], which: int, stops: Stops = (), kept: bool = False) -> None:
        message = among[which % len(among)]
        note(f"{message.topic} {message.body}")
        self.push(message, stops, kept)

    def _enter(self, records: list[CustomerRecord | OrderRecord], at_once: bool) -> None:
        self.system.bag.put("records", records)
        if at_once:
            self.push(self.system.bag.messages[-1])

    def _tell(self, names: list[str], status: Any, ago: int) -> None:
        at = self.system.now - timedelta(seconds=ago)
        if status == "failed":
            self.system.witness.told_failed.update(names)
        self.system.bag.put(
            "receipts", [Receipt(message_id=name, status=status, occurred_at=at) for name in names]
        )

    def deliver_all(self, *topics: str) -> None:
        for message in [each for each in self.system.bag.messages if each.topic in topics]:
            self.push(message)

    def push(self, message: Message, stops: Stops = (), kept: bool = False) -> None:
        self._start(lambda: self.system.handle(message), stops, message, kept)

    def act(self, work: Work, stops: Stops = ()) -> None:
        """Do what an operator or the scheduler asks for, who is told what is wrong."""
        self._start(lambda: work, stops, None)

    def _start(
        self, work: Callable[[], Work], stops: Stops, message: Message | None, kept: bool = False
    ) -> None:
        worker = self.stage.start(work, stops)
        self._after(worker, None if kept and worker.is_over else message, is_push=message is not None)

    def _after(self, worker: Worker, message: Message | None, is_push: bool | None = None) -> None:
        """A handled message is acknowledged; any other comes again."""
        is_push = message is not None if is_push is None else is_push
        if not worker.is_over:
            if not worker.is_killed:
                self.hanging.append((worker, message))
            return
        allowed = (Unavailable, Broken) if is_push else (Unavailable, Broken, Conflict, Invalid, NotFound)
        if worker.outcome is None:
            if message is not None:
                self.system.bag.acknowledge(message)
        elif not isinstance(worker.outcome, allowed):
            raise worker.outcome


def customer(number: int) -> Customer:
    """The second refuses, the third has no address, the vendor rejects the fourth."""
    email = {2: None, 3: f"{REJECTED}example.com"}.get(number, f"c{number}@example.com")
    return Customer(customer_id=f"C-{number}", known=True, email=email, consent=number != 1, version=1)


def campaign(name: str, **fields: Any) -> Campaign:
    plain = Campaign(
        campaign_id=name,
        name=name,
        status="draft",
        channel="simulator",
        message=Text(body=name + "/{{ customer.customer_id }}"),
        rules=EVERYONE,
        created_at=START,
        created_by="someone",
    )
    return replace(plain, **fields)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sizes that make several of everything, no waiting between attempts, and no log."""
    sizes = {
        "crm.domain.freezing": {"CHUNK_SIZE": 2, "PARTITION_SIZE": 3},
        "crm.usecases.rework": {"CHUNK_SIZE": 2, "COMMITS": 2},
        "crm.usecases.tick": {"CHUNK_SIZE": 2, "CHUNKS": 3, "SILENT_ROWS": 2, "SILENT_COMMITS": 2},
        "crm.usecases.apply_receipts": {"COMMIT_SIZE": 2, "PAUSE": 0},
    }
    for module, values in sizes.items():
        for name, value in values.items():
            monkeypatch.setattr(f"{module}.{name}", value)
    monkeypatch.setattr(logging.root.manager, "disable", logging.CRITICAL)


def test_nothing_is_sent_twice_or_lost_whatever_happens(small: None) -> None:
    examples = int(os.environ.get("CRM_PROOF_EXAMPLES", "0"))
    run_state_machine_as_test(
        Delivery,
        settings=settings(
            max_examples=examples or 200,
            stateful_step_count=50 if examples else 25,
            derandomize=not examples,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
