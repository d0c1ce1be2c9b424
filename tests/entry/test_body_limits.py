"""Bodies end by size, by time, and by how many bytes of unproven senders there are."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Message

from crm.entry.body_limits import (
    FIRST_SECONDS,
    LEAST_RATE,
    MAX_BODY_VALUES,
    BoundedRequest,
    LimitedBody,
    UnprovenBytes,
)
from crm.kernel.errors import Unavailable


class Clock:
    """A time that the test sets."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def request_of(parts: Sequence[bytes], *, declared: int | None = None, encoding: bytes = b"") -> Request:
    """A request whose body comes in these parts, and never ends after them."""
    waiting = iter(parts)

    async def receive() -> Message:
        for part in waiting:
            return {"type": "http.request", "body": part, "more_body": True}
        return await asyncio.Event().wait() and {}

    headers = [] if declared is None else [(b"content-length", b"%d" % declared)]
    headers += [(b"content-encoding", encoding)] if encoding else []
    return Request({"type": "http", "method": "POST", "headers": headers}, receive)


async def received(body: LimitedBody, parts: int) -> None:
    for _ in range(parts):
        await body()


async def test_a_body_over_the_limit_ends_with_413() -> None:
    body = LimitedBody(request_of([b"x" * 10, b"x"]), 10)
    await body()
    with pytest.raises(HTTPException) as refused:
        await body()
    assert refused.value.status_code == 413


async def test_a_declared_size_over_the_limit_is_refused_unread() -> None:
    for size in (11, 10**30):
        with pytest.raises(HTTPException) as refused:
            await LimitedBody(request_of([], declared=size), 10)()
        assert refused.value.status_code == 413


@pytest.mark.parametrize("encoding", [b"gzip", b"GZIP", b"identity, br", b"x"])
async def test_an_encoded_body_is_refused_unread(encoding: bytes) -> None:
    with pytest.raises(HTTPException) as refused:
        await LimitedBody(request_of([b"x"], declared=1, encoding=encoding), 10)()
    assert refused.value.status_code == 415
    assert (await LimitedBody(request_of([b"x"], declared=1, encoding=b"identity"), 10)())["body"] == b"x"
    assert (await LimitedBody(request_of([b"x"], declared=0, encoding=encoding), 10)())["body"] == b"x"


async def test_a_body_that_stands_still_ends_with_408() -> None:
    clock = Clock()
    body = LimitedBody(request_of([b"x"]), 10, clock=clock)
    await body()
    clock.now = FIRST_SECONDS
    with pytest.raises(HTTPException) as refused:
        await body()
    assert refused.value.status_code == 408


async def test_a_large_body_may_take_longer_while_it_comes_fast_enough() -> None:
    clock = Clock()
    body = LimitedBody(request_of([bytes(LEAST_RATE)] * 100), 100 * LEAST_RATE, clock=clock)
    for _ in range(50):
        await body()
        clock.now += 1
    clock.now += FIRST_SECONDS + 1
    with pytest.raises(HTTPException):
        await body()


async def test_unproven_bytes_are_bounded_over_all_calls_and_given_back() -> None:
    unproven = UnprovenBytes(15)
    with unproven.share() as first:
        await LimitedBody(request_of([bytes(10)]), 10, first)()
        with unproven.share() as second, pytest.raises(Unavailable):
            await LimitedBody(request_of([bytes(10)]), 10, second)()
    with unproven.share() as third:
        await LimitedBody(request_of([bytes(10)]), 10, third)()


async def test_a_body_that_stands_still_loses_its_room_to_a_newer_one() -> None:
    unproven = UnprovenBytes(25)

    async def stand_still() -> None:
        with unproven.share() as share:
            await received(LimitedBody(request_of([bytes(10)]), 20, share), 2)

    standing = [asyncio.create_task(stand_still()) for _ in range(2)]
    await asyncio.sleep(0)
    with unproven.share() as share:
        await LimitedBody(request_of([bytes(10)]), 10, share)()
        await asyncio.wait(standing, return_when=asyncio.FIRST_COMPLETED)
        assert [each.done() for each in standing] == [True, False]  # only the oldest, for that was enough
        with pytest.raises(Unavailable):
            await standing[0]
    standing[1].cancel()


async def test_an_unproven_sender_earns_no_time_by_a_large_body() -> None:
    clock = Clock()
    with UnprovenBytes(100 * LEAST_RATE).share() as share:
        body = LimitedBody(request_of([bytes(LEAST_RATE)] * 100), 100 * LEAST_RATE, share, clock)
        await received(body, 50)
        clock.now = FIRST_SECONDS
        with pytest.raises(HTTPException) as refused:
            await body()
    assert refused.value.status_code == 408


@pytest.mark.parametrize("part", ["[]", "{}", "1", '{"a":1}'])
async def test_json_of_too_many_values_is_not_parsed(part: str) -> None:
    for count, is_parsed in ((MAX_BODY_VALUES // 3, True), (MAX_BODY_VALUES + 1, False)):
        request = BoundedRequest(*_whole(f"[{','.join([part] * count)}]".encode()))
        if is_parsed:
            assert len(await request.json()) == count
        else:
            with pytest.raises(HTTPException) as refused:
                await request.json()
            assert refused.value.status_code == 422


def _whole(body: bytes) -> tuple[dict[str, Any], Any]:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return {"type": "http", "method": "POST", "headers": []}, receive
