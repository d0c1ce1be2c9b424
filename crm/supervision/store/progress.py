"""Progress in Firestore: `campaigns/{id}/supervision/progress`."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from google.cloud.firestore import AsyncClient

from crm.kernel.stored_values import of_fields
from crm.platform.firestore import documents
from crm.platform.firestore.commits import Commit
from crm.supervision.progress import Progress


class FirestoreProgress:
    """`crm.supervision.ports.ProgressStore` in Firestore."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def of_campaigns(self, campaign_ids: Sequence[str]) -> Mapping[str, Progress]:
        """The progress that is known, by campaign."""
        paths = {_path(campaign_id): campaign_id for campaign_id in campaign_ids}
        found = await documents.get_many(self._client, list(paths))
        return {paths[path]: of_fields(Progress, stored.fields) for path, stored in found.items()}

    async def save(self, campaign_id: str, progress: Progress) -> None:
        """Store the progress. The last writer wins: at worst an alarm is raised twice."""
        commit = Commit(self._client)
        commit.merge(_path(campaign_id), asdict(progress), {})
        await commit.send()


def _path(campaign_id: str) -> str:
    return f"campaigns/{campaign_id}/supervision/progress"
