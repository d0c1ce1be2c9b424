"""Sequences that once broke a promise, each as short as it gets."""

import pytest

from tests.proof.stage import Stop
from tests.proof.test_delivery_machine import Delivery, campaign, customer, small

__all__ = ["small"]

VENDOR = 6
"""The gate before the vendor is asked, in the dispatch of a chunk."""


@pytest.mark.usefixtures("small")
def test_what_was_perhaps_sent_and_is_refused_then_is_unknown() -> None:
    """As failed it would be sent anew by `retry-failed`, and the customer had it twice."""
    machine = Delivery()
    system = machine.system
    system.has(customer(0), campaign("a"))
    machine.act(system.launch("a"))
    machine.deliver_all("launches")
    machine.deliver_all("partitions")
    (chunk,) = system.bag.messages
    machine.push(chunk, (Stop(VENDOR + 1, "away"),))
    machine.push(chunk, (Stop(VENDOR, "refused"),))
    assert len(system.vendor.accepted) == 1
    assert [row.status for row in system.db.rows.values_of()] == ["unknown"]
    machine.promises_hold()
    machine.stage.close()
