"""Publishes to Pub/Sub and waits for the acknowledgement, without threads."""

import os
from collections.abc import Iterator, Mapping, Sequence

import grpc
from google.api_core.exceptions import GoogleAPICallError, NotFound
from google.pubsub_v1 import PublisherAsyncClient
from google.pubsub_v1.services.publisher.transports import PublisherGrpcAsyncIOTransport
from google.pubsub_v1.types import PubsubMessage

from crm.kernel.errors import Unavailable
from crm.platform import tracing
from crm.platform.google_errors import TIMEOUT, retry, translated
from crm.schemas import MESSAGES, SCHEMA

MAX_MESSAGES = 1000
"""Messages of one publish call, the limit of Pub/Sub."""

MAX_BYTES = 3_000_000
"""Bytes of one publish call, unless one message is larger; the limit is 10 MB, 4 MiB in the emulator."""


class Publisher:
    """Publishes to the topics of one project, whose names start with `prefix`."""

    def __init__(self, project: str, prefix: str = "") -> None:
        self._topics = f"projects/{project}/topics/{prefix}"
        self._client: PublisherAsyncClient | None = None

    async def publish(
        self, topic: str, messages: Sequence[bytes], attributes: Mapping[str, str] | None = None
    ) -> None:
        """Return once every message is durable. They carry the trace of this call, and the version of their
        schema unless `attributes` name another. Raises Unavailable.

        After an error some of the messages may have been published. Callers publish them again; handlers are
        idempotent.
        """
        client = self._client = self._client or _connected()
        path = self._topics + topic
        carried = {SCHEMA: str(MESSAGES[topic]), **tracing.outgoing(), **(attributes or {})}
        for part in _requests(messages):
            published = client.publish(
                topic=path,
                messages=[PubsubMessage(data=data, attributes=carried) for data in part],
                retry=retry(),
                timeout=TIMEOUT,
            )
            try:
                async with translated("The message broker"):
                    await published
            except NotFound as error:
                raise Unavailable(f"The topic {topic} does not exist.") from error

    async def probe(self, topic: str) -> None:
        """Return if the topic exists. Raises Unavailable."""
        client = self._client = self._client or _connected()
        try:
            async with translated("The message broker"):
                await client.get_topic(topic=self._topics + topic, retry=retry(), timeout=TIMEOUT)
        except GoogleAPICallError as error:  # it answers: no such topic, or no access
            raise Unavailable(f"The message broker refuses the topic {topic}: {error.message}") from error


def _requests(messages: Sequence[bytes]) -> Iterator[list[bytes]]:
    part: list[bytes] = []
    size = 0
    for message in messages:
        if part and (len(part) == MAX_MESSAGES or size + len(message) > MAX_BYTES):
            yield part
            part, size = [], 0
        part.append(message)
        size += len(message)
    if part:
        yield part


def _connected() -> PublisherAsyncClient:
    emulator = os.environ.get("PUBSUB_EMULATOR_HOST")
    if not emulator:
        return PublisherAsyncClient()
    channel = grpc.aio.insecure_channel(emulator)
    return PublisherAsyncClient(transport=PublisherGrpcAsyncIOTransport(channel=channel))
