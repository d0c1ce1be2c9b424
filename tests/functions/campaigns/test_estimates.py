"""Estimates over HTTP."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from tests.functions.campaigns.conftest import Api, paths
from tests.support import client_of

pytestmark = pytest.mark.emulator


async def test_without_a_price_there_is_time_alone(api: Api) -> None:
    estimate = (await api.get("/campaigns/estimate", params={"recipients": 600})).json()
    assert estimate == {"seconds": 2.0, "cost": None}


async def test_rate_and_price_of_the_channel_count(
    api: Api, function: Callable[[], ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRM_PRICE_SMS", "0.0745")
    monkeypatch.setenv("CRM_CURRENCY", "EUR")
    async with client_of(function()) as http:
        priced = Api(api.project, http, api.roles)
        query: dict[str, Any] = {"recipients": 600, "rate": 60, "channel": "sms"}
        estimate = (await priced.get("/campaigns/estimate", params=query)).json()
        assert estimate == {"seconds": 600.0, "cost": {"amount": 44.7, "currency": "EUR"}}
        other = (await priced.get("/campaigns/estimate", params={"recipients": 1})).json()
        assert other["cost"] is None


@pytest.mark.parametrize(
    ("query", "path"),
    [({}, "recipients"), ({"recipients": -1}, "recipients"), ({"recipients": 1, "rate": 1}, "rate")],
    ids=str,
)
async def test_figures_that_make_no_sense_are_refused(api: Api, query: dict[str, Any], path: str) -> None:
    answer = await api.get("/campaigns/estimate", params=query)
    assert answer.status_code == 422
    assert paths(answer) == [path]
