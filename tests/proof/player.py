"""Drives the system: pushes messages, reports as the vendor, continues hanging workers, checks promises."""

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

SENDING = ("partitions", "chunks")
ROUNDS = 120
"""Ticks within which all work has to be finished."""

Stops = tuple[Stop, ...]


class Player:
    """A system and its workers. Those that hang may go on at any later step."""

    def __init__(self) -> None:
        super().__init__()
        self.stage = Stage()
        self.system = System()
        self.hanging: list[tuple[Worker, Message | None]] = []
        self.hanging_continue = True
        self.spoken_of = 2

    def act(self, work: Work, stops: Stops = ()) -> None:
        """Do what an operator or the scheduler requests, who may get an error."""
        self._start(lambda: work, stops, None)

    def push(self, message: Message, stops: Stops = (), kept: bool = False) -> None:
        """Let a function handle a message; with `kept` it is delivered again although it was handled."""
        self._start(lambda: self.system.handle(message), stops, message, kept)

    def push_one(self, among: list[Message], which: int, stops: Stops = (), kept: bool = False) -> None:
        message = among[which % len(among)]
        note(f"{message.topic} {message.body}")
        self.push(message, stops, kept)

    def push_all(self, *topics: str) -> None:
        for message in [each for each in self.system.bag.messages if each.topic in topics]:
            self.push(message)

    def go_on_with(self, which: int, stops: Stops = ()) -> None:
        """Let a worker that hangs go on."""
        worker, message = self.hanging.pop(which % len(self.hanging))
        self.stage.go_on(worker, stops)
        self._after(worker, message)

    def go_on_with_all(self, since: int = 0) -> None:
        while len(self.hanging) > since:
            self.go_on_with(since)

    def enter(self, records: list[CustomerRecord | OrderRecord], immediately: bool) -> None:
        """The shop posts records; with `immediately` they are handled now."""
        self.system.bag.put("records", records)
        if immediately:
            self.push(self.system.bag.messages[-1])

    def change_mind(self, who: int) -> None:
        """Make a customer reachable, or unreachable if they are reachable."""
        name = f"C-{who}"
        fields = {"customer_id": name, "email": f"c{who}@example.com", "updated_at": self.system.now}
        consent = name in self.system.people.unreachable or name not in self.system.db.customers
        self.enter([CustomerRecord.model_validate({**fields, "consent": consent})], immediately=True)

    def tell(self, names: list[str], status: Any, ago: int = 0) -> None:
        """The vendor reports the status of these messages."""
        at = self.system.now - timedelta(seconds=ago)
        if status == "failed":
            self.system.witness.reported_failed.update(names)
        receipts = [Receipt(message_id=name, status=status, occurred_at=at) for name in names]
        self.system.bag.put("receipts", receipts)

    def chunks(self) -> list[Message]:
        """The messages of chunks that wait."""
        return [message for message in self.system.bag.messages if message.topic == "chunks"]

    def promises_hold(self) -> None:
        self.system.witness.look()
        assert not self.system.witness.broken, "\n".join(self.system.witness.broken)

    def finish_all_work(self) -> None:
        """End all faults and run until all work is finished. Then nothing may be missing."""
        if self.hanging_continue:
            self.go_on_with_all()
        self.promises_hold()
        for number in range(ROUNDS):
            self.push_all(*SENDING, "records", "receipts")
            self._report_outstanding()
            self.act(self.system.tick())
            self.promises_hold()
            if not self._unfinished() and not self.system.bag.messages:
                return
            for name, stored in self.system.db.campaigns.items():
                if stored.value.status == "paused":
                    self.act(self.system.resume(name))
            self.system.now += timedelta(hours=73) if number % 20 == 19 else timedelta(seconds=130)
        raise AssertionError("\n".join(self._unfinished()) or f"{self.system.bag.messages}")

    def _unfinished(self) -> list[str]:
        return list(at_the_end(self.system.db, self.system.vendor, self.system.witness))

    def _report_outstanding(self) -> None:
        """The vendor reports every message but each `spoken_of + 1`-th as delivered."""
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
        """Acknowledge a handled message, unless it is kept; any other is delivered again."""
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
            self.system.witness.acknowledged(message.body)
        if not kept:
            self.system.bag.acknowledge(message)
