"""The Firestore client, created on first use: importing a function must not connect."""

from functools import cache

from google.cloud.firestore import AsyncClient

from crm.topology import DEFAULT_DATABASE


@cache
def client(project: str, database: str = DEFAULT_DATABASE) -> AsyncClient:
    """The client of this process. The library honours `FIRESTORE_EMULATOR_HOST`."""
    return AsyncClient(project=project, database=database)
