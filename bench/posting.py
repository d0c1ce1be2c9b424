"""Posts ready-made requests over kept connections, at little cost, because the measuring process shares the
cores."""

import asyncio
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit


def request(url: str, headers: Mapping[str, str], body: bytes) -> bytes:
    """A POST of JSON as it goes over the wire."""
    parts = urlsplit(url)
    given = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    head = (
        f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\n{given}"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def post(url: str, requests: Sequence[bytes], connections: int) -> dict[int, int]:
    """Send every request, each connection one after the other; how many got which status.

    Raises OSError or asyncio.IncompleteReadError where a connection breaks: nothing is sent twice.
    """
    parts = urlsplit(url)
    waiting = iter(requests)
    statuses: dict[int, int] = {}

    async def connection() -> None:
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        for each in waiting:
            writer.write(each)
            status = await _answer(reader)
            statuses[status] = statuses.get(status, 0) + 1
        writer.close()

    await asyncio.gather(*(connection() for _ in range(connections)))
    return statuses


async def _answer(reader: asyncio.StreamReader) -> int:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = head.partition(b"content-length:")[2].partition(b"\r\n")[0]
    await reader.readexactly(int(length or b"0"))
    return int(head.split(b" ", 2)[1])
