"""`campaigns/{id}/summaries/latest`: a campaign's summary and the figures it was made from."""

from collections.abc import Mapping
from typing import Any

from google.api_core.exceptions import AlreadyExists, FailedPrecondition, NotFound
from google.cloud.firestore import AsyncClient

from crm.platform.firestore.get_many import plain_time
from crm.platform.google_errors import RETRY, TIMEOUT, translated
from crm.summaries.summary import Summary

_FIELDS = ("text", "source", "model", "figures", "note", "fingerprint")


def encode(summary: Summary) -> dict[str, Any]:
    """The document of a summary."""
    return {**{name: getattr(summary, name) for name in _FIELDS}, "made_at": summary.made_at}


def decode(campaign_id: str, document: Mapping[str, Any]) -> Summary:
    """The summary of a document."""
    made_at = plain_time(document["made_at"])
    assert made_at is not None
    fields = {name: document[name] for name in _FIELDS}
    return Summary(campaign_id=campaign_id, made_at=made_at, **fields)


class Summaries:
    """The latest summary of each campaign."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def read(self, campaign_id: str) -> tuple[Summary | None, object]:
        """The latest summary, if any, and the update time that `keep` wants. Raises Unavailable."""
        async with translated("The database"):
            found = await self._document(campaign_id).get(retry=RETRY, timeout=TIMEOUT)
        if not found.exists:
            return None, None
        return decode(campaign_id, found.to_dict() or {}), found.update_time

    async def keep(self, summary: Summary, etag: object) -> bool:
        """Store the summary unless somebody stored one since the reading; whether it was stored."""
        document = self._document(summary.campaign_id)
        async with translated("The database"):
            try:
                if etag is None:
                    await document.create(encode(summary), retry=RETRY, timeout=TIMEOUT)
                else:
                    option = self._client.write_option(last_update_time=etag)
                    await document.update(encode(summary), option=option, retry=RETRY, timeout=TIMEOUT)
            except (AlreadyExists, FailedPrecondition, NotFound):
                return False
        return True

    def _document(self, campaign_id: str) -> Any:
        campaign = self._client.collection("campaigns").document(campaign_id)
        return campaign.collection("summaries").document("latest")
