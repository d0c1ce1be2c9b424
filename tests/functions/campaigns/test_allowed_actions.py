"""The actions that a campaign's answer allows are those that the routes accept."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crm.campaigns.lifecycle import MarketerAction
from crm.platform.firestore.client import client
from tests.campaigns.stored import stored_as
from tests.functions.campaigns.conftest import NOW, Api, person
from tests.functions.campaigns.drafts import DRAFT, draft

pytestmark = pytest.mark.emulator

FROZEN: Mapping[str, Any] = {"launched_at": NOW, "audience": 2}
STATES: Mapping[str, Mapping[str, Any]] = {
    "draft": {"status": "draft"},
    "scheduled": {"status": "scheduled", "schedule_at": datetime.now(UTC) + timedelta(days=1)},
    "missed": {"status": "missed", "schedule_at": NOW},
    "launching": {"status": "launching", "launched_at": NOW},
    "sending": {"status": "sending", **FROZEN},
    "sending, resolving": {"status": "sending", "resolution": "retry_failed", **FROZEN},
    "paused": {"status": "paused", **FROZEN},
    "paused before the audience was frozen": {"status": "paused", "launched_at": NOW},
    "cancelled": {"status": "cancelled", **FROZEN},
    "finished": {"status": "finished", "finished_at": NOW, **FROZEN},
    "needs attention": {"status": "needs_attention", "finished_at": NOW, **FROZEN},
    "needs attention, never launched": {"status": "needs_attention"},
}
CALLS: Mapping[MarketerAction, tuple[str, str, Any]] = {
    "change": ("PUT", "", DRAFT),
    "delete": ("DELETE", "", None),
    "launch": ("POST", "/launch", None),
    "unschedule": ("POST", "/unschedule", None),
    "pause": ("POST", "/pause", None),
    "resume": ("POST", "/resume", None),
    "cancel": ("POST", "/cancel", None),
    "change_rate": ("POST", "/rate", {"rate": 600}),
    "retry_failed": ("POST", "/retry-failed", None),
    "send_again": ("POST", "/resolve", {"resolution": "send_again"}),
    "mark_as_sent": ("POST", "/resolve", {"resolution": "mark_as_sent"}),
}


@pytest.mark.parametrize("state", STATES)
async def test_an_action_is_allowed_exactly_where_its_route_accepts_it(api: Api, state: str) -> None:
    await api.store([person(2)])
    accepted = []
    for action, (method, path, body) in CALLS.items():
        campaign_id = await draft(api)
        await stored_as(client(api.project), campaign_id, **STATES[state])
        allowed = (await api.get(f"/campaigns/{campaign_id}", "marketer")).json()["allowed_actions"]
        answer = await api.call(method, f"/campaigns/{campaign_id}{path}", json=body)
        assert answer.status_code in (200, 202, 204, 409), answer.text
        if answer.status_code != 409:
            accepted.append(action)
    assert allowed == accepted


async def test_a_viewer_is_allowed_nothing(api: Api) -> None:
    campaign_id = await draft(api)
    for path in (f"/campaigns/{campaign_id}", "/campaigns"):
        answer = (await api.get(path, "viewer")).json()
        assert answer.get("data", [answer])[0]["allowed_actions"] == []
