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


@small_sizes()
def test_what_an_answer_left_out_is_in_doubt_when_the_vendor_goes_away_then() -> None:
    """Of a refused batch one half is taken and left out of the answer; the other never gets there."""
    machine = Player()
    system = machine.system
    system.has(customer(0), customer(4), campaign("a"))
    machine.act(system.launch("a"))
    machine.push_all("launches")
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
