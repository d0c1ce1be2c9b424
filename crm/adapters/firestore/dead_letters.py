"""Dead letters as documents of `dead_letters`, named by the hash of what failed."""

from datetime import UTC, datetime

from google.cloud.firestore import AsyncClient

from crm.adapters.firestore import raw
from crm.domain.dead_letters import MAX_PAYLOAD, MAX_REASON, DeadLetter

COLLECTION = "dead_letters"


def write(commit: raw.Commit, letter: DeadLetter, at: datetime) -> None:
    """Add the letter to a commit. `payload` is text where it is UTF-8, else bytes; `size` its whole length.

    A letter kept before is written over: the same payload, the latest reason and time.
    """
    kept = letter.payload[:MAX_PAYLOAD]
    fields = {
        "source": letter.source,
        "reason": letter.reason[:MAX_REASON],
        "payload": _text(kept),
        "size": len(letter.payload),
        "attributes": dict(letter.attributes),
        "at": at,
    }
    commit.merge(f"{COLLECTION}/{letter.id}", fields, {})


class DeadLetters:
    """Keeps what Pub/Sub gave up on."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def keep(self, letter: DeadLetter) -> None:
        """Return once the letter is kept. Raises Unavailable."""
        commit = raw.Commit(self._client)
        write(commit, letter, datetime.now(UTC))
        await commit.send()


def _text(payload: bytes) -> str | bytes:
    try:
        return payload.decode()
    except UnicodeDecodeError:
        return payload
