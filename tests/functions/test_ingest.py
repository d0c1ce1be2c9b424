"""The ingest API: accepted records are with the broker, others are reported by path."""

import asyncio
import base64
import json
import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest

from crm.access.api_keys import SCOPES
from crm.access.route_rules import BATCH
from crm.access.store.api_keys import ApiKeys, new_id
from crm.platform.clock import now
from crm.platform.firestore.client import client
from devstack.broker import Broker
from tests.event_loop import turns
from tests.support import client_of, load_function

pytestmark = pytest.mark.emulator

PREFIX = "/api/v1/ingest"
CUSTOMER = {"customer_id": "C-1", "name": "Mira", "updated_at": "2026-01-01T00:00:00Z"}
ORDER = {
    "order_id": "O-1",
    "customer_id": "C-1",
    "amount": 49.9,
    "placed_at": "2026-01-01T00:00:00Z",
    "updated_at": "2026-01-01T00:00:00Z",
}

BAD_ORDERS: list[tuple[str, str]] = [
    ('{**, "amount": NaN}', "amount"),
    ('{**, "amount": Infinity}', "amount"),
    ('{**, "amount": 1e400}', "amount"),
    ('{**, "amount": 1' + "0" * 400 + "}", "amount"),
    ('{**, "amount": "twelve"}', "amount"),
    ('{**, "amount": null}', "amount"),
    ('{**, "amount": true}', "amount"),
    ('{**, "amount": 0.12345}', "amount"),
    ('{**, "placed_at": "2025-02-30"}', "placed_at"),
    ('{**, "placed_at": 5}', "placed_at"),
    ('{**, "placed_at": "0001-01-01T00:00:00+05:00"}', "placed_at"),
    ('{**, "updated_at": "2999-01-01T00:00:00Z"}', "updated_at"),
    ('{**, "category": "' + "x" * 200_000 + '"}', "category"),
    ('{**, "status": "lost"}', "status"),
    ('{**, "currency": "pounds"}', "currency"),
    ('{**, "customer_id": ""}', "customer_id"),
    ('{**, "customer_id": 7}', "customer_id"),
    ('{**, "colour": "red"}', "colour"),
    ('{**, "date": "2026-01-01"}', "date"),
]
BAD_CUSTOMERS: list[tuple[str, str]] = [
    ('{"name": "nobody"}', "customer_id"),
    ('{**, "email": "mira"}', "email"),
    ('{**, "birthday": "2025-02-30"}', "birthday"),
    ('{**, "visits": 1.5}', "visits"),
    ('{**, "visits": 1e400}', "visits"),
    ('{**, "consent": "yes"}', "consent"),
    ('{**, "tags": ["vip", 5]}', "tags.1"),
    ('{**, "consents": {"fax": true}}', "consents.fax"),
    ('{**, "attributes": {"size": NaN}}', "attributes.size"),
    ('{**, "attributes": {"size": 1' + "0" * 400 + "}}", "attributes.size"),
    ('{**, "attributes": {"since": "2025-02-30"}}', "attributes.since"),
    ('{**, "attributes": {"deep": {"x": 1}}}', "attributes.deep"),
    ('{**, "attributes": {"date": "2025-02-30"}}', "attributes.date"),
    ('{**, "attributes": {"__key__": 1}}', "attributes"),
]


@pytest.fixture
async def ingest(project: str) -> AsyncIterator[httpx2.AsyncClient]:
    """The function in process, called with an API key."""
    _, key = await ApiKeys(client(project)).create(new_id(), "shop", "owner@example.com", now(), SCOPES)
    async with client_of(load_function("ingest"), headers={"Authorization": f"Bearer {key}"}) as caller:
        yield caller


@pytest.fixture
def broker(project: str) -> Broker:
    """The broker, with the topic and a subscription of the same name that nobody pushes from."""
    made = Broker(os.environ["PUBSUB_EMULATOR_HOST"], project)
    made.create_topic("records")
    made.create_subscription("records", {"topic": made.topic_name("records")})
    return made


def published(broker: Broker) -> list[dict[str, Any]]:
    return [json.loads(base64.b64decode(message["data"])) for message in broker.take_unhandled("records")]


def records_of(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [record for message in messages for record in message["records"]]


def paths(response: httpx2.Response) -> list[str]:
    assert response.headers["content-type"] == "application/problem+json"
    return [error["path"] for error in response.json()["errors"]]


def filled(text: str, base: dict[str, Any]) -> str:
    return text.replace("**", json.dumps(base)[1:-1])


async def test_a_customer_is_taken_and_published(ingest: httpx2.AsyncClient, broker: Broker) -> None:
    response = await ingest.post(f"{PREFIX}/customers", json=CUSTOMER)

    assert (response.status_code, response.json()) == (202, {"accepted": 1, "ids": ["C-1"]})
    assert published(broker) == [{"kind": "customers", "records": [CUSTOMER]}]


async def test_an_order_without_a_time_gets_that_of_its_arrival(
    ingest: httpx2.AsyncClient, broker: Broker
) -> None:
    raw = {name: value for name, value in ORDER.items() if name != "updated_at"}

    response = await ingest.post(f"{PREFIX}/orders", json=raw)

    assert (response.status_code, response.json()) == (202, {"accepted": 1, "ids": ["O-1"]})
    (message,) = published(broker)
    (record,) = message["records"]
    assert message["kind"] == "orders"
    assert abs(datetime.fromisoformat(record["updated_at"]) - datetime.now(UTC)) < timedelta(minutes=1)


@pytest.mark.parametrize(("text", "path"), BAD_ORDERS, ids=[t[:40] for t, _ in BAD_ORDERS])
async def test_a_bad_order_is_refused_by_path_alone_and_in_a_batch(
    ingest: httpx2.AsyncClient, broker: Broker, text: str, path: str
) -> None:
    await _refused_alone_and_in_a_batch(ingest, broker, "orders", ORDER, filled(text, ORDER), path)


@pytest.mark.parametrize(("text", "path"), BAD_CUSTOMERS, ids=[t[:40] for t, _ in BAD_CUSTOMERS])
async def test_a_bad_customer_is_refused_by_path_alone_and_in_a_batch(
    ingest: httpx2.AsyncClient, broker: Broker, text: str, path: str
) -> None:
    await _refused_alone_and_in_a_batch(ingest, broker, "customers", CUSTOMER, filled(text, CUSTOMER), path)


async def _refused_alone_and_in_a_batch(
    ingest: httpx2.AsyncClient, broker: Broker, kind: str, good: dict[str, Any], bad: str, path: str
) -> None:
    alone = await ingest.post(f"{PREFIX}/{kind}", content=bad)
    assert (alone.status_code, paths(alone)) == (422, [path])
    assert len(alone.content) < 2000

    body = f'{{"records": [{json.dumps(good)}, {bad}]}}'
    batch = await ingest.post(f"{PREFIX}/{kind}/batch", content=body)

    assert batch.status_code == 202
    assert batch.json()["accepted"] == 1
    (rejected,) = batch.json()["rejected"]
    assert rejected["index"] == 1
    assert [error["path"] for error in rejected["errors"]] == [f"records.1.{path}"]
    assert records_of(published(broker))[0]["customer_id"] == "C-1"


async def test_one_bad_record_of_a_thousand_stops_no_other(
    ingest: httpx2.AsyncClient, broker: Broker
) -> None:
    records: list[dict[str, Any]] = [{**CUSTOMER, "customer_id": f"C-{n}"} for n in range(1000)]
    records[500]["name"] = 5

    answer = (await ingest.post(f"{PREFIX}/customers/batch", json={"records": records})).json()

    assert answer["accepted"] == 999
    assert [rejected["index"] for rejected in answer["rejected"]] == [500]
    assert len(records_of(published(broker))) == 999


async def test_a_batch_without_a_good_record_is_answered_and_publishes_nothing(
    ingest: httpx2.AsyncClient, broker: Broker
) -> None:
    response = await ingest.post(f"{PREFIX}/orders/batch", json={"records": [{}, 5]})

    assert response.status_code == 202
    assert response.json()["accepted"] == 0
    assert [rejected["index"] for rejected in response.json()["rejected"]] == [0, 1]
    assert published(broker) == []


async def test_a_rejected_record_says_how_many_errors_are_left_out(ingest: httpx2.AsyncClient) -> None:
    tags = {"customer_id": "C-1", "tags": list(range(50))}

    alone = await ingest.post(f"{PREFIX}/customers", json=tags)
    batch = await ingest.post(f"{PREFIX}/customers/batch", json={"records": [tags, {}]})

    assert alone.json()["detail"] == "The request is not valid. 30 more errors are not shown."
    assert [(len(each["errors"]), each["detail"]) for each in batch.json()["rejected"]] == [
        (20, "30 more errors are not shown."),
        (1, None),
    ]
    assert {tuple(error) for each in batch.json()["rejected"] for error in each["errors"]} == {
        tuple(error) for error in alone.json()["errors"]
    }


async def test_a_batch_of_nothing_but_errors_holds_up_no_other_call(ingest: httpx2.AsyncClient) -> None:
    bad = {f"x{number}": number for number in range(59)}
    record = {"tags": list(bad.values()), "consents": bad, "attributes": {name: [] for name in bad}}
    body = json.dumps({"records": [record] * 1000})
    await ingest.post(
        f"{PREFIX}/customers/batch", json={"records": [{}]}
    )  # loads what is loaded on first use

    async with turns() as took:
        answer = await ingest.post(f"{PREFIX}/customers/batch", content=body)

    assert (answer.status_code, len(answer.json()["rejected"])) == (202, 1000)
    assert max(took) < sum(took) / 3


@pytest.mark.parametrize(
    "body",
    [
        {"records": [CUSTOMER] * 1001},
        {"records": []},
        {"records": CUSTOMER},
        {"records": None},
        {},
    ],
    ids=["1001", "none", "no list", "null", "missing"],
)
async def test_a_batch_of_the_wrong_size_or_shape_names_records(
    ingest: httpx2.AsyncClient, broker: Broker, body: Any
) -> None:
    response = await ingest.post(f"{PREFIX}/customers/batch", json=body)
    assert (response.status_code, paths(response)) == (422, ["records"])
    assert published(broker) == []


async def test_an_unknown_field_next_to_records_is_named(ingest: httpx2.AsyncClient) -> None:
    response = await ingest.post(f"{PREFIX}/customers/batch", json={"records": [CUSTOMER], "upsert": True})
    assert (response.status_code, paths(response)) == (422, ["upsert"])


@pytest.mark.parametrize("body", [b"", b"{", b'{"customer_id": "C-1",}', b"\xff\xfe", b'{"a": "\\ud800"}'])
@pytest.mark.parametrize("path", ["/customers", "/orders/batch"])
async def test_a_body_that_is_not_json_is_400(ingest: httpx2.AsyncClient, path: str, body: bytes) -> None:
    response = await ingest.post(PREFIX + path, content=body)
    assert response.status_code == 400
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("body", ["[]", "5", '"x"', "null"])
async def test_a_body_that_is_no_object_is_422(ingest: httpx2.AsyncClient, body: str) -> None:
    for path in ("/customers", "/customers/batch"):
        response = await ingest.post(PREFIX + path, content=body)
        assert (response.status_code, paths(response)) == (422, ["body"])


async def test_a_body_over_10_mib_is_413(ingest: httpx2.AsyncClient) -> None:
    response = await ingest.post(f"{PREFIX}/customers/batch", content=b" " * (BATCH + 1))
    assert response.status_code == 413


async def test_many_faults_and_long_names_make_a_short_answer(ingest: httpx2.AsyncClient) -> None:
    response = await ingest.post(
        f"{PREFIX}/customers",
        json={**CUSTOMER, **{f"x{n}": n for n in range(5000)}, "y" * 100_000: 1},
    )
    assert response.status_code == 422
    assert len(response.content) < 5000
    assert len(response.json()["errors"]) == 20
    assert "4,981 more errors are not shown" in response.json()["detail"]


@pytest.mark.parametrize("header", [None, "Bearer", "Bearer crm_00_nothing", "Basic eDp5", "Bearer  "])
async def test_without_a_good_key_nothing_is_taken(project: str, broker: Broker, header: str | None) -> None:
    async with client_of(load_function("ingest")) as caller:
        for path in ("/customers", "/customers/batch", "/orders", "/orders/batch"):
            headers = {"Authorization": header} if header else {}
            response = await caller.post(PREFIX + path, json=CUSTOMER, headers=headers)
            assert response.status_code == 401
            assert response.headers["content-type"] == "application/problem+json"
            assert response.headers["www-authenticate"] == "Bearer"
    assert published(broker) == []


async def test_concurrent_calls_share_messages(ingest: httpx2.AsyncClient, broker: Broker) -> None:
    calls = [ingest.post(f"{PREFIX}/orders", json={**ORDER, "order_id": f"O-{n}"}) for n in range(100)]

    responses = await asyncio.gather(*calls)

    assert {response.status_code for response in responses} == {202}
    messages = published(broker)
    assert len(messages) < 30
    assert {record["order_id"] for record in records_of(messages)} == {f"O-{n}" for n in range(100)}


async def test_one_customers_records_stay_in_one_message(ingest: httpx2.AsyncClient, broker: Broker) -> None:
    orders = [{**ORDER, "order_id": f"O-{n}", "customer_id": f"C-{n % 300}"} for n in range(1000)]

    await ingest.post(f"{PREFIX}/orders/batch", json={"records": orders})

    messages = published(broker)
    assert len(records_of(messages)) == 1000
    assert max(len(message["records"]) for message in messages) <= 500
    homes = [{record["customer_id"] for record in message["records"]} for message in messages]
    assert sum(map(len, homes)) == 300


@pytest.mark.usefixtures("brief_retries")
async def test_without_a_broker_the_call_fails_and_says_when_to_come_back(
    ingest: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PUBSUB_EMULATOR_HOST", "127.0.0.1:9")

    response = await ingest.post(f"{PREFIX}/customers", json=CUSTOMER)

    assert response.status_code == 503
    assert int(response.headers["retry-after"]) > 0
    assert response.headers["content-type"] == "application/problem+json"


async def test_without_its_topic_the_call_fails(ingest: httpx2.AsyncClient) -> None:
    response = await ingest.post(f"{PREFIX}/customers", json=CUSTOMER)
    assert response.status_code == 503


async def test_the_openapi_document_is_3_1_with_examples_and_problems(ingest: httpx2.AsyncClient) -> None:
    document = (await ingest.get(f"{PREFIX}/openapi.json")).json()

    assert document["openapi"].startswith("3.1")
    assert set(document["paths"]) == {
        f"{PREFIX}/{path}" for path in ("customers", "customers/batch", "orders", "orders/batch")
    }
    schemas = document["components"]["schemas"]
    for path in document["paths"].values():
        route = path["post"]
        name = route["requestBody"]["content"]["application/json"]["schema"]["$ref"].rsplit("/", 1)[-1]
        assert schemas[name]["examples"]
        assert {"202", "400", "401", "403", "413", "422", "503"} <= set(route["responses"])
        assert route["responses"]["422"]["content"].keys() == {"application/problem+json"}
        assert route["security"] == [{"API key": []}]
    text = json.dumps(document)
    for name in {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}:
        assert name in schemas


async def test_every_example_is_taken(ingest: httpx2.AsyncClient, broker: Broker) -> None:
    document = (await ingest.get(f"{PREFIX}/openapi.json")).json()
    for path, item in document["paths"].items():
        reference = item["post"]["requestBody"]["content"]["application/json"]["schema"]["$ref"]
        schema = document["components"]["schemas"][reference.rsplit("/", 1)[-1]]
        for example in schema["examples"]:
            response = await ingest.post(path, json=example)
            assert (response.status_code, response.json()["accepted"]) == (202, 1)


async def test_swagger_ui_needs_no_key_and_nothing_from_elsewhere(project: str) -> None:
    async with client_of(load_function("ingest")) as caller:
        page = await caller.get(f"{PREFIX}/docs")
        script = await caller.get(f"{PREFIX}/docs/start.js")
        assert (await caller.get(f"{PREFIX}/docs/other.js")).status_code == 404
        assert (await caller.get("/health")).json() == {"status": "ok", "version": "dev"}
    assert page.status_code == 200
    assert "http" not in page.text
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert script.headers["content-type"].startswith("text/javascript")
