"""A recount that is under way: `campaigns/{id}/supervision/recount`.

Read times and etags are kept to the nanosecond, as text: Firestore stores timestamps in microseconds.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from google.cloud.firestore import AsyncClient
from google.protobuf.timestamp_pb2 import Timestamp  # type: ignore[import-untyped]  # has no stubs

from crm.campaigns.campaign import Counts
from crm.kernel.stored_values import of_fields
from crm.platform.firestore import documents
from crm.platform.firestore.commits import Commit
from crm.supervision.reconciliation import CounterSnapshot, Recount, Tally


async def load(client: AsyncClient, campaign_id: str) -> Recount | None:
    """How far the recount of a campaign came. Raises Unavailable."""
    found = await documents.get(client, _path(campaign_id))
    return None if found is None else _decoded(found.fields)


async def save(client: AsyncClient, campaign_id: str, recount: Recount | None) -> None:
    """Store it, or with None delete it. The last writer wins: a correction has an etag of its own."""
    commit = Commit(client)
    if recount is None:
        commit.delete(_path(campaign_id))
    else:
        commit.merge(_path(campaign_id), _encoded(recount), {})
    await commit.send()


def _path(campaign_id: str) -> str:
    return f"campaigns/{campaign_id}/supervision/recount"


def _encoded(recount: Recount) -> dict[str, Any]:
    snapshot = recount.snapshot
    state = {
        "at": snapshot.at.ToJsonString(),
        "etag": snapshot.etag and snapshot.etag.ToJsonString(),
        "counters": _as_json(snapshot.counters),
        "tally": _as_json(recount.tally),
    }
    return {"began_at": recount.began_at, "after": recount.after, "state": json.dumps(state)}


def _decoded(fields: Mapping[str, Any]) -> Recount:
    state = json.loads(fields["state"])
    etag, at = (_time(state[name]) for name in ("etag", "at"))
    snapshot = CounterSnapshot(counters=_tally(state["counters"]), at=at, etag=etag)
    return Recount(
        snapshot=snapshot, began_at=fields["began_at"], after=fields["after"], tally=_tally(state["tally"])
    )


def _time(text: str | None) -> Any:
    if text is None:
        return None
    time = Timestamp()
    time.FromJsonString(text)
    return time


def _as_json(tally: Tally) -> dict[int, dict[str, dict[str, int]]]:
    return {
        shard: {name: asdict(counts) for name, counts in groups.items()} for shard, groups in tally.items()
    }


def _tally(found: Mapping[str, Mapping[str, Mapping[str, int]]]) -> dict[int, dict[str, Counts]]:
    return {
        int(shard): {name: of_fields(Counts, counts) for name, counts in groups.items()}
        for shard, groups in found.items()
    }
