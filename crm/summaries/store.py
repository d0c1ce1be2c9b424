"""`campaigns/{id}/summaries/latest`: a campaign's summary and the figures it describes."""

from collections.abc import Mapping
from typing import Any

from google.api_core.exceptions import AlreadyExists, FailedPrecondition, NotFound
from google.cloud.firestore import AsyncClient

from crm.platform.firestore import documents
from crm.platform.firestore.commits import Commit
from crm.summaries.summary import Summary

_FIELDS = ("text", "source", "model", "figures", "note", "fingerprint")


def encode(summary: Summary) -> dict[str, Any]:
    """The document of a summary."""
    return {**{name: getattr(summary, name) for name in _FIELDS}, "made_at": summary.made_at}


def decode(campaign_id: str, document: Mapping[str, Any]) -> Summary:
    """The summary of a document."""
    fields = {name: document[name] for name in _FIELDS}
    return Summary(campaign_id=campaign_id, made_at=document["made_at"], **fields)


class Summaries:
    """Stores the latest summary of each campaign."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def latest(self, campaign_id: str) -> tuple[Summary | None, object]:
        """The latest summary, if any, and its etag for `save`. Raises Unavailable."""
        stored = await documents.get(self._client, _path(campaign_id))
        return (decode(campaign_id, stored.fields), stored.etag) if stored else (None, None)

    async def save(self, summary: Summary, etag: object) -> bool:
        """Store the summary unless the stored etag has changed; whether it was stored. Raises Unavailable."""
        commit = Commit(self._client)
        if etag is None:
            commit.create(_path(summary.campaign_id), encode(summary))
        else:
            commit.update(_path(summary.campaign_id), encode(summary), etag)
        try:
            await commit.send()
        except (AlreadyExists, FailedPrecondition, NotFound):
            return False
        return True


def _path(campaign_id: str) -> str:
    return f"campaigns/{campaign_id}/summaries/latest"
