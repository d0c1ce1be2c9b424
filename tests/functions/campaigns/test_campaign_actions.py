"""What is done with a campaign over HTTP: launched, held, sent again, tried out."""

import asyncio
import base64
import json
import os
from datetime import UTC, datetime, timedelta

import pytest

from crm.campaigns.campaign import CampaignStatus, RowStatus
from crm.campaigns.store import counters
from crm.customers.customer_key import customer_key
from crm.delivery.log import LogRow
from crm.delivery.row_changes import tallied
from crm.delivery.store import communication_log
from crm.platform.firestore.client import client
from crm.platform.firestore.commits import Commit
from devstack.broker import Broker
from tests.builders import message_to
from tests.campaigns.stored import stored_as
from tests.functions.campaigns.conftest import NOW, Api, paths, person
from tests.functions.campaigns.drafts import DRAFT, NOTHING, draft
from tests.support import client_of, load_function
from tests.vendor_stub import VendorStub

pytestmark = pytest.mark.emulator


@pytest.fixture
def broker(project: str) -> Broker:
    """The broker with the topics that a launch needs, and a subscription to `partitions`."""
    made = Broker(os.environ["PUBSUB_EMULATOR_HOST"], project)
    for topic in ("partitions", "chunks"):
        made.create_topic(topic)
    made.create_subscription("partitions", {"topic": made.topic_name("partitions")})
    return made


async def test_a_launch_freezes_one_snapshot_and_happens_once(api: Api, broker: Broker) -> None:
    await api.store([person(1), person(2), person(3)])
    campaign_id = await draft(api)
    answers = await asyncio.gather(*(api.post(f"/campaigns/{campaign_id}/launch") for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [202, 409, 409]
    launched = next(answer for answer in answers if answer.status_code == 202).json()
    assert (launched["status"], launched["stats"]) == ("launching", NOTHING)
    assert launched["launched_at"].endswith("Z")
    (asked,) = broker.take_unhandled("partitions")
    assert json.loads(base64.b64decode(asked["data"])) == {"campaign_id": campaign_id, "partition": 0}

    again = await api.post(f"/campaigns/{campaign_id}/launch")
    assert again.status_code == 409
    assert again.headers["content-type"] == "application/problem+json"
    changed = await api.call("PUT", f"/campaigns/{campaign_id}", json=DRAFT)
    assert changed.status_code == 409


async def test_an_empty_audience_cannot_be_launched(api: Api, broker: Broker) -> None:
    await api.store([person(1), person(2, consent=False)])
    campaign_id = await draft(api)
    answer = await api.post(f"/campaigns/{campaign_id}/launch")
    assert answer.status_code == 422
    assert paths(answer) == ["audience"]
    assert (await api.get(f"/campaigns/{campaign_id}")).json()["status"] == "draft"


async def test_pause_resume_and_cancel_follow_the_state(api: Api, broker: Broker) -> None:
    await api.store([person(2)])
    campaign_id = await draft(api)
    path = f"/campaigns/{campaign_id}"
    assert (await api.post(f"{path}/pause")).status_code == 409
    await api.post(f"{path}/launch")
    states = []
    for action in ("pause", "pause", "resume", "resume", "cancel", "cancel", "resume"):
        answer = await api.post(f"{path}/{action}")
        states.append((action, answer.status_code, answer.json().get("status")))
    assert [code for _, code, _ in states] == [202, 409, 202, 409, 202, 409, 409]
    assert [state for _, code, state in states if code == 202] == ["paused", "launching", "cancelled"]


async def over(api: Api, status: CampaignStatus, row_status: RowStatus) -> str:
    """A campaign that is over, to two customers: one had it, of the other's message there is a row."""
    campaign_id = await draft(api)
    database = client(api.project)
    await stored_as(database, campaign_id, status=status, audience=2, launched_at=NOW, finished_at=NOW)
    statuses: list[tuple[str, RowStatus]] = [("C-1", "delivered"), ("C-2", row_status)]
    rows = [
        LogRow(
            message_id=message_to(campaign_id, name),
            campaign_id=campaign_id,
            customer_key=customer_key(name),
            chunk_id="0000-0000",
            shard=0,
            channel="simulator",
            status=each,
            updated_at=NOW,
        )
        for name, each in statuses
    ]
    commit = Commit(database)
    for row in rows:
        commit.create(f"{communication_log.COLLECTION}/{row.message_id}", communication_log.encode(row))
    counters.add(commit, campaign_id, 0, tallied(rows))
    await commit.send()
    return campaign_id


@pytest.mark.usefixtures("broker")
async def test_failed_messages_are_retried_once_however_often_requested(api: Api) -> None:
    campaign_id = await over(api, "finished", "failed")
    for _ in range(2):
        answer = await api.post(f"/campaigns/{campaign_id}/retry-failed")
        assert answer.status_code == 202
        found = answer.json()
        assert (found["status"], found["resolution"], found["retry_round"]) == ("sending", None, 1)
        assert found["stats"] == {**NOTHING, "audience": 2, "pending": 1, "sent": 1, "delivered": 1}
    rows = (await api.get(f"/campaigns/{campaign_id}/log")).json()["data"]
    assert {row["customer_key"]: row["status"] for row in rows} == {
        customer_key("C-1"): "delivered",
        customer_key("C-2"): "retried",
    }
    assert (await api.post(f"/campaigns/{campaign_id}/retry-failed", role="viewer")).status_code == 403


@pytest.mark.usefixtures("broker")
@pytest.mark.parametrize(("resolution", "figure"), [("mark_as_sent", "accepted"), ("send_again", "pending")])
async def test_unknown_messages_are_resolved(api: Api, resolution: str, figure: str) -> None:
    campaign_id = await over(api, "needs_attention", "unknown")
    answer = await api.post(f"/campaigns/{campaign_id}/resolve", {"resolution": resolution})
    assert answer.status_code == 202
    stats = answer.json()["stats"]
    assert (stats["unknown"], stats[figure]) == (0, 1)
    for wrong in ({"resolution": "whatever"}, {}, {"as": "mark_as_sent"}):
        assert "resolution" in paths(await api.post(f"/campaigns/{campaign_id}/resolve", wrong))


async def test_a_schedule_is_taken_back(api: Api) -> None:
    campaign_id = await draft(api, schedule_at=(datetime.now(UTC) + timedelta(days=1)).isoformat())
    answer = await api.post(f"/campaigns/{campaign_id}/unschedule")
    assert answer.status_code == 202
    assert (answer.json()["status"], answer.json()["schedule_at"]) == ("draft", None)
    assert (await api.post(f"/campaigns/{campaign_id}/unschedule")).status_code == 409


@pytest.mark.parametrize(
    "action", ["launch", "pause", "resume", "cancel", "test", "retry-failed", "unschedule"]
)
async def test_an_unknown_campaign_is_not_found(api: Api, action: str) -> None:
    assert (await api.post(f"/campaigns/abc/{action}")).status_code == 404
    assert (await api.get("/campaigns/abc")).status_code == 404


async def test_a_test_goes_to_the_marketer_alone(api: Api, vendor_stub: VendorStub) -> None:
    await api.store([person(1, name="Mira"), person(2, name="Ana")])
    campaign_id = await draft(api)
    async with client_of(load_function("campaigns")) as http:
        with_vendor = Api(api.project, http, api.roles)
        first = await with_vendor.post(f"/campaigns/{campaign_id}/test")
        second = await with_vendor.post(f"/campaigns/{campaign_id}/test", {"key": customer_key("C-2")})
        unknown = await with_vendor.post(f"/campaigns/{campaign_id}/test", {"key": customer_key("X")})
    assert (first.status_code, second.status_code) == (202, 202)
    assert (first.json()["to"], first.json()["status"]) == ("marketer@example.com", "accepted")
    sent = [message for call in vendor_stub.calls for message in call]
    assert [(each["to"], each["body"]) for each in sent] == [
        ("marketer@example.com", "Hi Mira, here is 10% off"),
        ("marketer@example.com", "Hi Ana, here is 10% off"),
    ]
    assert sent[0]["id"] != sent[1]["id"]
    assert paths(unknown) == ["key"]
    assert (await api.get(f"/campaigns/{campaign_id}")).json()["stats"] == NOTHING


async def test_without_a_vendor_no_test_is_sent(api: Api) -> None:
    campaign_id = await draft(api)
    assert (await api.post(f"/campaigns/{campaign_id}/test")).status_code == 409


async def test_the_rate_is_changed_while_it_sends(api: Api, broker: Broker) -> None:
    campaign_id = await draft(api)
    where = f"/campaigns/{campaign_id}/rate"
    assert (await api.post(where, {"rate": 600})).status_code == 409
    await stored_as(client(api.project), campaign_id, status="sending", audience=10)
    assert (await api.post(where, {"rate": 600}, "viewer")).status_code == 403
    for rate in (9, 499, "fast", 1.5):
        assert paths(await api.post(where, {"rate": rate})) == ["rate"]
    assert paths(await api.post(where, {})) == ["rate"]
    for wanted in (600, None):
        answer = await api.post(where, {"rate": wanted})
        assert (answer.status_code, answer.json()["rate"]) == (202, wanted)
    events = (await api.get("/audit", "admin")).json()["data"]
    assert [
        (event["changes"], event["outcome"]) for event in events if event["action"] == "campaign.change_rate"
    ][:2] == [
        ([{"field": "rate", "before": "600", "after": None}], "done"),
        ([{"field": "rate", "before": None, "after": "600"}], "done"),
    ]


@pytest.mark.parametrize("status", ["scheduled", "missed", "launching", "sending", "paused", "finished"])
async def test_only_a_draft_is_deleted(api: Api, status: CampaignStatus) -> None:
    campaign_id = await draft(api)
    await stored_as(client(api.project), campaign_id, status=status)
    assert (await api.call("DELETE", f"/campaigns/{campaign_id}")).status_code == 409
    assert (await api.get(f"/campaigns/{campaign_id}")).status_code == 200
