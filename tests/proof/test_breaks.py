"""The deliberate breaks can be made, and the machine can fail. docs/proof.md has the results of all."""

import pytest

from tests.proof.breaks.__main__ import look_for
from tests.proof.breaks.all_breaks import BREAKS


@pytest.mark.parametrize("name", BREAKS)
def test_what_is_broken_is_there_to_be_broken(name: str) -> None:
    with BREAKS[name].applied():
        pass


@pytest.mark.parametrize("name", ["two-commits", "sweep-too-much", "no-consent-check"])
def test_the_machine_notices(name: str) -> None:
    assert look_for(name, 50).finding is not None
