"""Customers over HTTP: found, shown, exported, erased."""

import json
from datetime import date
from pathlib import Path

import pytest

from crm.customers.customer import Customer
from crm.customers.customer_key import customer_key
from crm.delivery.log import LogRow
from crm.delivery.store import communication_log
from crm.platform.firestore.client import client
from tests.functions.campaigns.conftest import NOW, Api, order, page_of, person

pytestmark = pytest.mark.emulator


async def log_a_message(project: str, customer_id: str) -> None:
    row = LogRow(
        message_id="m1",
        campaign_id="c1",
        customer_key=customer_key(customer_id),
        chunk_id="0000-0000",
        shard=0,
        channel="simulator",
        status="delivered",
        sent_at=NOW,
        updated_at=NOW,
    )
    collection = client(project).collection(communication_log.COLLECTION)
    await collection.document("m1").set(communication_log.encode(row))


async def test_a_search_finds_by_part_of_name_mail_or_id(api: Api) -> None:
    await api.store(
        [
            person(1, name="Mira Shah", last_active_at=NOW),
            person(2, name="Ana", email="shah@example.com"),
            person(3),
        ]
    )
    found = (await api.post("/customers/search", {"query": "SHAH"})).json()
    assert [each["customer_id"] for each in found["data"]] == ["C-1", "C-2"]
    assert found["data"][0]["last_active_at"] == "2026-03-01T12:00:00Z"
    assert found["next_cursor"] is None
    assert (await api.post("/customers/search", {"query": "nobody"})).json()["data"] == []


async def test_the_list_goes_on_where_it_stopped(api: Api) -> None:
    await api.store([person(number) for number in range(5)])
    found: list[str] = []
    cursor = None
    while True:
        body = {"limit": 2, "cursor": cursor}
        page = (await api.post("/customers/search", body)).json()
        found += [each["customer_id"] for each in page["data"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert found == [f"C-{number}" for number in range(5)]


async def test_one_customer_with_orders_and_messages(api: Api) -> None:
    mira = person(
        1,
        birthday=date(1990, 5, 17),
        attributes={"size": 38.5, "since": date(2024, 1, 2)},
        last_active_at=NOW,
    )
    await api.store([mira], [order(1, "C-1"), order(2, "C-1", amount=-5_000)])
    await log_a_message(api.project, "C-1")
    found = (await api.get(page_of("C-1"))).json()
    customer = found["customer"]
    assert (customer["birthday"], customer["last_active_at"]) == ("1990-05-17", "2026-03-01T12:00:00Z")
    assert customer["attributes"] == {"size": 38.5, "since": "2024-01-02"}
    assert (customer["total_spend"], customer["order_count"], customer["last_order_at"]) == (1.0, 0, None)
    assert [(each["order_id"], each["amount"]) for each in found["orders"]] == [("O-2", -0.5), ("O-1", 12.34)]
    (message,) = found["messages"]
    assert (message["status"], message["campaign_id"], message["campaign_name"]) == ("delivered", "c1", None)
    assert message["sent_at"] == "2026-03-01T12:00:00Z"


async def test_an_export_is_complete(api: Api) -> None:
    await api.store([person(1, field_times={"email": NOW})], [order(n, "C-1") for n in range(3)])
    await log_a_message(api.project, "C-1")
    answer = await api.get(f"{page_of('C-1')}/export")
    assert "attachment" in answer.headers["content-disposition"]
    found = answer.json()
    assert found["customer"]["field_times"] == {"email": "2026-03-01T12:00:00Z"}
    assert found["customer"]["version"] == 1
    assert len(found["orders"]) == 3
    assert len(found["messages"]) == 1


async def test_nobody_is_erased_while_the_ledger_of_erasures_is_away(api: Api, tmp_path: Path) -> None:
    await api.store([person(1)])
    (tmp_path / "erasures").write_text("in the place of the folder")
    refused = await api.call("DELETE", page_of("C-1"), "admin")
    assert (refused.status_code, "ledger" in refused.json()["detail"]) == (503, True)
    assert (await api.get(page_of("C-1"))).status_code == 200
    (tmp_path / "erasures").unlink()
    assert (await api.call("DELETE", page_of("C-1"), "admin")).status_code == 204


async def test_the_erased_are_gone_everywhere_and_stay_so(api: Api, tmp_path: Path) -> None:
    await api.store([person(1), person(2)], [order(1, "C-1"), order(2, "C-2")])
    await log_a_message(api.project, "C-1")
    rules = {"combinator": "and", "rules": [], "all": True}
    assert (await api.post("/audience/preview", {"rules": rules})).json()["total"] == 2

    for _ in range(2):
        assert (await api.call("DELETE", page_of("C-1"), "admin")).status_code == 204
    gone = await api.get(page_of("C-1"))
    assert gone.status_code == 404
    assert "erased" in gone.json()["detail"]
    (entry,) = (tmp_path / "erasures").iterdir()
    assert set(json.loads(entry.read_text())) == {"key", "at"}
    assert (await api.get(f"{page_of('C-1')}/export")).status_code == 404
    assert (await api.post("/audience/preview", {"rules": rules})).json()["total"] == 1
    listed = (await api.post("/customers/search", {})).json()["data"]
    assert [each["customer_id"] for each in listed] == ["C-2"]
    row = await client(api.project).collection(communication_log.COLLECTION).document("m1").get()
    assert row.get("customer_key") == customer_key("C-1")
    assert "C-1" not in str(row.to_dict())


async def test_an_unknown_customer_is_not_found(api: Api) -> None:
    nobody = page_of("X")
    for method, path in (("GET", nobody), ("GET", f"{nobody}/export"), ("DELETE", nobody)):
        answer = await api.call(method, path, "admin")
        assert answer.status_code == 404, (method, path)


async def test_a_customer_of_whom_only_orders_came_is_shown(api: Api) -> None:
    await api.store([Customer(customer_id="C-1", version=1)], [order(1, "C-1")])
    found = (await api.get(page_of("C-1"))).json()
    assert found["customer"]["known"] is False
    assert len(found["orders"]) == 1
