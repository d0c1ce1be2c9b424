"""Document ids: those derived from external ids, and which texts can be one.

Derived ids are hashes: external ids may contain any character and often increase, and Firestore slows down
when adjacent names are written. So a customer may be called `..` or `__x__`.
"""

import hashlib
from typing import Final

OWN_ID: Final = r"^[A-Za-z0-9-]{1,128}$"
"""Ids that the CRM makes itself, as they stand in paths and messages. Firestore takes all of them."""


def document_id(external_id: str) -> str:
    """The document id of a customer or an order: 32 hex digits of the SHA-256 of its external id."""
    return hashlib.sha256(external_id.encode()).hexdigest()[:32]
