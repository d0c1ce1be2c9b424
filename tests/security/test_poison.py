"""Whatever somebody puts straight into a topic, each good record beside it is stored, and nothing blocks."""

import gzip
import json
import time
from collections.abc import AsyncIterator

import httpx2
import pytest

from tests.functions.consumer.conftest import consumer, customer, documents, envelope, kept
from tests.receipts import receipt, row, row_now, write
from tests.support import client_of, load_function
from tests.vendor_stub import VENDOR_KEY

__all__ = ["consumer"]

pytestmark = pytest.mark.emulator

GOOD = json.dumps(customer("GOOD")).encode()
TIME = '"updated_at":"2026-02-01T00:00:00Z"'
DEEP = 20_000
LISTS = "[" * DEEP + "]" * DEEP
OBJECTS = '{"b":' * DEEP + "1" + "}" * DEEP
LONG, WIDE, NINES, MEGABYTES = "x" * 5_000, "😀" * 400, "9" * 400, "x" * 2_000_000
MANY = ",".join(f'"{n}"' for n in range(20_000))

RECORDS = {
    "half a character": f'{{"customer_id":"C","name":"\\ud800",{TIME}}}',
    "half a character in the id": f'{{"customer_id":"\\udfff",{TIME}}}',
    "half a character in an attribute": f'{{"customer_id":"C","attributes":{{"\\ud800":1}},{TIME}}}',
    "half a character in a tag": f'{{"customer_id":"C","tags":["\\ud800"],{TIME}}}',
    "deep": f'{{"customer_id":"C","attributes":{{"a":{LISTS}}},{TIME}}}',
    "deep objects": f'{{"customer_id":"C","attributes":{{"a":{OBJECTS}}},{TIME}}}',
    "the folder above": f'{{"customer_id":"..",{TIME}}}',
    "the folder": f'{{"customer_id":".",{TIME}}}',
    "a reserved id": f'{{"customer_id":"__x__",{TIME}}}',
    "an empty id": f'{{"customer_id":"",{TIME}}}',
    "blanks": f'{{"customer_id":"   ",{TIME}}}',
    "a slash": f'{{"customer_id":"a/b/../c",{TIME}}}',
    "zero bytes": f'{{"customer_id":"C\\u0000",{TIME}}}',
    "a long id": f'{{"customer_id":"{LONG}",{TIME}}}',
    "a long id of four bytes each": f'{{"customer_id":"{WIDE}",{TIME}}}',
    "a huge integer": f'{{"customer_id":"C","visits":{NINES},{TIME}}}',
    "an integer over 64 bits": f'{{"customer_id":"C","visits":{2**63},{TIME}}}',
    "a number with an exponent": f'{{"customer_id":"C","attributes":{{"a":1e309}},{TIME}}}',
    "not a number": f'{{"customer_id":"C","attributes":{{"a":NaN}},{TIME}}}',
    "minus infinity": f'{{"customer_id":"C","attributes":{{"a":-Infinity}},{TIME}}}',
    "a number as id": f'{{"customer_id":5,{TIME}}}',
    "a list as id": f'{{"customer_id":["C"],{TIME}}}',
    "a year before all": '{"customer_id":"C","updated_at":"0001-01-01T00:00:00+14:00"}',
    "a year after all": '{"customer_id":"C","updated_at":"9999-12-31T23:59:59-12:00"}',
    "an odd zone": '{"customer_id":"C","updated_at":"2026-02-01T00:00:00+99:99"}',
    "a name that Firestore reserves": f'{{"customer_id":"C","attributes":{{"__name__":1}},{TIME}}}',
    "a path as name": f'{{"customer_id":"C","attributes":{{"a.b`c":1}},{TIME}}}',
    "an empty name": f'{{"customer_id":"C","attributes":{{"":1}},{TIME}}}',
    "null": "null",
    "a text": '"C"',
    "a number": "5",
    "an empty object": "{}",
    "an empty list": "[]",
    "a name twice": f'{{"customer_id":"C","customer_id":"D",{TIME}}}',
    "megabytes": f'{{"customer_id":"C","name":"{MEGABYTES}",{TIME}}}',
    "many tags": f'{{"customer_id":"C","tags":[{MANY}],{TIME}}}',
    "an order among customers": f'{{"order_id":"O","customer_id":"C","amount":1,{TIME}}}',
}
"""Records by what is wrong with them. Some are right, but strange."""

MESSAGES = {
    "nothing": b"",
    "not JSON": b"\xff\xfe\x00",
    "zipped": gzip.compress(b'{"kind":"customers","records":[]}'),
    "deep": b"[" * DEEP,
    "a list": b"[]",
    "no kind": b'{"records":[]}',
    "a list as kind": b'{"kind":[],"records":[]}',
    "half a character as kind": b'{"kind":"\\ud800","records":[]}',
    "records that are none": b'{"kind":"customers","records":{"a":1}}',
    "no end": b'{"kind":"customers","records":[' + GOOD[:-1],
    "a byte order mark": b"\xef\xbb\xbf" + b'{"kind":"customers","records":[]}',
    "a long number": b'{"kind":"customers","records":[' + b"9" * 10_000 + b"]}",
    "quotes that never end": b'{"kind":"customers","records":[' + b'"\\' * 1_000_000,
    "brackets that never end": b'{"kind":"customers","records":[' + b"[" * 2_000_000,
    "a million numbers": b'{"kind":"customers","records":[' + b"1," * 1_000_000 + b"1]}",
    "a million broken ones": b'{"kind":"customers","records":[' + b"x," * 1_000_000 + b"1]}",
}

RECEIPT = '"status":"delivered","occurred_at":"2026-02-01T00:00:00Z"'
RECEIPTS = {
    "half a character": f'{{"message_id":"m","reason":"\\ud800",{RECEIPT}}}',
    "half a character in the id": f'{{"message_id":"\\udfff",{RECEIPT}}}',
    "deep": f'{{"message_id":{LISTS},{RECEIPT}}}',
    "deep beside": f'{{"message_id":"m","more":{OBJECTS},{RECEIPT}}}',
    "the folder above": f'{{"message_id":"..",{RECEIPT}}}',
    "a reserved id": f'{{"message_id":"__x__",{RECEIPT}}}',
    "a path as id": f'{{"message_id":"a/b",{RECEIPT}}}',
    "an empty id": f'{{"message_id":"",{RECEIPT}}}',
    "zero bytes": f'{{"message_id":"m\\u0000",{RECEIPT}}}',
    "a long id": f'{{"message_id":"{LONG}",{RECEIPT}}}',
    "a number as id": f'{{"message_id":{NINES},{RECEIPT}}}',
    "an unknown status": '{"message_id":"m","status":"lost","occurred_at":"2026-02-01T00:00:00Z"}',
    "a year before all": '{"message_id":"m","status":"failed","occurred_at":"0001-01-01T00:00:00+14:00"}',
    "a year after all": '{"message_id":"m","status":"failed","occurred_at":"9999-12-31T23:59:59-12:00"}',
    "not a number": f'{{"message_id":"m","more":NaN,{RECEIPT}}}',
    "null": "null",
    "a number": "5",
    "an empty list": "[]",
    "no JSON": "<html>",
}

REQUESTS = {
    "nothing": b"",
    "not JSON": b"\xff\xfe\x00",
    "zipped": gzip.compress(b"{}"),
    "deep": b"[" * DEEP,
    "a list": b"[]",
    "no names": b"{}",
    "the folder above": b'{"campaign_id":"..","partition":0,"chunk_id":".."}',
    "the folder": b'{"campaign_id":".","partition":0,"chunk_id":"."}',
    "a reserved id": b'{"campaign_id":"__x__","partition":0,"chunk_id":"__x__"}',
    "a path": b'{"campaign_id":"a/b","partition":0,"chunk_id":"a/b"}',
    "an empty id": b'{"campaign_id":"","partition":0,"chunk_id":""}',
    "a long id": b'{"campaign_id":"%s","partition":0,"chunk_id":"0"}' % (b"x" * 1_500),
    "half a character": b'{"campaign_id":"\\ud800","partition":0,"chunk_id":"\\ud800"}',
    "zero bytes": b'{"campaign_id":"a\\u0000","partition":0,"chunk_id":"a\\u0000"}',
    "a line end": b'{"campaign_id":"a\\n","partition":0,"chunk_id":"a\\n"}',
    "huge numbers": b'{"campaign_id":"c","partition":%s,"chunk_id":"0","rate_version":1e999}' % (b"9" * 400),
    "not a number": b'{"campaign_id":"c","partition":NaN,"chunk_id":5}',
}


@pytest.mark.parametrize("wrong", RECORDS)
async def test_a_record_beside_poison_is_stored(
    project: str, consumer: httpx2.AsyncClient, wrong: str
) -> None:
    for kind in ("customers", "orders"):
        pack = f'{{"kind":"{kind}","records":[{RECORDS[wrong]}]}}'.encode()
        assert await pushed(consumer, pack) == 204
    mixed = b'{"kind":"customers","records":[%s,%s]}' % (RECORDS[wrong].encode(), GOOD)
    assert await pushed(consumer, mixed) == 204

    people, _ = await kept(project)
    assert "GOOD" in people
    for letter in await documents(project, "dead_letters"):
        assert letter["reason"]


@pytest.mark.parametrize("wrong", MESSAGES)
async def test_a_message_that_is_none_is_kept_as_a_dead_letter(
    project: str, consumer: httpx2.AsyncClient, wrong: str
) -> None:
    began = time.process_time()
    assert await pushed(consumer, MESSAGES[wrong]) == 204
    assert time.process_time() - began < 10
    if wrong != "a byte order mark":
        (letter,) = await documents(project, "dead_letters")
        assert letter["reason"]


async def test_names_may_stand_in_any_order(project: str, consumer: httpx2.AsyncClient) -> None:
    broken = RECORDS["half a character"].encode()
    assert await pushed(consumer, b'{"records":[%s,%s],"kind":"customers"}' % (broken, GOOD)) == 204
    assert set((await kept(project))[0]) == {"GOOD"}
    (letter,) = await documents(project, "dead_letters")
    assert letter["payload"] == RECORDS["half a character"]


@pytest.fixture
async def receipts(
    project: str, push_headers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[httpx2.AsyncClient]:
    """The function in process, called as its subscription does."""
    monkeypatch.setenv("CRM_WEBHOOK_SECRETS", "whsec_" + "b29v" * 8)
    monkeypatch.setenv("CRM_WEBHOOK_KEY", "a key for tests that is long enough for that")
    async with client_of(load_function("receipts"), headers=push_headers) as caller:
        yield caller


@pytest.mark.parametrize("wrong", RECEIPTS)
async def test_a_receipt_beside_poison_is_applied(
    project: str, receipts: httpx2.AsyncClient, wrong: str
) -> None:
    await write(project, [row(1)])
    good = receipt(row(1)).model_dump_json(exclude_none=True)
    for poison in (RECEIPTS[wrong], f'{{"receipts":[{RECEIPTS[wrong]},{good}]}}'):
        answer = await receipts.post("/events/receipts", json=envelope(poison.encode()))
        assert answer.status_code == 204
    assert (await row_now(project, row(1))).status == "delivered"
    letters = await documents(project, "dead_letters")
    assert {letter["payload"] for letter in letters} <= {RECEIPTS[wrong]}
    assert all(letter["source"] == "receipts" and letter["reason"] for letter in letters)
    assert len(letters) + len(await documents(project, "unmatched_receipts")) == 1


@pytest.mark.parametrize("wrong", [*MESSAGES, "too many receipts"])
async def test_a_message_without_receipts_is_kept_as_a_dead_letter(
    project: str, receipts: httpx2.AsyncClient, wrong: str
) -> None:
    message = MESSAGES.get(wrong, b'{"receipts":[' + b"1," * 5_000 + b"1]}")
    answer = await receipts.post("/events/receipts", json=envelope(message))
    assert answer.status_code == 204
    (letter,) = await documents(project, "dead_letters")
    assert letter["reason"]


@pytest.fixture
async def deliver(
    project: str, push_headers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[httpx2.AsyncClient]:
    """The function in process, called as its subscriptions do."""
    monkeypatch.setenv("CRM_VENDOR_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("CRM_VENDOR_KEY", VENDOR_KEY)
    async with client_of(load_function("deliver"), headers=push_headers) as caller:
        yield caller


@pytest.mark.parametrize("topic", ["partitions", "chunks"])
@pytest.mark.parametrize("wrong", REQUESTS)
async def test_a_request_of_no_sense_is_kept_as_a_dead_letter(
    project: str, deliver: httpx2.AsyncClient, topic: str, wrong: str
) -> None:
    answer = await deliver.post(f"/events/{topic}", json=envelope(REQUESTS[wrong]))
    assert answer.status_code == 204
    (letter,) = await documents(project, "dead_letters")
    assert letter["source"] == topic
    assert letter["reason"].startswith("message.data")


async def pushed(consumer: httpx2.AsyncClient, message: bytes) -> int:
    answer = await consumer.post("/events/records", json=envelope(message))
    return answer.status_code
