"""A function says whether it is there, and whether it can work, without asking its dependencies each time."""

import asyncio

import httpx2
import pytest

from crm.entry import health
from crm.entry.app import create_app
from crm.entry.health import KEEP, LIVE, READY, Dependencies, mount
from crm.kernel.errors import Unavailable
from tests.support import open_gate


class Dependency:
    """Answers or not, and counts how often it was asked."""

    def __init__(self, there: bool) -> None:
        self.there = there
        self.asked = 0

    async def __call__(self) -> None:
        self.asked += 1
        if not self.there:
            raise Unavailable("Away.")


async def get(path: str, **probes: Dependency) -> httpx2.Response:
    app = create_app("test")
    open_gate(app)
    mount(app, **probes)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://test") as http:
        return await http.get(path)


async def test_liveness_does_not_depend_on_dependencies() -> None:
    away = Dependency(False)

    assert (await get(LIVE, database=away)).json() == {"status": "ok", "version": "dev"}
    assert away.asked == 0


async def test_a_function_is_ready_when_every_dependency_answers() -> None:
    assert (await get(READY, database=Dependency(True), broker=Dependency(True))).status_code == 200


async def test_readiness_names_the_dependencies_that_do_not_answer() -> None:
    answer = await get(READY, database=Dependency(False), broker=Dependency(True), vendor=Dependency(False))

    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    assert answer.json()["detail"] == "Not ready: no answer from the database and the vendor."


async def test_a_slow_dependency_counts_as_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "PATIENCE", 0.01)

    with pytest.raises(Unavailable, match="no answer from the database"):
        await Dependencies({"database": asyncio.Event().wait}).check()  # type: ignore[dict-item]


async def test_whatever_goes_wrong_the_function_is_not_ready() -> None:
    async def no_credentials() -> None:
        raise RuntimeError("no credentials")

    with pytest.raises(Unavailable, match="no answer from the database"):
        await Dependencies({"database": no_credentials}).check()


async def test_concurrent_checks_share_one_probe_until_it_expires() -> None:
    time = 0.0
    database = Dependency(True)
    dependencies = Dependencies({"database": database}, clock=lambda: time)

    await asyncio.gather(*(dependencies.check() for _ in range(5)))
    assert database.asked == 1

    database.there = False
    await dependencies.check()
    time += KEEP
    for _ in range(2):
        with pytest.raises(Unavailable, match="database"):
            await dependencies.check()
    assert database.asked == 2
