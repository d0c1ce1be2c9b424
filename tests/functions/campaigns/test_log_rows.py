"""The communication log over HTTP, in pages and as CSV."""

import csv
import io
from typing import Any

import httpx2
import pytest

from crm.campaigns.campaign import Campaign, Message
from crm.campaigns.store.campaigns import Campaigns
from crm.customers.customer import erased
from crm.customers.customer_key import customer_key
from crm.delivery.log import LogRow
from crm.delivery.store import communication_log
from crm.platform.firestore.client import client
from tests.functions.campaigns.conftest import NOW, Api, paths, person

pytestmark = pytest.mark.emulator

CAMPAIGN = "c1" * 16


@pytest.fixture
async def campaign_id(api: Api) -> str:
    campaign = Campaign(
        campaign_id=CAMPAIGN,
        name="Spring",
        status="finished",
        channel="simulator",
        message=Message(body="Hi"),
        rules={"combinator": "and", "rules": [], "all": True},
        created_at=NOW,
        created_by="marketer@example.com",
    )
    await Campaigns(client(api.project)).create(campaign)
    return campaign.campaign_id


async def log(project: str, number: int, **fields: Any) -> None:
    row = LogRow(
        **{
            "message_id": f"m{number}",
            "campaign_id": CAMPAIGN,
            "customer_key": customer_key(f"C-{number}"),
            "chunk_id": "0000-0000",
            "shard": 0,
            "channel": "simulator",
            "status": "delivered",
            "sent_at": NOW,
            "updated_at": NOW,
            **fields,
        }
    )
    collection = client(project).collection(communication_log.COLLECTION)
    await collection.document(row.message_id).set(communication_log.encode(row))


def cells(answer: httpx2.Response) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.text)))


async def test_pages_hold_every_row_once(api: Api, campaign_id: str) -> None:
    await api.store([person(0)])
    for number in range(5):
        await log(api.project, number, status="failed" if number % 2 else "delivered")
    await log(api.project, 9, campaign_id="0" * 32)
    found: list[dict[str, Any]] = []
    cursor = None
    while True:
        params = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await api.get(f"/campaigns/{CAMPAIGN}/log", params=params)).json()
        found += page["data"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert [row["customer_key"] for row in found] == [customer_key(f"C-{number}") for number in range(5)]
    assert found[0] == {
        "message_id": "m0",
        "customer_key": customer_key("C-0"),
        "customer_id": "C-0",
        "name": "Customer 0",
        "status": "delivered",
        "reason": None,
        "channel": "simulator",
        "sent_at": "2026-03-01T12:00:00Z",
        "updated_at": "2026-03-01T12:00:00Z",
        "opened_at": None,
        "clicked_at": None,
    }
    failed = (await api.get(f"/campaigns/{CAMPAIGN}/log", params={"status": "failed"})).json()
    assert [row["message_id"] for row in failed["data"]] == ["m1", "m3"]


async def test_odd_parameters_are_refused(api: Api, campaign_id: str) -> None:
    assert paths(await api.get(f"/campaigns/{CAMPAIGN}/log", params={"status": "lost"})) == ["status"]
    assert paths(await api.get(f"/campaigns/{CAMPAIGN}/log", params={"cursor": "a/b"})) == ["cursor"]
    assert paths(await api.get(f"/campaigns/{CAMPAIGN}/log", params={"limit": 100_000})) == ["limit"]
    assert (await api.get(f"/campaigns/{'0' * 32}/log")).status_code == 404
    assert (await api.get(f"/campaigns/{'0' * 32}/log.csv")).status_code == 404


async def test_the_file_holds_every_row_over_many_reads(
    api: Api, campaign_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("campaigns_api.log_rows.CSV_PAGE", 2)
    for number in range(5):
        await log(api.project, number, status="failed" if number % 2 else "delivered")
    answer = await api.get(f"/campaigns/{CAMPAIGN}/log.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert f'filename="campaign-{CAMPAIGN}.csv"' in answer.headers["content-disposition"]
    assert answer.headers["cache-control"] == "private, no-store"
    assert [row["message_id"] for row in cells(answer)] == [f"m{number}" for number in range(5)]
    assert cells(answer)[0]["sent_at"] == "2026-03-01T12:00:00Z"
    failed = await api.get(f"/campaigns/{CAMPAIGN}/log.csv", params={"status": "failed"})
    assert [row["message_id"] for row in cells(failed)] == ["m1", "m3"]


async def test_an_empty_log_is_a_header(api: Api, campaign_id: str) -> None:
    answer = await api.get(f"/campaigns/{CAMPAIGN}/log.csv")
    assert answer.text == (
        "message_id,customer_key,customer_id,name,status,reason,channel,sent_at,updated_at,opened_at,clicked_at\r\n"
    )


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "＝"])
async def test_no_cell_is_a_formula(api: Api, campaign_id: str, start: str) -> None:
    evil = f"{start}cmd|' /C calc'!A0"
    await api.store([person(1, customer_id=evil, name=evil)])
    await log(api.project, 1, customer_key=customer_key(evil), reason=evil)
    (row,) = cells(await api.get(f"/campaigns/{CAMPAIGN}/log.csv"))
    assert row["customer_id"] == row["name"] == row["reason"] == f"'{evil}"


async def test_recipients_who_were_erased_have_a_key_and_nothing_else(api: Api, campaign_id: str) -> None:
    await api.store([person(1), erased(person(2), NOW)])
    for number in (1, 2, 3):
        await log(api.project, number)
    rows = (await api.get(f"/campaigns/{CAMPAIGN}/log")).json()["data"]
    assert [(row["customer_id"], row["name"]) for row in rows] == [
        ("C-1", "Customer 1"),
        (None, None),
        (None, None),
    ]
    assert [
        (row["customer_id"], row["name"]) for row in cells(await api.get(f"/campaigns/{CAMPAIGN}/log.csv"))
    ] == [
        ("C-1", "Customer 1"),
        ("erased", ""),
        ("erased", ""),
    ]


async def test_commas_quotes_and_line_ends_stay_in_their_cell(api: Api, campaign_id: str) -> None:
    await log(api.project, 1, reason='a,"b"\nc')
    (row,) = cells(await api.get(f"/campaigns/{CAMPAIGN}/log.csv"))
    assert row["reason"] == 'a,"b"\nc'
