"""Names of things, derived so that the same thing always gets the same name.

Documents are named by a hash: ids from outside may hold any character and often rise in order, and
Firestore slows down where neighbouring names are written.
"""

import hashlib
import re

_OURS = re.compile(r"[0-9a-f]{32}")


def document_id(external_id: str) -> str:
    """The document name of a customer or an order: 32 hex digits of SHA-256 of its own id."""
    return hashlib.sha256(external_id.encode()).hexdigest()[:32]
