"""The main job over HTTP, through the gateway, with every function and both emulators running."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest

from crm.config import VendorSettings, load
from tests.e2e.stacks import FAILURE_RATE, Stack, page_of
from tests.support import part_of
from tests.waiting import PATIENCE, until

pytestmark = pytest.mark.e2e

EVERYONE = {"combinator": "and", "rules": [], "all": True}
PEOPLE = 60
"""Customers of the journey; every tenth has refused consent."""

JOURNEY = {"combinator": "and", "rules": [{"field": "tags", "operator": "contains", "value": "journey"}]}
BIG = {
    "combinator": "and",
    "rules": [
        {"field": "tags", "operator": "contains", "value": "journey"},
        {"field": "total_spend", "operator": ">", "value": 100},
    ],
}
COUNTED = ("pending", "accepted", "delivered", "failed", "skipped", "unknown")


@pytest.fixture(scope="module")
def people(stack: Stack, marketer: httpx2.Client) -> None:
    """Sixty customers with an order each of 10, 20, … 600, posted and stored."""
    customers = [
        {
            "customer_id": f"J-{number}",
            "email": f"journey{number}@example.com",
            "tags": ["journey"],
            "consent": number % 10 != 0,
            **({"name": f"Person {number}"} if number % 3 else {}),
        }
        for number in range(PEOPLE)
    ]
    orders = [
        {
            "order_id": f"JO-{number}",
            "customer_id": f"J-{number}",
            "amount": 10 * (number + 1),
            "placed_at": "2026-01-05T12:00:00Z",
        }
        for number in range(PEOPLE)
    ]
    with stack.systems() as systems:
        # Orders first, and one of them twice: neither may change the outcome.
        answer = systems.post("/orders/batch", json={"records": [*orders, orders[7]]})
        assert (answer.status_code, answer.json()["accepted"]) == (202, PEOPLE + 1), answer.text
        answer = systems.post("/customers/batch", json={"records": customers})
        assert (answer.status_code, answer.json()["accepted"]) == (202, PEOPLE), answer.text
    until(lambda: [preview(marketer, rules)["matched"] for rules in (JOURNEY, BIG)] == [PEOPLE, PEOPLE - 10])


def test_sample_data_came_through_the_api(marketer: httpx2.Client) -> None:
    sample = {"combinator": "and", "rules": [{"field": "tags", "operator": "contains", "value": "sample"}]}
    found = preview(marketer, sample)
    assert found["matched"] == 200
    assert 0 < found["reachable"] < 200


@pytest.mark.usefixtures("people")
def test_a_preview_counts_who_can_be_reached_and_says_why_others_cannot(marketer: httpx2.Client) -> None:
    found = preview(marketer, JOURNEY)
    assert found["matched"] == PEOPLE
    assert found["reachable"] == PEOPLE - 6
    assert found["excluded"] == {"no_consent": 6}
    one = marketer.get(page_of(marketer, "J-7")).json()
    assert one["customer"]["order_count"] == 1
    assert float(one["customer"]["total_spend"]) == 80


@pytest.mark.usefixtures("people")
def test_a_campaign_from_segment_to_finished(stack: Stack, marketer: httpx2.Client) -> None:
    segment = marketer.post("/segments", json={"name": "Journey, over 100", "rules": BIG}).json()
    body = "Hi {{ customer.name | default: 'there' }}, here is 10% off"
    asked = {
        "name": "Journey",
        "segment_id": segment["id"],
        "channel": "simulator",
        "message": {"body": body},
    }
    made = marketer.post("/campaigns", json=asked)
    assert made.status_code == 201, made.text
    campaign = f"/campaigns/{made.json()['id']}"
    # 50 spent over 100; among them 10, 20, 30, 40 and 50 have refused.
    audience = preview(marketer, BIG)["reachable"]
    assert audience == 45

    assert marketer.post(f"{campaign}/launch").status_code == 202
    assert marketer.post(f"{campaign}/launch").status_code == 409
    readings = []

    def finished() -> bool:
        seen = marketer.get(campaign).json()
        readings.append(seen["stats"])
        return bool(seen["status"] == "finished")

    until(finished)

    for stats in readings:
        assert stats["audience"] == sum(stats[name] for name in COUNTED)
        assert stats["sent"] == stats["accepted"] + stats["delivered"]
    stats = readings[-1]
    assert stats["audience"] == audience
    assert stats["delivered"] + stats["failed"] == audience
    assert 0 < stats["failed"] < audience

    rows = log(marketer, campaign)
    assert Counter(row["customer_id"] for row in rows) == {
        f"J-{number}": 1 for number in range(10, PEOPLE) if number % 10
    }
    assert Counter(row["status"] for row in rows) == {
        name: stats[name] for name in ("delivered", "failed") if stats[name]
    }
    assert {row["message_id"]: row["status"] for row in rows} == fates([row["message_id"] for row in rows])
    with stack.vendor() as vendor:
        ids = ",".join(row["message_id"] for row in rows)
        entries = vendor.get("/v1/ledger", params={"ids": ids}).json()["messages"]
    assert sorted(entry["id"] for entry in entries) == sorted(row["message_id"] for row in rows)
    assert {entry["offered"] for entry in entries} == {1}
    texts = {entry["content"]["to"]: entry["content"]["body"] for entry in entries}
    assert texts["journey11@example.com"] == "Hi Person 11, here is 10% off"
    assert texts["journey12@example.com"] == "Hi there, here is 10% off"

    summary = marketer.post("/ai/summaries", json={"campaign_id": made.json()["id"]})
    assert summary.status_code == 200, summary.text
    assert str(stats["delivered"]) in summary.text
    assert marketer.get("/campaigns").json()["data"][0]["id"] == made.json()["id"]


def test_without_a_session_nothing_answers(stack: Stack) -> None:
    headers = {"X-Requested-With": "crm"}
    with httpx2.Client(base_url=f"{stack.url}/api/v1", headers=headers, timeout=PATIENCE) as stranger:
        for path in ("/overview", "/segments", "/campaigns", "/keys", "/session"):
            assert stranger.get(path).status_code == 401
        assert stranger.post("/audience/preview", json={"rules": EVERYONE}).status_code == 401
        assert stranger.post("/ingest/customers", json={"customer_id": "X"}).status_code == 401
        assert stranger.post("/receipts", json={"receipts": []}).status_code == 401


@pytest.mark.usefixtures("people")
def test_no_log_holds_a_token_or_a_key(stack: Stack) -> None:
    secret = [stack.about["api_key"], stack.about["webhook_secret"], stack.about["vendor_key"], "eyJ"]
    for file in (stack.folder / "logs").iterdir():
        text = file.read_text(errors="replace")
        assert not [word for word in secret if word in text], file.name


def fates(message_ids: list[str]) -> dict[str, str]:
    """What the simulated vendor has each message come to."""
    outcomes = part_of("vendor", "vendor_sim.outcomes")
    unused = dict.fromkeys(("CRM_VENDOR_KEY", "CRM_WEBHOOK_SECRET"), "-" * 16)
    wired = {"CRM_PROJECT": "-", "CRM_WEBHOOK_URL": "-", **unused}
    vendor = load(VendorSettings, {**wired, "CRM_FAILURE_RATE": str(FAILURE_RATE)})
    at = datetime.now(UTC)
    return {name: outcomes.reports(vendor, name, at)[0].event for name in message_ids}


def preview(client: httpx2.Client, rules: dict[str, Any]) -> dict[str, Any]:
    answer = client.post("/audience/preview", json={"rules": rules, "channel": "simulator"})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def log(client: httpx2.Client, campaign: str) -> list[dict[str, Any]]:
    """Every row of a campaign's communication log, page by page."""
    rows: list[dict[str, Any]] = []
    cursor = None
    while True:
        parameters = {"limit": "20", **({"cursor": cursor} if cursor else {})}
        page = client.get(f"{campaign}/log", params=parameters).json()
        rows += page["data"]
        cursor = page["next_cursor"]
        if cursor is None:
            return rows
