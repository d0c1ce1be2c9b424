"""Starts again what died of a running stack, and says what that means for its data.

A function loses nothing. The relay loses nothing, for it answers only what is in the journal. The broker
loses its messages, and gets those of the journal again. The database goes back to what was kept last; what
came in by the broker since is handled again, what people changed since is lost.
"""

import time
from collections import defaultdict
from dataclasses import dataclass, field

from crm.topology import PUSHES
from devstack import provision
from devstack.broker import Broker
from devstack.console import Steps
from devstack.emulators import Emulators
from devstack.errors import StackError
from devstack.functions import Functions
from devstack.journal import RETAINED, Journal
from devstack.processes import Child
from devstack.relay import Relay
from devstack.settings import Ports
from devstack.state import State

_PATIENCE = 3
"""How often one may die within a minute."""


@dataclass(slots=True)
class Holding:
    """What the stack holds at this moment: the whole database, every message that is not handled yet."""

    database: bool = False
    messages: bool = False


@dataclass(slots=True)
class Revival:
    """Call `watch` now and then from the main thread, with whose end all processes end."""

    emulators: Emulators
    relay: Relay
    functions: Functions
    broker: Broker
    ports: Ports
    token: str
    state: State
    journal: Journal
    holding: Holding
    steps: Steps
    _deaths: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def watch(self) -> None:
        """Start what has died again. Raises StackError where that is not possible."""
        if self.emulators.pubsub.ended():
            self._replace_broker()
        if self.emulators.firestore.ended():
            self._replace_database()
        if self.relay.child.ended():
            self._note_death(self.relay.child)
            self.relay.replace()
            self._say_revived(self.relay.child)
        for name in self.functions.revive():
            self._say_revived(self.functions.children[name])

    def publish_again(self) -> int:
        """Publish what the journal holds; the number of messages. Raises StackError."""
        self.journal.renew()
        published = 0
        topics = {push.topic for push in PUSHES}
        for topic, messages in self.journal.entries():
            if topic in topics:
                self.broker.publish(topic, messages)
                published += len(messages)
        self.holding.messages = True
        return published

    def _replace_database(self) -> None:
        died = self.emulators.firestore
        self._note_death(died)
        self.holding.database = False
        self.journal.renew()
        self.functions.kill()  # they remember what the database does not know any more
        with self.state.undisturbed():
            kept = self.state.kept
            if kept is None:
                raise StackError(died.obituary("has died before anything was kept: all was stopped"))
            self.emulators.replace_firestore(self.state.import_file)
        self.holding.database = True
        published = self.publish_again()
        self.functions.revive()
        self.steps.error(
            f"{died.name} had died and was started again with the data of {kept}. What people changed since "
            f"then is lost. What systems posted is not: {published:,} messages are handled again."
        )

    def _replace_broker(self) -> None:
        died = self.emulators.pubsub
        self._note_death(died)
        self.holding.messages = False
        self.emulators.replace_pubsub()
        provision.topics(self.broker)
        provision.subscriptions(self.broker, self.ports, self.token)
        published = self.publish_again()
        self.steps.error(
            f"{died.name} had died and was started again. {published:,} messages, those of at least the last "
            f"{RETAINED / 60:.0f} minutes, were published again. An older one that waited is lost."
        )

    def _say_revived(self, child: Child) -> None:
        self.steps.note(f"{child.name} had died and was started again; see {child.log}.")

    def _note_death(self, child: Child) -> None:
        now = time.monotonic()
        deaths = self._deaths[child.name] = [at for at in self._deaths[child.name] if at > now - 60]
        deaths.append(now)
        if len(deaths) > _PATIENCE:
            raise StackError(child.obituary("keeps dying, so everything was stopped"))
