import asyncio
import base64
import json
import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from standardwebhooks.webhooks import Webhook

from crm.access.refused_callers import CALLER_REFUSED
from crm.campaigns.campaign import Counts
from crm.delivery.receipt_batches import PACK_SIZE
from crm.delivery.receipts import Receipt
from devstack.broker import Broker
from tests.event_loop import turns
from tests.receipts import counts, receipt, row, row_now, write
from tests.support import client_of, load_function

pytestmark = pytest.mark.emulator

PATH = "/api/v1/receipts"
OLD = "whsec_" + base64.b64encode(b"o" * 24).decode()
KEY = "a key for tests that is long enough for that"
NEW = "whsec_" + base64.b64encode(b"n" * 24).decode()


@pytest.fixture
async def function(
    project: str, push_headers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[httpx2.AsyncClient]:
    """The function in process."""
    monkeypatch.setenv("CRM_WEBHOOK_SECRETS", f"{NEW},{OLD}")
    monkeypatch.setenv("CRM_WEBHOOK_KEY", KEY)
    async with client_of(load_function("receipts")) as client:
        yield client


@pytest.fixture
def broker(project: str) -> Broker:
    """The broker, with the topic and a subscription of the same name that nobody pushes from."""
    made = Broker(os.environ["PUBSUB_EMULATOR_HOST"], project)
    made.create_topic("receipts")
    made.create_subscription("receipts", {"topic": made.topic_name("receipts")})
    return made


def signed(body: bytes, secret: str = NEW, at: datetime | None = None) -> dict[str, str]:
    at = at or datetime.now(UTC)
    return {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign("msg_1", at, body.decode()),
    }


async def post(function: httpx2.AsyncClient, value: Any) -> httpx2.Response:
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return await function.post(PATH, content=body, headers=signed(body))


def wire(of: Receipt) -> dict[str, Any]:
    return of.model_dump(mode="json", exclude_none=True)


def published(broker: Broker) -> list[list[dict[str, Any]]]:
    messages = broker.take_unhandled("receipts")
    return [json.loads(base64.b64decode(message["data"]))["receipts"] for message in messages]


def paths(response: httpx2.Response) -> list[str]:
    assert response.headers["content-type"] == "application/problem+json"
    return [error["path"] for error in response.json()["errors"]]


async def test_one_receipt_is_taken_and_published(function: httpx2.AsyncClient, broker: Broker) -> None:
    response = await post(function, wire(receipt("a" * 32, "failed", reason="voll ☹")))
    assert (response.status_code, response.json()) == (202, {"accepted": 1, "rejected": []})
    assert published(broker) == [[wire(receipt("a" * 32, "failed", reason="voll ☹"))]]


async def test_a_batch_of_nothing_but_errors_holds_up_no_other_call(function: httpx2.AsyncClient) -> None:
    bad = {f"x{number}": number for number in range(150)}
    body = json.dumps({"receipts": [bad] * 1000}, separators=(",", ":")).encode()
    await post(function, {"receipts": [{}]})  # loads what is loaded on first use

    async with turns() as took:
        answer = await post(function, body)

    rejected = answer.json()["rejected"]
    assert (answer.status_code, len(rejected)) == (202, 1000)
    assert rejected[0]["detail"] == "133 more errors are not shown."
    assert max(took) < sum(took) / 3


async def test_one_bad_receipt_of_500_stops_no_other(
    function: httpx2.AsyncClient, broker: Broker, project: str, push_headers: dict[str, str]
) -> None:
    rows = [row(number) for number in range(500)]
    await write(project, rows)
    receipts = [wire(receipt(each)) for each in rows]
    receipts[7]["status"] = "bounced"
    response = await post(function, {"receipts": receipts})
    assert response.status_code == 202
    answer = response.json()
    assert answer["accepted"] == 499
    assert [(r["index"], [e["path"] for e in r["errors"]]) for r in answer["rejected"]] == [
        (7, ["receipts.7.status"])
    ]
    (pack,) = published(broker)
    assert [one["message_id"] for one in pack] == [one["message_id"] for one in receipts[:7] + receipts[8:]]
    body = json.dumps({"receipts": pack}).encode()
    assert (await push(function, push_headers, body)).status_code == 204
    assert (await counts(project))["all"] == Counts(accepted=-499, delivered=499)
    assert (await row_now(project, rows[7])).status == "accepted"


async def test_concurrent_calls_share_messages(function: httpx2.AsyncClient, broker: Broker) -> None:
    many = [[wire(receipt(f"{call:016x}{number:016x}")) for number in range(40)] for call in range(50)]
    responses = await asyncio.gather(*(post(function, {"receipts": batch}) for batch in many))
    assert {response.status_code for response in responses} == {202}
    packs = published(broker)
    assert len(packs) < 20
    assert max(len(pack) for pack in packs) <= PACK_SIZE
    assert sorted(one["message_id"] for pack in packs for one in pack) == [
        one["message_id"] for batch in many for one in batch
    ]


async def test_1000_receipts_fit_and_1001_do_not(function: httpx2.AsyncClient, broker: Broker) -> None:
    receipts = [wire(receipt(f"{number:032x}")) for number in range(1001)]
    response = await post(function, {"receipts": receipts})
    assert (response.status_code, paths(response)) == (422, ["receipts"])
    assert published(broker) == []
    assert (await post(function, {"receipts": receipts[:1000]})).json()["accepted"] == 1000
    assert sorted(map(len, published(broker))) == [500, 500]


async def test_the_older_secret_counts_and_a_replay_is_borne(
    function: httpx2.AsyncClient, broker: Broker
) -> None:
    body = json.dumps(wire(receipt("a" * 32))).encode()
    headers = signed(body, OLD)
    for _ in range(2):
        assert (await function.post(PATH, content=body, headers=headers)).status_code == 202
    assert published(broker) == [[wire(receipt("a" * 32))]] * 2


async def test_without_a_good_signature_nothing_is_taken(
    function: httpx2.AsyncClient, broker: Broker, caplog: pytest.LogCaptureFixture
) -> None:
    body = json.dumps(wire(receipt("a" * 32))).encode()
    stranger = "whsec_" + base64.b64encode(b"x" * 24).decode()
    for why, headers in (
        ("is not signed", {}),
        ("signature does not hold", signed(body, stranger)),
        ("signature does not hold", signed(body.replace(b"delivered", b"failed"))),
        ("not within five minutes", signed(body, at=datetime.now(UTC) - timedelta(minutes=6))),
        ("not within five minutes", signed(body, at=datetime.now(UTC) + timedelta(minutes=6))),
        ("signature does not hold", {**signed(body), "webhook-signature": "v1,!!"}),
        ("not within five minutes", {**signed(body), "webhook-timestamp": "soon"}),
    ):
        response = await function.post(PATH, content=body, headers=headers)
        assert response.status_code == 401
        assert response.headers["content-type"] == "application/problem+json"
        assert why in response.json()["detail"]
    said = [vars(line)["ids"]["reason"] for line in caplog.records if line.getMessage() == CALLER_REFUSED]
    assert said == ["webhook_unsigned", "webhook_signature", "webhook_time"]
    assert published(broker) == []


@pytest.mark.parametrize(
    "body", [b"", b"{", b'{"receipts": [}', b'{"a": NaN}', b'{"a": "\\ud800"}', b"[" * 500]
)
async def test_malformed_json_is_400(function: httpx2.AsyncClient, body: bytes) -> None:
    response = await post(function, body)
    assert response.status_code == 400
    assert response.headers["content-type"] == "application/problem+json"


GOOD = wire(receipt("a" * 32))


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        ([GOOD], "body"),
        ("text", "body"),
        (None, "body"),
        ({"receipts": GOOD}, "receipts"),
        ({"receipts": None}, "receipts"),
        ({"receipts": []}, "receipts"),
        ({"receipts": [GOOD], "more": 1}, "more"),
        ({**GOOD, "occurred_at": "2999-01-01T00:00:00Z"}, "occurred_at"),
        ({**GOOD, "more": 1}, "more"),
        ({**GOOD, "message_id": ""}, "message_id"),
        ({**GOOD, "message_id": 5}, "message_id"),
        ({**GOOD, "status": "sent"}, "status"),
        ({**GOOD, "reason": "x" * 501}, "reason"),
        ({**GOOD, "occurred_at": "2025-02-30T00:00:00Z"}, "occurred_at"),
        ({**GOOD, "occurred_at": "9999-12-31T23:59:59-01:00"}, "occurred_at"),
        ({**GOOD, "occurred_at": 10**400}, "occurred_at"),
        ({name: value for name, value in GOOD.items() if name != "occurred_at"}, "occurred_at"),
    ],
)
async def test_an_invalid_receipt_is_422_and_named(
    function: httpx2.AsyncClient, value: Any, fault: str
) -> None:
    response = await post(function, value)
    assert (response.status_code, paths(response)) == (422, [fault])


async def test_a_body_that_is_too_large_is_413(function: httpx2.AsyncClient) -> None:
    response = await post(function, b" " * (10 * 2**20 + 1))
    assert response.status_code == 413


@pytest.fixture
def away(monkeypatch: pytest.MonkeyPatch, brief_retries: None) -> None:
    """Nobody is where broker and database should be; and nobody waits long for them."""
    for name in ("FIRESTORE_EMULATOR_HOST", "PUBSUB_EMULATOR_HOST"):
        monkeypatch.setenv(name, "127.0.0.1:9")


@pytest.mark.usefixtures("away")
async def test_without_the_broker_there_is_no_202(function: httpx2.AsyncClient) -> None:
    response = await post(function, GOOD)
    assert (response.status_code, "retry-after" in response.headers) == (503, True)


@pytest.mark.usefixtures("away")
async def test_without_the_database_a_push_is_not_acknowledged(
    function: httpx2.AsyncClient, push_headers: dict[str, str]
) -> None:
    response = await push(function, push_headers, packed([receipt("a" * 32)]))
    assert response.status_code == 503


async def push(function: httpx2.AsyncClient, headers: dict[str, str], body: bytes) -> httpx2.Response:
    data = base64.b64encode(body).decode()
    envelope = {"message": {"data": data, "messageId": "1"}, "subscription": "receipts"}
    return await function.post("/events/receipts", json=envelope, headers=headers)


def packed(receipts: list[Receipt]) -> bytes:
    return json.dumps({"receipts": [wire(one) for one in receipts]}).encode()


async def test_concurrent_pushes_move_rows_and_counters_once(
    function: httpx2.AsyncClient, project: str, push_headers: dict[str, str]
) -> None:
    rows = [row(number) for number in range(60)]
    await write(project, rows)
    packs = [packed([receipt(one) for one in rows[start : start + 10]]) for start in range(0, 60, 10)]
    packs.append(packed([receipt(rows[0], "failed", reason="full"), receipt(rows[1], "clicked")]))
    responses = await asyncio.gather(*(push(function, push_headers, pack) for pack in packs * 2))
    assert {response.status_code for response in responses} == {204}
    assert (await row_now(project, rows[0])).status == "failed"
    assert await counts(project) == {
        "all": Counts(accepted=-60, delivered=59, failed=1, clicked=1),
        "odd": Counts(accepted=-30, delivered=30, clicked=1),
    }


async def test_only_our_subscription_may_push(function: httpx2.AsyncClient, project: str) -> None:
    await write(project, [row(1)])
    assert (await push(function, {}, packed([receipt(row(1))]))).status_code == 401
    assert (await row_now(project, row(1))).status == "accepted"


async def test_the_documented_examples_are_taken(function: httpx2.AsyncClient, broker: Broker) -> None:
    document = (await function.get(f"{PATH}/openapi.json")).json()
    assert list(document["paths"]) == [PATH, "/api/v1/unsubscribe/{token}"]
    body = document["paths"][PATH]["post"]["requestBody"]["content"]["application/json"]["schema"]
    names = [reference["$ref"].rsplit("/", 1)[-1] for reference in body["oneOf"]]
    assert names == ["Receipt", "ReceiptBatch"]
    for name in names:
        (example,) = document["components"]["schemas"][name]["examples"]
        assert (await post(function, example)).json() == {"accepted": 1, "rejected": []}


async def test_swagger_ui_is_served(function: httpx2.AsyncClient) -> None:
    assert (await function.get(f"{PATH}/docs")).status_code == 200


async def test_it_says_that_it_is_there(function: httpx2.AsyncClient) -> None:
    assert (await function.get("/health")).json() == {"status": "ok", "version": "dev"}
