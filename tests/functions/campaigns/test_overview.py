"""Everything at a glance, over HTTP."""

import pytest

from tests.functions.campaigns.conftest import Api, order, person

pytestmark = pytest.mark.emulator


async def test_adds_up_what_is_stored(api: Api) -> None:
    await api.store([person(1), person(2, email=None)], [order(1, "C-1"), order(2, "C-1")])
    found = (await api.get("/overview")).json()
    assert found.pop("as_of").endswith("Z")
    assert found == {
        "customers": 2,
        "reachable": {"simulator": 1, "email": 1, "sms": 0},
        "orders": 0,  # the totals stand with the customers, whom the consumer keeps
        "spend": {"total": 3.0, "currency": None},
        "months": [{"month": "2026-03", "customers_new": 0, "orders": 2, "spend": 24.68}],
        "sample": False,
    }


async def test_nothing_is_no_error(api: Api) -> None:
    found = (await api.get("/overview")).json()
    assert (found["customers"], found["months"]) == (0, [])
