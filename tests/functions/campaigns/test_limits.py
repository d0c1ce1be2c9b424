"""The limits that the API states are those that it enforces."""

import pytest

from tests.functions.campaigns.conftest import Api, paths
from tests.functions.campaigns.drafts import DRAFT

pytestmark = pytest.mark.emulator


async def test_every_signed_in_person_may_read_the_limits(api: Api) -> None:
    answer = await api.get("/limits", "viewer")
    assert answer.status_code == 200
    assert all(isinstance(limit, int) and limit > 0 for limit in answer.json().values())


async def test_each_limit_is_accepted_and_one_more_is_refused(api: Api) -> None:
    limits = (await api.get("/limits")).json()
    longest = {**DRAFT, "name": "x" * limits["campaign_name"], "rate": limits["rate_fastest"]}
    assert (await api.post("/campaigns", longest)).status_code == 201
    for path, change in {
        "name": {"name": "x" * (limits["campaign_name"] + 1)},
        "rate": {"rate": limits["rate_slowest"] - 1},
        "message.body": {"message": {"body": "x" * (limits["message_body"] + 1)}},
        "message.subject": {"message": {"body": "x", "subject": "x" * (limits["message_subject"] + 1)}},
    }.items():
        assert paths(await api.post("/campaigns", {**DRAFT, **change})) == [path]
