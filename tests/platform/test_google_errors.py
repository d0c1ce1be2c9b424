"""Which of Google's errors pass by themselves."""

import pytest
from google.api_core import exceptions as api

from crm.kernel.errors import Unavailable
from crm.platform.google_errors import retry, translated


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
    assert await retry()(Busy(2))() == "written"


@pytest.mark.usefixtures("brief_retries")
async def test_a_call_that_is_always_aborted_is_unavailable() -> None:
    with pytest.raises(Unavailable):
        async with translated("The database"):
            await retry()(Busy(1000))()
