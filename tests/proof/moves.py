"""The steps that hypothesis chooses from: in any order, repeated, killed anywhere, with answers lost."""

import sys
from datetime import timedelta
from typing import Any

from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from crm.customers.records import CustomerRecord, OrderRecord
from crm.supervision.resolution import RESOLVES
from tests.builders import id_of
from tests.proof.chances import NAMING, anything, at_the_naming, campaigns, people, stops
from tests.proof.player import SENDING, Stops
from tests.proof.stage import Stop
from tests.proof.system import START
from tests.proof.vendor_moves import VendorMoves
from tests.proof.wiring import LEASE
from tests.proof.world import PEOPLE, campaign, customer

spans = st.sampled_from(
    [timedelta(seconds=n) for n in (1, 35, 121, 660)] + [timedelta(hours=n) for n in (25, 73)]
)
ORDERS = ("pause", "pause", "resume", "resume", "resume", "cancel", *sorted(RESOLVES))
RIVALS = ("itself", "itself after news", "another", "the tick")
STAGES = ("draft", "scheduled", "launching", "halfway", "sending", "sending", "sent", "reported", "over")
"""How far the first campaign is when it begins."""


class Delivery(VendorMoves, RuleBasedStateMachine):
    """Up to two campaigns to up to twelve people. Workers that hang may go on at any later step."""

    @initialize(
        count=st.integers(0, PEOPLE),
        stage=st.sampled_from(STAGES),
        rate=st.sampled_from((None, None, 10)),
        hanging_continue=st.booleans(),
        spoken_of=st.integers(1, 3),
    )
    def begin(self, count: int, stage: str, rate: int | None, hanging_continue: bool, spoken_of: int) -> None:
        self.hanging_continue, self.spoken_of = hanging_continue, spoken_of
        self.system.has(*map(customer, range(count + 1)))
        self.system.has(campaign("a", rate=rate), campaign("b"))
        if stage == "scheduled":
            at = START + timedelta(minutes=1)
            self.system.has(campaign("a", rate=rate, status="scheduled", schedule_at=at))
        reached = STAGES.index(stage)
        if reached >= STAGES.index("launching"):
            self.act(self.system.launch("a"))
        if reached >= STAGES.index("halfway"):
            for each in [each for each in self.system.bag.messages if each.topic == "partitions"][:1]:
                self.push(each)
        if reached >= STAGES.index("sending"):
            self.push_all("partitions")
        if reached >= STAGES.index("sent"):
            self.act(self.system.tick())
            self.push_all("chunks")
        if reached >= STAGES.index("reported"):
            for number, name in enumerate(self.system.vendor.accepted[1:]):
                self.tell([name], "failed" if number % 2 else "delivered", 0)
            self.push_all("receipts")
        if stage == "over":
            for _ in range(3):
                self.system.now += timedelta(hours=73)
                self.act(self.system.tick())

    @precondition(lambda self: self._is_any_launchable())
    @rule(name=campaigns, stops=st.one_of(stops, at_the_naming))
    def launch(self, name: str, stops: Stops) -> None:
        self.act(self.system.launch(name), stops)

    @precondition(lambda self: self._is_any_launchable())
    @rule(
        name=campaigns,
        gates=st.one_of(st.integers(2, 16), st.sampled_from(NAMING)),
        swept=st.booleans(),
    )
    def oversleep(self, name: str, gates: int, swept: bool) -> None:
        """A launch hangs for a day, in which the tick runs, and then goes on."""
        before = len(self.hanging)
        self.act(self.system.launch(name), (Stop(gates, "hangs"),))
        if swept:
            self.system.now += timedelta(hours=25)
            self.act(self.system.tick())
        self.go_on_with_all(before)

    @precondition(lambda self: self.system.bag.messages)
    @rule(which=anything, stops=stops, kept=st.booleans())
    def deliver(self, which: int, stops: Stops, kept: bool) -> None:
        """Push any message; with `kept` it is delivered again although it was handled."""
        self.push_one(self.system.bag.messages, which, stops, kept)

    @precondition(lambda self: self.chunks())
    @rule(
        which=anything,
        first=st.builds(Stop, st.integers(2, 9), st.sampled_from(("hangs", "hangs", "away"))),
        then=stops,
        late=st.booleans(),
        meanwhile=st.sampled_from(("nothing", "nothing", "cancel", "change of mind")),
    )
    def overtake(self, which: int, first: Stop, then: Stops, late: bool, meanwhile: str) -> None:
        """While one worker hangs with a chunk, its lease may expire and another worker gets the message
        too."""
        chunks = self.chunks()
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
            self.change_mind(int(id_of(chunk.customer_keys[0]).removeprefix("C-")))
        self.push(message, then)
        self.go_on_with_all(before)

    @precondition(lambda self: self.system.bag.messages)
    @rule(which=anything, other=anything, gates=st.integers(0, 7), against=st.sampled_from(RIVALS))
    def race(self, which: int, other: int, gates: int, against: str) -> None:
        """While a message is being handled, it is pushed again, another is handled, or the tick runs.

        With "news" a customer's reachability has changed when it is pushed again.
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
                self.change_mind(other % PEOPLE)
            self.push(message)
        self.go_on_with_all(before)

    @precondition(lambda self: self.chunks())
    @rule(which=anything)
    def deliver_chunk(self, which: int) -> None:
        self.push_one(self.chunks(), which)

    @precondition(lambda self: self.hanging)
    @rule(which=anything, stops=stops)
    def go_on(self, which: int, stops: Stops) -> None:
        self.go_on_with(which, stops)

    @rule(stops=stops)
    def tick(self, stops: Stops) -> None:
        self.act(self.system.tick(), stops)

    @rule(name=campaigns, what=st.sampled_from(ORDERS), stops=stops)
    def order(self, name: str, what: Any, stops: Stops) -> None:
        """An operator's request."""
        if what in RESOLVES:
            self.act(self.system.resolution(name, what), stops)
        else:
            self.act(getattr(self.system, what)(name), stops)

    @rule(name=campaigns, rate=st.sampled_from((None, 2, 10, 100)), stops=stops)
    def change_rate(self, name: str, rate: int | None, stops: Stops) -> None:
        self.act(self.system.change_rate(name, rate), stops)

    @precondition(lambda self: self._is_any_closed())
    @rule(name=campaigns, what=st.sampled_from(sorted(RESOLVES)), stops=stops)
    def decide(self, name: str, what: Any, stops: Stops) -> None:
        """A resolution of a campaign that is closed; the tick acts on it."""
        self.act(self.system.resolution(name, what), stops)
        self.act(self.system.tick())

    @rule(who=people, consent=st.booleans(), ago=st.integers(0, 60), immediately=st.booleans())
    def ingest(self, who: int, consent: bool, ago: int, immediately: bool) -> None:
        at = self.system.now - timedelta(seconds=ago)
        fields = {
            "customer_id": f"C-{who}",
            "consent": consent,
            "email": f"c{who}@example.com",
            "updated_at": at,
        }
        self.enter([CustomerRecord.model_validate(fields)], immediately)

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
        self.enter([record], immediately=False)

    @rule(who=people, stops=stops)
    def erase(self, who: int, stops: Stops) -> None:
        self.act(self.system.erase(f"C-{who}"), stops)

    @rule(who=people, stops=stops)
    def unsubscribe(self, who: int, stops: Stops) -> None:
        self.act(self.system.unsubscribe(f"C-{who}"), stops)

    @rule(by=spans)
    def advance_the_clock(self, by: timedelta) -> None:
        self.system.now += by

    @rule()
    def replace_the_broker(self) -> None:
        """By an empty one: delivery's requests to itself are lost."""
        kept = [message for message in self.system.bag.messages if message.topic not in SENDING]
        self.system.bag.messages = kept

    @invariant()
    def all_promises_hold(self) -> None:
        self.promises_hold()

    def teardown(self) -> None:
        try:
            if sys.exc_info()[0] is None:
                self.finish_all_work()
        finally:
            self.stage.close()

    def _is_any_launchable(self) -> bool:
        return any(campaign.launched_at is None for campaign in self.system.db.campaigns.values_of())

    def _is_any_closed(self) -> bool:
        campaigns = self.system.db.campaigns.values_of()
        return any(campaign.finished_at is not None for campaign in campaigns)
