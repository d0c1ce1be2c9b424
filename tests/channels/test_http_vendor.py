"""The HTTP vendor against a real server: what each answer means for the batch."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from crm.channels.http_vendor import HttpVendor
from crm.channels.outgoing import Outgoing, SendResult, VendorAway, VendorRefused
from tests.vendor_stub import VENDOR_KEY, VendorStub
from tests.waiting import until_true

LINK = "https://crm.example.com/api/v1/unsubscribe/example"
BATCH = [
    Outgoing(
        message_id="m1",
        channel="simulator",
        to="a@example.com",
        subject=None,
        body="Hi",
        unsubscribe_url=LINK,
    ),
    Outgoing(
        message_id="m2",
        channel="email",
        to="b@example.com",
        subject="Spring",
        body="Hello",
        unsubscribe_url=LINK,
    ),
]


async def sent(stub: VendorStub, patience: float = 5, key: str = VENDOR_KEY) -> Mapping[str, SendResult]:
    return await HttpVendor(stub.url, key, patience).send(BATCH)


async def test_a_batch_is_one_call_with_every_message_under_its_id(vendor_stub: VendorStub) -> None:
    vendor_stub.rejects["b@example.com"] = "blocked"
    assert await sent(vendor_stub) == {
        "m1": SendResult(status="accepted"),
        "m2": SendResult(status="rejected", reason="blocked"),
    }
    assert vendor_stub.calls == [
        [
            {
                "id": "m1",
                "channel": "simulator",
                "to": "a@example.com",
                "body": "Hi",
                "unsubscribe_url": LINK,
            },
            {
                "id": "m2",
                "channel": "email",
                "to": "b@example.com",
                "body": "Hello",
                "unsubscribe_url": LINK,
                "subject": "Spring",
            },
        ]
    ]


async def test_a_message_left_out_of_the_answer_is_left_out_here(vendor_stub: VendorStub) -> None:
    vendor_stub.forget = {"m2"}
    assert set(await sent(vendor_stub)) == {"m1"}


@pytest.mark.parametrize(
    ("status", "headers", "nothing_taken", "wait"),
    [
        (429, {"Retry-After": "7"}, True, 7),
        (429, {"Retry-After": "999999"}, True, 3600),
        (429, {"Retry-After": "soon"}, True, None),
        (429, {}, True, None),
        (503, {"Retry-After": "2"}, False, 2),
        (500, {}, False, None),
        (404, {}, True, None),
        (202, {}, False, None),
    ],
)
async def test_a_refusal_for_now(
    vendor_stub: VendorStub, status: int, headers: dict[str, str], nothing_taken: bool, wait: int | None
) -> None:
    vendor_stub.refusals.append((status, headers))
    with pytest.raises(VendorAway) as raised:
        await sent(vendor_stub)
    assert (raised.value.nothing_taken, raised.value.asked_to_wait) == (nothing_taken, wait)


async def test_a_wait_until_a_date(vendor_stub: VendorStub) -> None:
    until = datetime.now(UTC) + timedelta(minutes=50)
    vendor_stub.refusals.append((429, {"Retry-After": format_datetime(until, usegmt=True)}))
    with pytest.raises(VendorAway) as raised:
        await sent(vendor_stub)
    assert 1800 < (raised.value.asked_to_wait or 0) <= 3001  # however long the answer took


async def test_a_reason_is_kept_without_the_address(vendor_stub: VendorStub) -> None:
    vendor_stub.rejects = {"b@example.com": "550 <b@example.com> is blocked"}
    assert {result.reason for result in (await sent(vendor_stub)).values()} == {None, "550 <…> is blocked"}


@pytest.mark.parametrize("status", [400, 413, 422])
async def test_a_permanent_refusal(vendor_stub: VendorStub, status: int) -> None:
    vendor_stub.refusals.append((status, {}))
    with pytest.raises(VendorRefused, match=str(status)):
        await sent(vendor_stub)


async def test_the_wrong_key_is_our_fault_and_takes_nothing(vendor_stub: VendorStub) -> None:
    with pytest.raises(VendorAway, match="401") as raised:
        await sent(vendor_stub, key="wrong")
    assert raised.value.nothing_taken


async def test_a_vendor_that_hangs_may_have_taken_the_batch(vendor_stub: VendorStub) -> None:
    vendor_stub.hang = 60
    with pytest.raises(VendorAway) as raised:
        await sent(vendor_stub, patience=0.5)
    assert not raised.value.nothing_taken
    # On a busy machine the vendor may read the batch only after the client has given up.
    await until_true(lambda: set(vendor_stub.ledger) == {"m1", "m2"})


async def test_an_answer_without_sense_may_have_taken_the_batch(vendor_stub: VendorStub) -> None:
    vendor_stub.garbled = True
    with pytest.raises(VendorAway) as raised:
        await sent(vendor_stub)
    assert not raised.value.nothing_taken


async def test_without_a_vendor_nothing_is_accepted() -> None:
    with pytest.raises(VendorAway) as raised:
        await HttpVendor("http://127.0.0.1:9", "key", 1).send(BATCH)
    assert raised.value.nothing_taken
