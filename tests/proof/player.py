"""Who makes things happen: pushes messages, lets the vendor tell, wakes who hangs; looks at promises."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from hypothesis import note

from crm.customers.records import CustomerRecord, OrderRecord
from crm.delivery.receipts import Receipt
from crm.kernel.errors import Conflict, Invalid, NotFound, Unavailable
from tests.proof.outside import Message
from tests.proof.promises import at_the_end
from tests.proof.stage import Broken, Stage, Stop, Worker
from tests.proof.system import System, Work

SENDING = ("launches", "partitions", "chunks")
ROUNDS = 120
"""Ticks within which everything must have come to rest."""

Stops = tuple[Stop, ...]


class Player:
    """A system and its workers. Those that hang may go on at any later step."""

    def __init__(self) -> None:
        super().__init__()
        self.stage = Stage()
        self.system = System()
        self.hanging: list[tuple[Worker, Message | None]] = []
        self.zombies_wake = True
        self.spoken_of = 2

    def act(self, work: Work, stops: Stops = ()) -> None:
        """Do what an operator or the scheduler asks for, who is told what is wrong."""
        self._start(lambda: work, stops, None)

    def push(self, message: Message, stops: Stops = (), kept: bool = False) -> None:
        """Let a function handle a message; one that is kept comes again although it was handled."""
        self._start(lambda: self.system.handle(message), stops, message, kept)

    def push_one(self, among: list[Message], which: int, stops: Stops = (), kept: bool = False) -> None:
        message = among[which % len(among)]
        note(f"{message.topic} {message.body}")
        self.push(message, stops, kept)

    def push_all(self, *topics: str) -> None:
        for message in [each for each in self.system.bag.messages if each.topic in topics]:
            self.push(message)

    def wake(self, which: int, stops: Stops = ()) -> None:
        """Let one that hangs go on."""
        worker, message = self.hanging.pop(which % len(self.hanging))
        self.stage.go_on(worker, stops)
        self._after(worker, message)

    def wake_all(self, since: int = 0) -> None:
        while len(self.hanging) > since:
            self.wake(since)

    def enter(self, records: list[CustomerRecord | OrderRecord], at_once: bool) -> None:
        """What the shop tells."""
        self.system.bag.put("records", records)
        if at_once:
            self.push(self.system.bag.messages[-1])

    def change_mind(self, who: int) -> None:
        """Let somebody be reached who could not be, or the other way round."""
        name = f"C-{who}"
        fields = {"customer_id": name, "email": f"c{who}@example.com", "updated_at": self.system.now}
        consent = name in self.system.people.unreachable or name not in self.system.db.customers
        self.enter([CustomerRecord.model_validate({**fields, "consent": consent})], at_once=True)

    def tell(self, names: list[str], status: Any, ago: int = 0) -> None:
        """What the vendor tells."""
        at = self.system.now - timedelta(seconds=ago)
        if status == "failed":
            self.system.witness.told_failed.update(names)
        receipts = [Receipt(message_id=name, status=status, occurred_at=at) for name in names]
        self.system.bag.put("receipts", receipts)

    def chunks(self) -> list[Message]:
        """The messages of chunks that wait."""
        return [message for message in self.system.bag.messages if message.topic == "chunks"]

    def promises_hold(self) -> None:
        self.system.witness.look()
        assert not self.system.witness.broken, "\n".join(self.system.witness.broken)

    def come_to_rest(self) -> None:
        """Repair everything and let it run: now nothing may be missing."""
        if self.zombies_wake:
            self.wake_all()
        self.promises_hold()
        for turn in range(ROUNDS):
            self.push_all(*SENDING, "records", "receipts")
            self._tell_the_rest()
            self.act(self.system.tick())
            self.promises_hold()
            if not self._unfinished() and not self.system.bag.messages:
                return
            for name, stored in self.system.db.campaigns.items():
                if stored.value.status == "paused":
                    self.act(self.system.resume(name))
            self.system.now += timedelta(hours=73) if turn % 20 == 19 else timedelta(seconds=130)
        raise AssertionError("\n".join(self._unfinished()) or f"{self.system.bag.messages}")

    def _unfinished(self) -> list[str]:
        return list(at_the_end(self.system.db, self.system.vendor, self.system.witness))

    def _tell_the_rest(self) -> None:
        """Of every message but each `spoken_of`-th the vendor tells what became of it."""
        waiting = [
            name
            for number, name in enumerate(self.system.vendor.accepted)
            if number % (self.spoken_of + 1) and name in self.system.db.rows
        ]
        news = [name for name in waiting if self.system.db.rows[name].value.status in ("accepted", "unknown")]
        if news:
            self.tell(news, "delivered")

    def _start(
        self, work: Callable[[], Work], stops: Stops, message: Message | None, kept: bool = False
    ) -> None:
        worker = self.stage.start(work, stops)
        self._after(worker, message, kept, is_push=message is not None)

    def _after(
        self, worker: Worker, message: Message | None, kept: bool = False, is_push: bool | None = None
    ) -> None:
        """A handled message is acknowledged, unless it is kept; any other comes again."""
        is_push = message is not None if is_push is None else is_push
        if not worker.is_over:
            if not worker.is_killed:
                self.hanging.append((worker, message))
            return
        allowed = (Unavailable, Broken) if is_push else (Unavailable, Broken, Conflict, Invalid, NotFound)
        if worker.outcome is None:
            if message is not None:
                self._handled(message, kept)
        elif not isinstance(worker.outcome, allowed):
            raise worker.outcome

    def _handled(self, message: Message, kept: bool) -> None:
        if message.topic == "receipts":
            self.system.witness.told(message.body)
        if not kept:
            self.system.bag.acknowledge(message)
