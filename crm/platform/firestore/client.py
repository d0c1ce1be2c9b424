"""The Firestore client, made when first needed: importing a function must not connect."""

from functools import cache

from google.cloud.firestore import AsyncClient

from crm.topology import DEFAULT_DATABASE


@cache
def client(project: str, database: str = DEFAULT_DATABASE) -> AsyncClient:
    """The one client of this process. `FIRESTORE_EMULATOR_HOST` is honoured by the library."""
    return AsyncClient(project=project, database=database)
