"""Campaigns over HTTP: made, changed, launched, watched."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crm.campaigns.campaign import Counts
from crm.campaigns.store import counters, timelines
from crm.delivery.cohorts import LABELS
from crm.platform.firestore.client import client
from crm.platform.firestore.commits import Commit
from crm.summaries.store import Summaries
from crm.summaries.summary import Summary
from tests.campaigns.stored import stored_as
from tests.functions.campaigns.conftest import NOW, Api, paths
from tests.functions.campaigns.drafts import DRAFT, NOTHING, RULES, draft

pytestmark = pytest.mark.emulator


async def test_a_draft_is_stored_as_posted(api: Api) -> None:
    answer = await api.post("/campaigns", DRAFT)
    assert answer.status_code == 201
    made = answer.json()
    assert {name: made[name] for name in DRAFT} == DRAFT
    assert (made["status"], made["created_by"], made["segment_id"]) == ("draft", "marketer@example.com", None)
    assert made["description"] == "more than 1 visit"
    assert made["created_at"].endswith("Z")
    assert (made["stats"], made["cohorts"], made["summary"]) == (NOTHING, {}, None)
    assert (await api.get(f"/campaigns/{made['id']}", "marketer")).json() == made


async def test_a_rate_is_kept(api: Api) -> None:
    made = (await api.post("/campaigns", {**DRAFT, "rate": 600})).json()
    assert made["rate"] == 600
    assert (await api.call("PUT", f"/campaigns/{made['id']}", json=DRAFT)).json()["rate"] is None


async def test_a_segments_rules_are_copied(api: Api) -> None:
    segment = (await api.post("/segments", {"name": "A", "rules": RULES})).json()
    body = {key: value for key, value in DRAFT.items() if key != "rules"}
    made = (await api.post("/campaigns", {**body, "segment_id": segment["id"]})).json()
    await api.call("DELETE", f"/segments/{segment['id']}")
    found = (await api.get(f"/campaigns/{made['id']}")).json()
    assert (found["rules"], found["segment_id"]) == (RULES, segment["id"])


async def test_a_time_makes_it_scheduled_and_a_change_may_take_it_away(api: Api) -> None:
    at = (datetime.now(UTC) + timedelta(days=1)).replace(microsecond=0)
    # The same time in another zone.
    said = at.astimezone().isoformat()
    made = (await api.post("/campaigns", {**DRAFT, "schedule_at": said})).json()
    assert (made["status"], made["schedule_at"]) == ("scheduled", at.isoformat().replace("+00:00", "Z"))
    changed = await api.call("PUT", f"/campaigns/{made['id']}", json={**DRAFT, "name": "Now"})
    assert changed.status_code == 200
    assert (changed.json()["status"], changed.json()["schedule_at"], changed.json()["name"]) == (
        "draft",
        None,
        "Now",
    )


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"name": None}, "name"),
        ({"channel": "pigeon"}, "channel"),
        ({"rules": {"combinator": "and", "rules": []}}, "rules.rules"),
        (
            {"rules": {"combinator": "and", "rules": [{"field": "spend", "operator": "=", "value": 1}]}},
            "rules.rules.0.field",
        ),
        ({"rules": None}, "rules"),
        ({"segment_id": "abc"}, "rules"),
        ({"rules": None, "segment_id": "abc"}, "segment_id"),
        ({"rules": None, "segment_id": "a/b"}, "segment_id"),
        ({"message": {"body": "Hi {{ customer.nme }}"}}, "message.body"),
        ({"message": {"body": "Hi {{ customer.name"}}, "message.body"),
        ({"message": {"body": ""}}, "message.body"),
        ({"message": None}, "message"),
        ({"channel": "email"}, "message.subject"),
        ({"schedule_at": "2020-01-01T00:00:00Z"}, "schedule_at"),
        ({"schedule_at": "2025-02-30T00:00:00Z"}, "schedule_at"),
        ({"schedule_at": 7}, "schedule_at"),
        ({"rate": 9}, "rate"),
        ({"rate": "fast"}, "rate"),
        ({"status": "finished"}, "status"),
    ],
    ids=str,
)
async def test_an_invalid_campaign_is_refused_by_path(api: Api, fields: dict[str, Any], path: str) -> None:
    for method, where in (("POST", "/campaigns"), ("PUT", f"/campaigns/{'0' * 32}")):
        answer = await api.call(method, where, json={**DRAFT, **fields})
        assert answer.status_code == 422, answer.text
        assert paths(answer) == [path]


async def test_a_draft_is_deleted_and_leaves_nothing_behind(api: Api) -> None:
    campaign_id = await draft(api)
    where = f"/campaigns/{campaign_id}"
    assert (await api.call("DELETE", where, "viewer")).status_code == 403
    await api.call("PUT", where, json={**DRAFT, "name": "Later"})
    refused = await api.call("DELETE", where, params={"version": 1})
    assert (refused.status_code, "version 2, not 1" in refused.json()["detail"]) == (409, True)
    assert (await api.call("DELETE", where, params={"version": 2})).status_code == 204
    assert (await api.get(where)).status_code == 404
    assert (await api.call("DELETE", where)).status_code == 204
    kept = [each.id async for each in client(api.project).collections() if each.id != "audit_log"]
    # What the sessions of this test need, and no campaign.
    assert kept == ["members"]
    events = (await api.get("/audit", "admin")).json()["data"]
    assert [(event["action"], event["detail"], event["outcome"]) for event in events[:3]] == [
        ("campaign.delete", "", "done"),
        ("campaign.delete", "Later", "done"),
        ("campaign.delete", "Later", "refused"),
    ]


async def test_the_list_is_newest_first_and_goes_on_where_it_stopped(api: Api) -> None:
    for name in ("A", "B", "C"):
        await draft(api, name=name)
    first = (await api.get("/campaigns", params={"limit": 2})).json()
    second = (await api.get("/campaigns", params={"limit": 2, "cursor": first["next_cursor"]})).json()
    assert [each["name"] for each in first["data"] + second["data"]] == ["C", "B", "A"]
    assert second["next_cursor"] is None
    assert paths(await api.get("/campaigns", params={"cursor": "x"})) == ["cursor"]


async def test_figures_over_time_are_oldest_first(api: Api) -> None:
    campaign_id = await draft(api)
    assert (await api.get(f"/campaigns/{campaign_id}/timeline")).json() == {"bucket_seconds": 10, "data": []}
    database = client(api.project)
    for seconds, moved in ((30, Counts(accepted=-1, failed=1)), (0, Counts(accepted=3, skipped=1))):
        commit = Commit(database)
        timelines.add(commit, campaign_id, 0, moved, NOW + timedelta(seconds=seconds))
        await commit.send()
    found = (await api.get(f"/campaigns/{campaign_id}/timeline")).json()
    none = {"delivered": 0, "unknown": 0}
    assert found["data"] == [
        {"at": "2026-03-01T12:00:00Z", "sent": 3, "failed": 0, "skipped": 1, **none},
        {"at": "2026-03-01T12:00:30Z", "sent": -1, "failed": 1, "skipped": 0, **none},
    ]
    assert (await api.get("/campaigns/none/timeline")).status_code == 404


async def test_figures_add_up_and_tell_of_cohorts_and_summary(api: Api) -> None:
    campaign_id = await draft(api)
    database = client(api.project)
    await stored_as(database, campaign_id, status="sending", audience=10, launched_at=NOW)
    counts = Counts(accepted=1, delivered=5, failed=2, skipped=1, opened=3)
    commit = Commit(database)
    counters.add(commit, campaign_id, 0, {"all": counts, "high_spenders": Counts(delivered=5)})
    await commit.send()
    summary = Summary(
        campaign_id=campaign_id,
        text="Five were delivered.",
        source="rules",
        model=None,
        made_at=NOW,
        figures={"all": {"delivered": 5}},
        note=None,
        fingerprint="f",
    )
    await Summaries(database).save(summary, None)

    found = (await api.get(f"/campaigns/{campaign_id}")).json()
    assert found["stats"] == {
        **NOTHING,
        **{"audience": 10, "pending": 1, "sent": 6, "accepted": 1, "delivered": 5},
        **{"failed": 2, "skipped": 1, "opened": 3},
    }
    assert (found["attempted"], found["percent"]["delivered"]) == (8, 63)
    share = {"delivered": 100, "failed": 0, "opened": 0, "clicked": 0}
    assert found["cohorts"] == {
        "high_spenders": {
            **NOTHING,
            **{"audience": 5, "sent": 5, "delivered": 5, "attempted": 5, "percent": share},
            "label": LABELS["high_spenders"],
        }
    }
    assert found["summary"]["text"] == "Five were delivered."
    assert found["summary"]["made_at"] == "2026-03-01T12:00:00Z"
    (listed,) = (await api.get("/campaigns")).json()["data"]
    assert listed["stats"] == found["stats"]


async def test_rows_before_the_audience_is_known_are_not_counted_yet(api: Api) -> None:
    campaign_id = await draft(api)
    database = client(api.project)
    commit = Commit(database)
    counters.add(commit, campaign_id, 0, {"all": Counts(accepted=3)})
    await commit.send()
    assert (await api.get(f"/campaigns/{campaign_id}")).json()["stats"] == NOTHING


async def test_of_two_tabs_that_change_a_campaign_the_second_gets_a_conflict(api: Api) -> None:
    made = (await api.post("/campaigns", DRAFT)).json()
    assert made["version"] == 1
    path = f"/campaigns/{made['id']}"
    first = await api.call("PUT", path, json={**DRAFT, "name": "A", "version": 1})
    assert (first.status_code, first.json()["version"]) == (200, 2)
    second = await api.call("PUT", path, json={**DRAFT, "name": "B", "version": 1})
    assert second.status_code == 409
    assert "version 2, not 1" in second.json()["detail"]
    assert (await api.get(path)).json()["name"] == "A"
    whatever = await api.call("PUT", path, json={**DRAFT, "name": "C"})
    assert (whatever.status_code, whatever.json()["version"]) == (200, 3)
    assert paths(await api.call("PUT", path, json={**DRAFT, "version": 0})) == ["version"]


async def test_of_ten_changes_from_one_version_one_is_made(api: Api) -> None:
    path = f"/campaigns/{(await api.post('/campaigns', DRAFT)).json()['id']}"
    bodies = [{**DRAFT, "name": f"N{number}", "version": 1} for number in range(10)]
    answers = await asyncio.gather(*(api.call("PUT", path, json=body) for body in bodies))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 9
    assert (await api.get(path)).json()["version"] == 2
