"""The messages by which delivery asks itself for the next step. Each may be asked for twice."""

import json
from collections.abc import Iterable

from crm.ports import Broker


async def request_freezing(broker: Broker, campaign_id: str) -> None:
    """Ask for the audience of a launched campaign to be frozen. Raises Unavailable."""
    await broker.publish("launches", [_body(campaign_id=campaign_id)])


async def request_partitions(broker: Broker, campaign_id: str, partitions: Iterable[int]) -> None:
    """Ask for these parts of the audience. Raises Unavailable."""
    await broker.publish("partitions", [_body(campaign_id=campaign_id, partition=n) for n in partitions])


async def request_chunks(broker: Broker, campaign_id: str, chunk_ids: Iterable[str]) -> None:
    """Ask for these chunks to be sent. Raises Unavailable."""
    await broker.publish("chunks", [_body(campaign_id=campaign_id, chunk_id=name) for name in chunk_ids])


def _body(**fields: str | int) -> bytes:
    return json.dumps(fields).encode()
