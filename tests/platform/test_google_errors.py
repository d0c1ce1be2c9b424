"""Which of Google's errors pass by themselves."""

import pytest
from google.api_core import exceptions as api

from crm.kernel.errors import Unavailable
from crm.platform.google_errors import RETRY, translated


class Busy:
    """A call that others get in the way of, so many times."""

    def __init__(self, times: int) -> None:
        self.left = times

    async def __call__(self) -> str:
        if self.left:
            self.left -= 1
            raise api.Aborted("Too much contention.")  # type: ignore[no-untyped-call]  # not typed
        return "written"


async def test_an_aborted_call_is_retried() -> None:
    assert await RETRY(Busy(2))() == "written"


async def test_a_call_that_is_always_aborted_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crm.platform.google_errors.RETRY._timeout", 0.2)
    with pytest.raises(Unavailable):
        async with translated("The database"):
            await RETRY(Busy(1000))()
