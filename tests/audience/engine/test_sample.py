"""Samples: the first by the hash of their ids, however many there are to choose from."""

import numpy as np
import pytest

from crm.audience.engine import parts
from crm.audience.engine.frames import frames_of
from crm.audience.engine.parts import part_of
from crm.audience.engine.tables import applied, empty
from crm.customers.changes import encode
from crm.customers.customer import Customer

PEOPLE = [Customer(customer_id=f"C{number}", known=True, version=1) for number in range(500)]


@pytest.mark.parametrize("share", [0.0, 0.005, 0.05, 0.5, 1.0])
@pytest.mark.parametrize("drawn", [8, 64, 1000])
def test_a_sample_has_the_first_members_by_key(
    share: float, drawn: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "_DRAWN", drawn)
    part = part_of([frames_of(applied(empty(), encode(PEOPLE, [])))])
    members = np.random.default_rng(7).random(part.size) < share

    expected = sorted(np.flatnonzero(members), key=lambda row: int(part.keys[row]))[:10]

    assert part.sample(members, 10).tolist() == [int(row) for row in expected]
