"""Connections on which an answer is found that came before the whole request was sent.

A function answers a body that it refuses without reading it, and closes. The next write then fails, and the
transports of asyncio drop what came before that. Plain sockets keep it.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

import httpcore2


class SocketBackend(httpcore2.AsyncNetworkBackend):
    """Connects plain sockets to addresses of this machine."""

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  # httpcore names it
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        connection = socket.socket()
        try:
            connection.setblocking(False)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            async with _failing_as(httpcore2.ConnectTimeout, httpcore2.ConnectError, timeout):
                await asyncio.get_running_loop().sock_connect(connection, (host, port))
        except BaseException:
            connection.close()
            raise
        return _Stream(connection)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class _Stream(httpcore2.AsyncNetworkStream):
    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109
        async with _failing_as(httpcore2.ReadTimeout, httpcore2.ReadError, timeout):
            return await asyncio.get_running_loop().sock_recv(self._connection, max_bytes)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109
        async with _failing_as(httpcore2.WriteTimeout, httpcore2.WriteError, timeout):
            await asyncio.get_running_loop().sock_sendall(self._connection, buffer)

    async def aclose(self) -> None:
        self._connection.close()

    def get_extra_info(self, info: str) -> Any:
        return _is_readable(self._connection) if info == "is_readable" else None


def _is_readable(connection: socket.socket) -> bool:
    """Whether the other side has sent something, or closed."""
    try:
        connection.recv(1, socket.MSG_PEEK)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


@asynccontextmanager
async def _failing_as(
    late: type[Exception], broken: type[Exception], seconds: float | None
) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError as error:
        raise late(str(error)) from error
    except OSError as error:
        raise broken(str(error)) from error
