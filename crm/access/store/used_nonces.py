"""`used_nonces/{hash of the nonce's id}`: nonces with which somebody signed in, deleted at `expires_at`."""

from datetime import datetime, timedelta
from typing import Final

from google.api_core.exceptions import AlreadyExists
from google.cloud.firestore import AsyncClient

from crm.access.nonces import LIFETIME
from crm.kernel.errors import Unauthenticated
from crm.kernel.ids import document_id
from crm.platform.firestore import documents
from crm.platform.firestore.commits import Commit

COLLECTION: Final = "used_nonces"

KEPT: Final = LIFETIME + timedelta(hours=1)
"""How long a use is stored: longer than the nonce is valid."""


class UsedNonces:
    """Lets each nonce be used once."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def use(self, nonce_id: str, session_id: str, now: datetime) -> None:
        """Use a nonce for a session. Raises Unauthenticated if another session has, Unavailable."""
        path = f"{COLLECTION}/{document_id(nonce_id)}"
        commit = Commit(self._client)
        commit.create(path, {"session_id": session_id, "expires_at": now + KEPT})
        try:
            await commit.send()
        except AlreadyExists as error:
            stored = await documents.get(self._client, path)
            # The client library repeats a commit whose answer was lost: then the use is our own.
            if stored is None or stored.fields["session_id"] != session_id:
                raise Unauthenticated(
                    "Somebody has signed in with this identity token. Sign in again."
                ) from error
