"""A function says whether it is there, and whether it can work, without asking its dependencies each time."""

import asyncio

import httpx2
import pytest

from crm.entry import health
from crm.entry.app import create_app
from crm.entry.health import KEEP, LIVE, READY, Neighbours, mount
from crm.kernel.errors import Unavailable


class Neighbour:
    """Answers or not, and counts how often it was asked."""

    def __init__(self, there: bool) -> None:
        self.there = there
        self.asked = 0

    async def __call__(self) -> None:
        self.asked += 1
        if not self.there:
            raise Unavailable("Away.")


async def get(path: str, **needs: Neighbour) -> httpx2.Response:
    app = create_app("test")
    mount(app, **needs)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://test") as http:
        return await http.get(path)


async def test_it_is_alive_whatever_its_neighbours_do() -> None:
    away = Neighbour(False)

    assert (await get(LIVE, database=away)).json() == {"status": "ok"}
    assert away.asked == 0


async def test_it_is_ready_when_every_neighbour_answers() -> None:
    assert (await get(READY, database=Neighbour(True), broker=Neighbour(True))).status_code == 200


async def test_it_names_the_neighbours_that_do_not_answer() -> None:
    answer = await get(READY, database=Neighbour(False), broker=Neighbour(True), vendor=Neighbour(False))

    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    assert answer.json()["detail"] == "Not ready: no answer from the database and the vendor."


async def test_a_neighbour_that_takes_too_long_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "PATIENCE", 0.01)

    with pytest.raises(Unavailable, match="no answer from the database"):
        await Neighbours({"database": asyncio.Event().wait}).ask()  # type: ignore[dict-item]


async def test_whatever_goes_wrong_the_function_is_not_ready() -> None:
    async def no_credentials() -> None:
        raise RuntimeError("no credentials")

    with pytest.raises(Unavailable, match="no answer from the database"):
        await Neighbours({"database": no_credentials}).ask()


async def test_neighbours_are_asked_once_for_many_and_again_after_a_while() -> None:
    time = 0.0
    database = Neighbour(True)
    dependencies = Neighbours({"database": database}, clock=lambda: time)

    await asyncio.gather(*(dependencies.ask() for _ in range(5)))
    assert database.asked == 1

    database.there = False
    await dependencies.ask()
    time += KEEP
    for _ in range(2):
        with pytest.raises(Unavailable, match="database"):
            await dependencies.ask()
    assert database.asked == 2
