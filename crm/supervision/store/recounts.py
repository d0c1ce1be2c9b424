"""A counting that is under way: `campaigns/{id}/supervision/recount`.

Moments are kept to the nanosecond, as text: a timestamp of the database is cut to microseconds.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from google.api_core.datetime_helpers import DatetimeWithNanoseconds
from google.cloud.firestore import AsyncClient

from crm.campaigns.campaign import Counts
from crm.platform.firestore import documents
from crm.supervision.reconciliation import CounterSnapshot, Recount, Tally


async def read(client: AsyncClient, campaign_id: str) -> Recount | None:
    """How far the counting of a campaign came. Raises Unavailable."""
    path = _path(campaign_id)
    found = await documents.read(client, [path])
    return _decoded(found[path].fields) if path in found else None


async def keep(client: AsyncClient, campaign_id: str, recount: Recount | None) -> None:
    """Write it down, or delete it. The last writer wins: a correction has a guard of its own."""
    commit = documents.Commit(client)
    if recount is None:
        commit.delete(_path(campaign_id))
    else:
        commit.merge(_path(campaign_id), _encoded(recount), {})
    await commit.send()


def _path(campaign_id: str) -> str:
    return f"campaigns/{campaign_id}/supervision/recount"


def _encoded(recount: Recount) -> dict[str, Any]:
    moment = recount.moment
    state = {
        "at": moment.at.rfc3339(),
        "etag": moment.etag and moment.etag.rfc3339(),
        "counters": _plain(moment.counters),
        "tally": _plain(recount.tally),
    }
    return {"began_at": recount.began_at, "after": recount.after, "state": json.dumps(state)}


def _decoded(fields: Mapping[str, Any]) -> Recount:
    state = json.loads(fields["state"])
    etag, at = (_moment(state[name]) for name in ("etag", "at"))
    moment = CounterSnapshot(counters=_tally(state["counters"]), at=at, etag=etag)
    return Recount(
        moment=moment, began_at=fields["began_at"], after=fields["after"], tally=_tally(state["tally"])
    )


def _moment(text: str | None) -> Any:
    made: Any = DatetimeWithNanoseconds
    return text and made.from_rfc3339(text)


def _plain(tally: Tally) -> dict[int, dict[str, dict[str, int]]]:
    return {
        shard: {name: asdict(counts) for name, counts in groups.items()} for shard, groups in tally.items()
    }


def _tally(plain: Mapping[str, Mapping[str, Mapping[str, int]]]) -> dict[int, dict[str, Counts]]:
    return {
        int(shard): {name: Counts(**counts) for name, counts in groups.items()}
        for shard, groups in plain.items()
    }
