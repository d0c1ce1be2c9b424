"""A vendor's faults: no answer, refusals, messages left out, unavailability, early receipts."""

from datetime import timedelta
from typing import Any

from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.builders import id_of
from tests.proof.chances import VENDOR, anything, at_the_vendor, people, stops
from tests.proof.outside import Message
from tests.proof.player import Player, Stops
from tests.proof.stage import Stop
from tests.proof.wiring import LEASE

OF_NOTHING = ("0" * 32, "of no one")
"""Messages that were never sent."""

REPORTS = ("delivered", "failed", "opened", "clicked")


class VendorMoves(Player):
    """The vendor's part of the machine."""

    @precondition(lambda self: self.chunks())
    @rule(which=anything, stop=at_the_vendor, more=stops, kept=st.booleans())
    def deliver_chunk_in_trouble(self, which: int, stop: Stop, more: Stops, kept: bool) -> None:
        self.push_one(self.chunks(), which, (stop, *more), kept)

    @precondition(lambda self: self.chunks())
    @rule(which=anything, refusals=st.integers(1, 3), meanwhile=st.booleans())
    def refuse_after_a_lost_answer(self, which: int, refusals: int, meanwhile: bool) -> None:
        """The vendor took a chunk and its answer was lost; it refuses the repeated call, also by halves."""
        message = self._some_chunk(which)
        self.push(message, (Stop(VENDOR + 1, "away"),))
        if meanwhile:
            self.system.now += LEASE
        self.push(message, (Stop(VENDOR, "refused"), *[Stop(0, "refused")] * (refusals - 1)))

    @precondition(lambda self: self.chunks())
    @rule(which=anything, who=people, then=stops)
    def leave_out_or_go_away(self, which: int, who: int, then: Stops) -> None:
        """The answer leaves a message out, or the vendor becomes unavailable between the halves of a refused
        batch; a customer's reachability changes before the next attempt."""
        message = self._some_chunk(which)
        fault = (Stop(VENDOR + 1, "refused"),) if who % 2 else (Stop(VENDOR, "refused"), Stop(2, "away"))
        self.push(message, fault)
        chunk = self.system.db.chunks[f"{message.body['campaign_id']}/{message.body['chunk_id']}"].value.chunk
        self.change_mind(int(id_of(chunk.customer_keys[0]).removeprefix("C-")))
        self.push(message, then)

    @precondition(lambda self: self.chunks())
    @rule(which=anything, status=st.sampled_from(("delivered", "failed")), days=st.integers(0, 1))
    def report_before_it_is_written(self, which: int, status: Any, days: int) -> None:
        """The vendor reports a chunk whose worker was killed before it could record that it was sent."""
        known = set(self.system.vendor.accepted)
        self.push(self._some_chunk(which), (Stop(VENDOR + 1, "killed"),))
        self.tell([name for name in self.system.vendor.accepted if name not in known], status)
        self.push_all("receipts")
        if days:
            self.system.now += timedelta(hours=25)
            self.act(self.system.tick())

    @precondition(lambda self: self.system.vendor.accepted)
    @rule(
        which=st.lists(anything, min_size=1, max_size=3),
        status=st.sampled_from(("delivered", *REPORTS)),
        times=st.integers(1, 3),
        ago=st.integers(-5, 60),
    )
    def report(self, which: list[int], status: Any, times: int, ago: int) -> None:
        """The vendor reports messages that it took, possibly before that is recorded here."""
        accepted = [*self.system.vendor.accepted, *OF_NOTHING]
        self.tell([accepted[n % len(accepted)] for n in which] * times, status, ago)

    @precondition(lambda self: self.system.vendor.accepted)
    @rule(which=anything, gates=st.integers(1, 3), statuses=st.permutations(REPORTS))
    def race_receipts(self, which: int, gates: int, statuses: list[Any]) -> None:
        """Two receipts of one message are applied concurrently."""
        accepted = self.system.vendor.accepted
        before = len(self.hanging)
        first, second, *_ = statuses
        for status in (first, second):
            self.tell([accepted[which % len(accepted)]], status)
        one, other = self.system.bag.messages[-2:]
        self.push(one, (Stop(gates, "hangs"),))
        self.push(other)
        self.go_on_with_all(before)

    def _some_chunk(self, which: int) -> Message:
        chunks = self.chunks()
        note(f"{chunks[which % len(chunks)].body}")
        return chunks[which % len(chunks)]
