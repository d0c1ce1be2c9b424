"""Each deliberate break can be applied, and the machine can fail. docs/proof.md has all results."""

import pytest

from tests.proof.breaks.__main__ import look_for
from tests.proof.breaks.all_breaks import BREAKS


@pytest.mark.parametrize("name", BREAKS)
def test_each_break_can_be_applied(name: str) -> None:
    with BREAKS[name].applied():
        pass


@pytest.mark.parametrize("name", ["two-commits", "sweep-too-much", "no-consent-check"])
def test_the_machine_notices(name: str) -> None:
    assert look_for(name, 50).finding is not None
