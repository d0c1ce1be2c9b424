"""Between functions and the Pub/Sub emulator: a publish call is in the journal before it is answered.

Runs as a process of its own: `python -m devstack.relay --port 9000 --broker 127.0.0.1:9001 --journal FOLDER`.
It passes every call of the publisher's gRPC interface on as it is, and knows nothing of subscriptions.
"""

import argparse
import asyncio
import base64
import signal
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import grpc
from google.pubsub_v1.types import PublishRequest

from crm.entry.batching import Batcher
from devstack.broker import Message
from devstack.journal import Journal
from devstack.paths import ROOT
from devstack.processes import Child, free_port

_PUBLISH = "/google.pubsub.v1.Publisher/Publish"
_NO_LIMIT = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
_PATIENT = [("grpc.initial_reconnect_backoff_ms", 100), ("grpc.max_reconnect_backoff_ms", 1000)]
_PACK = 500
_START_SECONDS = 60

Entry = tuple[str, list[Message]]


class Relay:
    """The process, running. Its address is `host` and stays when it is replaced."""

    def __init__(self, broker_host: str, journal: Path, logs: Path) -> None:
        """Start it; it may not listen yet. `journal` is a folder."""
        self._port = free_port()
        self._arguments = [f"--port={self._port}", f"--broker={broker_host}", f"--journal={journal}"]
        self._logs = logs
        self.host = f"127.0.0.1:{self._port}"
        self.child = self._start(append=False)

    @classmethod
    @contextmanager
    def running(cls, broker_host: str, journal: Path, logs: Path) -> Iterator["Relay"]:
        """Start it, wait until it listens, end it on leaving. Raises StackError where it does not start."""
        made = cls(broker_host, journal, logs)
        try:
            made.child.wait_until_listens(made._port, _START_SECONDS)
            yield made
        finally:
            made.child.stop()

    def replace(self) -> None:
        """Put another in the place of one that died. Raises StackError where it does not start."""
        self.child.kill()
        self.child = self._start(append=True)
        self.child.wait_until_listens(self._port, _START_SECONDS)

    def _start(self, *, append: bool) -> Child:
        command = [sys.executable, "-m", "devstack.relay", *self._arguments]
        log = self._logs / "relay.log"
        environment = {"PYTHONUNBUFFERED": "1"}
        return Child("The relay to Pub/Sub", command, log, environment, folder=ROOT, append=append)


async def serve(port: int, broker: str, journal: Journal, until: Awaitable[object]) -> None:
    """Relay calls to 127.0.0.1:`port` until the awaitable is done; calls under way are finished."""

    async def write(entries: list[Entry]) -> list[Exception | None]:
        await asyncio.to_thread(journal.append, entries)
        return [None] * len(entries)

    journaled: Batcher[Entry, None] = Batcher(write, 0.0, _PACK)
    async with grpc.aio.insecure_channel(broker, options=[*_NO_LIMIT, *_PATIENT]) as channel:
        server = grpc.aio.server(options=_NO_LIMIT)
        server.add_generic_rpc_handlers([_Handler(channel, journaled)])
        server.add_insecure_port(f"127.0.0.1:{port}")
        await server.start()
        await until
        await server.stop(grace=5)


class _Handler(grpc.GenericRpcHandler):  # type: ignore[misc]  # the library has no types
    """Answers every unary call with what the broker answers."""

    def __init__(self, channel: Any, journaled: Batcher[Entry, None]) -> None:
        self._channel = channel
        self._journaled = journaled

    def service(self, details: Any) -> Any:
        return grpc.unary_unary_rpc_method_handler(partial(self._relay, details.method))

    async def _relay(self, method: str, request: bytes, context: Any) -> bytes:
        call: Callable[..., Awaitable[bytes]] = self._channel.unary_unary(method)
        try:
            answer = await call(request, timeout=context.time_remaining())
        except grpc.aio.AioRpcError as error:
            await context.abort(error.code(), error.details())  # raises
        if method == _PUBLISH:
            try:
                await self._journaled.submit(_entry(request))
            except OSError as error:
                await context.abort(grpc.StatusCode.UNAVAILABLE, f"The journal cannot be written: {error}")
        return answer


def _entry(request: bytes) -> Entry:
    """Its topic without the project, and its messages as the REST interface writes them."""
    published = PublishRequest.pb(PublishRequest.deserialize(request))
    return published.topic.rpartition("/")[2], [
        {"data": base64.b64encode(message.data).decode(), "attributes": dict(message.attributes)}
        for message in published.messages
    ]


async def _until_asked() -> None:
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, asked.set)
    await asked.wait()


def main() -> None:
    """Relay until SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m devstack.relay")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--broker", required=True, help="host and port of the Pub/Sub emulator")
    parser.add_argument("--journal", type=Path, required=True, help="folder of the journal")
    arguments = parser.parse_args()
    asyncio.run(serve(arguments.port, arguments.broker, Journal(arguments.journal), _until_asked()))


if __name__ == "__main__":
    main()
