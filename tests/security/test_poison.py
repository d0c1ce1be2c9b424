"""Whatever somebody puts straight into a topic, each good record beside it is stored, and nothing blocks."""

import gzip
import json

import httpx2
import pytest

from tests.functions.consumer.conftest import consumer, customer, documents, envelope, kept

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
    assert await pushed(consumer, MESSAGES[wrong]) == 204
    if wrong != "a byte order mark":
        (letter,) = await documents(project, "dead_letters")
        assert letter["reason"]


async def pushed(consumer: httpx2.AsyncClient, message: bytes) -> int:
    answer = await consumer.post("/events/records", json=envelope(message))
    return answer.status_code
