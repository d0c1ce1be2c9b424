"""Sequences that once broke a promise, each as short as it gets."""

from tests.proof.chances import VENDOR
from tests.proof.player import Player
from tests.proof.stage import Stop
from tests.proof.world import campaign, customer, small_sizes


@small_sizes()
def test_possibly_sent_then_refused_is_unknown() -> None:
    """As failed, `retry-failed` would send it again, and the customer would get it twice."""
    machine = Player()
    system = machine.system
    system.has(customer(0), campaign("a"))
    machine.act(system.launch("a"))
    machine.push_all("partitions")
    (chunk,) = system.bag.messages
    machine.push(chunk, (Stop(VENDOR + 1, "away"),))
    machine.push(chunk, (Stop(VENDOR, "refused"),))
    assert len(system.vendor.accepted) == 1
    assert [row.status for row in system.db.rows.values_of()] == ["unknown"]
    machine.promises_hold()
    machine.stage.close()


@small_sizes()
def test_left_out_of_the_answer_is_possibly_sent_if_the_vendor_becomes_unavailable() -> None:
    """Of a refused batch, one half is taken but left out of the answer; the other half does not arrive."""
    machine = Player()
    system = machine.system
    system.has(customer(0), customer(4), campaign("a"))
    machine.act(system.launch("a"))
    machine.push_all("partitions")
    (chunk,) = system.bag.messages
    machine.push(chunk, (Stop(VENDOR, "refused"), Stop(1, "refused"), Stop(0, "away")))
    assert len(system.vendor.accepted) == 1
    machine.promises_hold()
    machine.change_mind(0)
    machine.push(chunk)
    assert [row.status for row in system.db.rows.values_of()] == ["unknown", "accepted"]
    machine.promises_hold()
    machine.stage.close()
