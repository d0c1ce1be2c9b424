"""A customer's key: the name by which everything that outlives an erasure refers to them.

It is the name of their document. The external id, often an address, stands in that document, in orders and in
what else an erasure removes, nowhere else. The key is a hash under `CRM_ID_KEY`, the installation's secret:
without it nobody can find out whether a key is that of a given person.

The secret is the process's, set once at its start: a process serves one installation. It can never be
changed, because all stored names follow from it.
"""

import hashlib
from typing import Final

_LENGTH: Final = 16
"""Bytes of a key."""

_HASHES: Final[list["hashlib.blake2b"]] = []
"""The state of the hash after the secret, once it is set. Copying it is four times as fast as HMAC."""


def use_secret(secret: str) -> None:
    """Derive keys from this secret, in the whole process. Raises ValueError for an empty one."""
    if not secret:
        raise ValueError("the secret of customer keys is empty")
    key = hashlib.sha256(secret.encode()).digest()
    _HASHES[:] = [hashlib.blake2b(digest_size=_LENGTH, key=key, person=b"customer")]


def customer_key(customer_id: str) -> str:
    """The key of the customer with this external id: 32 hex digits. Takes a microsecond.

    Raises RuntimeError before `use_secret`.
    """
    if not _HASHES:
        raise RuntimeError("customers' keys need the secret CRM_ID_KEY")
    keyed = _HASHES[0].copy()
    keyed.update(customer_id.encode(errors="surrogatepass"))
    return keyed.hexdigest()
