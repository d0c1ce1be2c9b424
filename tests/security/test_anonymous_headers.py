"""Nobody makes a function large or slow by the head of a request, which is read before anybody is known."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress

import pytest

from crm.entry.headers import SECURITY
from crm.entry.http_protocol import HEAD_SECONDS, MAX_HEAD, MAX_HEADERS
from tests.security.served import Answer, Served, call, parsed, pinging, serving

pytestmark = pytest.mark.emulator

START = b"GET /health HTTP/1.1\r\nHost: function.test\r\n"
CHUNKED = (
    b"POST /api/v1/ingest/customers HTTP/1.1\r\nHost: function.test\r\nTransfer-Encoding: chunked\r\n\r\n"
)
MANY = 60_000_000
MOST_SENT = 6 * 2**20
MOST_MEMORY = 1.3
MOST_BLOCKED = 0.25

_THREADS = ThreadPoolExecutor(250)


@pytest.fixture(scope="module", params=["vendor", "summarize"])
def served(
    request: pytest.FixtureRequest, emulators: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    name: str = request.param
    with serving(tmp_path_factory.mktemp("served"), {}, (name,)) as found:
        yield found[name]


def exchanged(port: int, sent: bytes, pause: float = 0) -> tuple[Answer | None, int, float]:
    """The answer if one came before the end of the connection, the bytes sent by then, and the seconds.

    With a `pause`, so many seconds pass before each byte.
    """
    since, rest, received = time.monotonic(), memoryview(sent), b""
    with socket.create_connection(("127.0.0.1", port), timeout=pause or 30) as connection:
        with suppress(OSError):
            while rest and not received:
                rest = rest[connection.send(rest[: 1 if pause else 2**16]) :]
                if pause:
                    with suppress(TimeoutError):
                        received = connection.recv(2**16)
                        break
        connection.settimeout(30)
        with suppress(ConnectionError):
            while part := connection.recv(2**16):
                received += part
    answer = parsed(received, 0) if received else None
    return answer, len(sent) - len(rest), time.monotonic() - since


async def exchange(port: int, sent: bytes, pause: float = 0) -> tuple[Answer | None, int, float]:
    return await asyncio.get_running_loop().run_in_executor(_THREADS, exchanged, port, sent, pause)


@asynccontextmanager
async def harmless(served: Served) -> AsyncIterator[None]:
    """What is done in the block leaves the function small, and its event loop free."""
    await call(served.port, "GET", "/health")
    served.forget_peak()
    idle = served.resident()
    async with pinging(served) as took:
        yield
        await asyncio.sleep(0.3)  # for a ping after it
    assert served.peak() <= MOST_MEMORY * idle, (served.peak(), idle)
    assert max(took) < MOST_BLOCKED, sorted(took)[-5:]


def require_refused(answer: Answer | None, status: int) -> None:
    assert answer is not None
    assert (answer.status, answer.problem["status"]) == (status, status)
    assert answer.headers["connection"] == "close"
    assert {name: answer.headers.get(name.lower()) for name in SECURITY} == dict(SECURITY)


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(START + b"X-A: " + b"x" * MANY + b"\r\n\r\n", id="a long header"),
        pytest.param(START + b"x" * MANY + b": a\r\n\r\n", id="a long name"),
        pytest.param(START + b"a:b\r\n" * 2_000_000 + b"\r\n", id="many headers"),
        pytest.param(START + b"X-A: " + b"x\r\n " * (MANY // 4) + b"\r\n\r\n", id="a folded header"),
        pytest.param(b"GET /" + b"a" * MANY + b" HTTP/1.1\r\n\r\n", id="a long address"),
        pytest.param(b"\r\n" * (MANY // 2) + START + b"\r\n", id="blank lines"),
        pytest.param(b"A" * MANY, id="a long method"),
    ],
)
async def test_a_large_head_is_refused_early(served: Served, sent: bytes) -> None:
    async with harmless(served):
        answer, written, took = await exchange(served.port, sent)
    require_refused(answer, answer.status if answer is not None and answer.status == 400 else 431)
    assert written < MOST_SENT
    assert took < HEAD_SECONDS / 2


@pytest.mark.parametrize(
    "rest",
    [
        pytest.param(b"0\r\nX-A: " + b"x" * MANY, id="a long trailer"),
        pytest.param(b"0\r\n" + b"a:b\r\n" * 2_000_000, id="many trailers"),
        pytest.param(b"1;" + b"x" * MANY, id="a long extension"),
    ],
)
async def test_what_surrounds_the_parts_of_a_body_is_bounded(served: Served, rest: bytes) -> None:
    async with harmless(served):
        _, written, took = await exchange(served.port, CHUNKED + rest)
    assert written < MOST_SENT
    assert took < HEAD_SECONDS / 2


@pytest.mark.parametrize(("count", "status"), [(MAX_HEADERS, 200), (MAX_HEADERS + 1, 431)])
async def test_as_many_headers_as_are_allowed_are_read(served: Served, count: int, status: int) -> None:
    last = b"Connection: close\r\n\r\n"
    answer, _, _ = await exchange(served.port, START + b"a:b\r\n" * (count - 2) + last)
    assert answer is not None
    assert answer.status == status


@pytest.mark.parametrize(("size", "status"), [(MAX_HEAD - 100, 200), (MAX_HEAD, 431)])
async def test_headers_as_large_as_allowed_are_read(served: Served, size: int, status: int) -> None:
    last = b"\r\nConnection: close\r\n\r\n"
    answer, _, _ = await exchange(served.port, START + b"X-A: " + b"x" * size + last)
    assert answer is not None
    assert answer.status == status


async def test_half_a_head_is_not_waited_for(served: Served) -> None:
    """Neither on a new connection nor after a request, whether something comes now and then or nothing."""
    whole = START + b"\r\n"
    stalled = [exchange(served.port, START + b"X-A: y") for _ in range(30)]
    trickled = [exchange(served.port, START + b"X-A: " + b"y" * 100, pause=0.5) for _ in range(30)]
    silent = [exchange(served.port, b"") for _ in range(30)]
    later = [exchange(served.port, whole + START) for _ in range(30)]
    async with harmless(served):
        answers = await asyncio.gather(*stalled, *trickled, *silent, *later)
    for answer, _, took in answers[:60]:
        require_refused(answer, 408)
        assert HEAD_SECONDS - 1 < took < HEAD_SECONDS + 10
    for answer, _, took in answers[60:90]:
        assert answer is None
        assert took < HEAD_SECONDS + 10
    assert all(took < HEAD_SECONDS + 10 for _, _, took in answers[90:])


async def test_many_unfinished_heads_are_bounded_together(served: Served) -> None:
    async with harmless(served):
        held = []
        for _ in range(600):
            held.append(socket.create_connection(("127.0.0.1", served.port), timeout=10))
            held[-1].sendall(START + b"X-A: " + b"x" * (MAX_HEAD - 1000))
            await asyncio.sleep(0)
        await asyncio.sleep(1)
        answer = await call(served.port, "GET", "/health")
    assert answer.status == 200
    require_refused(parsed(held[0].recv(2**16), 0), 503)
    for each in held:
        each.close()


@pytest.mark.parametrize("path", ["/health", "/api/v1/nothing"])
@pytest.mark.parametrize("protocol", ["websocket", "h2c"])
async def test_a_wish_to_upgrade_is_ignored(served: Served, path: str, protocol: str) -> None:
    wish = {
        "Connection": "Upgrade",
        "Upgrade": protocol,
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }
    plain, answer = await call(served.port, "GET", path), await call(served.port, "GET", path, wish)
    assert (answer.status, answer.body) == (plain.status, plain.body)
    assert {name: answer.headers.get(name.lower()) for name in SECURITY} == dict(SECURITY)
    require_refused(await call(served.port, "POST", path, wish, b"{}"), 400)


@pytest.mark.parametrize(
    "sent", [b"\0\r\n\r\n", b"GET / HTTP/1.1\r\n: a\r\n\r\n", b"CONNECT a:1 HTTP/1.1\r\n\r\n"]
)
async def test_what_is_no_request_gets_a_problem(served: Served, sent: bytes) -> None:
    answer, _, _ = await exchange(served.port, sent)
    require_refused(answer, 400)
