"""`sample/current`: the load of sample data that is there, so that loading again changes nothing."""

from datetime import datetime

from google.api_core.exceptions import AlreadyExists
from google.cloud.firestore import AsyncClient

from crm.platform.firestore import documents
from crm.sample.usecases.sample_data import Load

PATH = "sample/current"


class SampleLoads:
    """Claims and ends loads."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def claim(self, token: str, at: datetime) -> Load:
        """The load that is there, or from now on this one."""
        commit = documents.Commit(self._client)
        commit.create(PATH, {"token": token, "at": at})
        try:
            await commit.send()
        except AlreadyExists:
            for stored in (await documents.read(self._client, [PATH])).values():
                return Load(stored.fields["token"], stored.fields["at"])
        return Load(token, at)

    async def end(self) -> None:
        """There is none any more."""
        commit = documents.Commit(self._client)
        commit.delete(PATH)
        await commit.send()
