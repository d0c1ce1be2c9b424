"""`sample/current`: the current load of sample data, so that loading again changes nothing."""

from datetime import datetime

from google.api_core.exceptions import AlreadyExists
from google.cloud.firestore import AsyncClient

from crm.platform.firestore import documents
from crm.platform.firestore.commits import Commit
from crm.sample.load import SampleLoad

PATH = "sample/current"


class FirestoreSampleLoads:
    """Claims and ends loads. Every method raises Unavailable."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def claim(self, token: str, at: datetime) -> SampleLoad:
        """The current load; if there is none, a new one of this token and time."""
        commit = Commit(self._client)
        commit.create(PATH, {"token": token, "at": at})
        try:
            await commit.send()
        except AlreadyExists:
            for stored in (await documents.get_many(self._client, [PATH])).values():
                return SampleLoad(stored.fields["token"], stored.fields["at"])
        return SampleLoad(token, at)

    async def end(self) -> None:
        """Delete the current load, if there is one."""
        commit = Commit(self._client)
        commit.delete(PATH)
        await commit.send()
