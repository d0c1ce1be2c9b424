"""The broker, as an unordered set of messages, and a vendor with a ledger of its own."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from crm.channels.outgoing import Outgoing, SendResult, VendorAway, VendorRefused
from tests.proof.people import People
from tests.proof.stage import asked, away, worker

REJECTED = "nobody@"
"""The vendor rejects addresses with this prefix."""

WAITS = (30, 90)
"""Seconds that the vendor asks to wait, alternating."""


@dataclass(frozen=True, eq=False, slots=True)
class Message:
    """A message not yet acknowledged. `body` is parsed JSON, or records or receipts as objects."""

    topic: str
    body: Any


class Bag:
    """`Broker`: holds every message until its handler has succeeded, and delivers it only when pushed."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    @asked(away)
    def publish(
        self, topic: str, messages: Sequence[bytes], attributes: Mapping[str, str] | None = None
    ) -> None:
        for body in messages:
            self.put(topic, json.loads(body))

    def put(self, topic: str, body: Any) -> None:
        self.messages.append(Message(topic, body))

    def acknowledge(self, message: Message) -> None:
        if message in self.messages:
            self.messages.remove(message)


@dataclass(frozen=True, slots=True)
class Entry:
    """A message in the vendor's ledger; campaign and customer are those that its text names."""

    campaign_id: str
    customer_id: str
    verdict: SendResult
    at: datetime


class Vendor:
    """Stores each message once, and recognises its id for as long as its `memory`.

    `wrongs` lists what was sent to people who could not be written to any more when their chunk was claimed,
    and by workers that began when their campaign was paused or cancelled, or so late that the vendor sends
    it twice. `stopped` maps a campaign to the commit that stopped it.
    """

    def __init__(self, people: People, now: Callable[[], datetime], memory: timedelta) -> None:
        self._now = now
        self._memory = memory
        self.ledger: dict[str, Entry] = {}
        self.wrongs: list[str] = []
        self.stopped: dict[str, int] = {}
        self._people = people
        self._asked_to_wait = 0

    @property
    def accepted(self) -> list[str]:
        """The ids of all messages that it took."""
        return [name for name, entry in self.ledger.items() if entry.verdict.status == "accepted"]

    async def send(self, messages: Sequence[Outgoing]) -> Mapping[str, SendResult]:
        """`Vendor`, with all that a vendor may do at a gate."""
        fault = await worker().pass_gate()
        if fault == "away":
            raise VendorAway("It cannot be reached.", nothing_taken=True)
        if fault == "throttled":
            self._asked_to_wait += 1
            wait = WAITS[self._asked_to_wait % len(WAITS)]
            raise VendorAway("It asked to wait.", nothing_taken=True, asked_to_wait=wait)
        if fault == "refused":
            raise VendorRefused("It will not take this.")
        if fault == "echo":
            self._enter(messages[: len(messages) // 2])
            raise VendorAway("It broke in the middle.", nothing_taken=False)
        answer = self._enter(messages)
        fault = await worker().pass_gate()
        if fault == "refused":
            return dict(list(answer.items())[1:])
        if fault == "throttled":
            raise VendorAway("It broke after all.", nothing_taken=False, asked_to_wait=WAITS[0])
        if fault is not None:
            raise VendorAway("It did not answer in time.", nothing_taken=False)
        return answer

    def _enter(self, messages: Sequence[Outgoing]) -> dict[str, SendResult]:
        for message in messages:
            known = self.ledger.get(message.message_id)
            if known is not None:
                if known.verdict.status == "accepted" and known.at + self._memory <= worker().now:
                    self.wrongs.append(f"{message.message_id} was sent again, forgotten by the vendor")
                continue
            campaign_id, customer_id = message.body.split("/")
            if message.to.startswith(REJECTED):
                verdict = SendResult(status="rejected", reason="no such address")
            else:
                verdict = SendResult(status="accepted")
            self.ledger[message.message_id] = Entry(campaign_id, customer_id, verdict, self._now())
            if self.stopped.get(campaign_id, worker().began_at + 1) <= worker().began_at:
                self.wrongs.append(f"{customer_id} got a message of {campaign_id} while it was stopped")
            since = self._people.unreachable.get(customer_id)
            if since is not None and since <= worker().claimed_at:
                self.wrongs.append(f"{customer_id} got a message of {campaign_id} against their will")
        return {message.message_id: self.ledger[message.message_id].verdict for message in messages}
