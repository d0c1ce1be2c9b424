"""Document ids derived from external ids.

They are hashes: external ids may contain any character and often increase, and Firestore slows down when
adjacent names are written.
"""

import hashlib


def document_id(external_id: str) -> str:
    """The document id of a customer or an order: 32 hex digits of the SHA-256 of its external id."""
    return hashlib.sha256(external_id.encode()).hexdigest()[:32]
