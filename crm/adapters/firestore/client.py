"""The Firestore client, made when first needed: importing a function must not connect."""

from functools import cache

from google.cloud.firestore import AsyncClient


@cache
def client(project: str) -> AsyncClient:
    """The one client of this process. `FIRESTORE_EMULATOR_HOST` is honoured by the library."""
    return AsyncClient(project=project)
