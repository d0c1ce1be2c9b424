"""Sequences that once broke a promise, each as short as it gets."""

from tests.proof.chances import VENDOR
from tests.proof.player import Player
from tests.proof.stage import Stop
from tests.proof.world import campaign, customer, small_sizes


@small_sizes()
def test_what_was_perhaps_sent_and_is_refused_then_is_unknown() -> None:
    """As failed it would be sent anew by `retry-failed`, and the customer had it twice."""
    machine = Player()
    system = machine.system
    system.has(customer(0), campaign("a"))
    machine.act(system.launch("a"))
    machine.push_all("launches")
    machine.push_all("partitions")
    (chunk,) = system.bag.messages
    machine.push(chunk, (Stop(VENDOR + 1, "away"),))
    machine.push(chunk, (Stop(VENDOR, "refused"),))
    assert len(system.vendor.accepted) == 1
    assert [row.status for row in system.db.rows.values_of()] == ["unknown"]
    machine.promises_hold()
    machine.stage.close()
