"""The versions of what is stored and what travels.

Each version of the code reads what another one wrote: `docs/upgrades.md` says by which rules. The numbers are
for people and migrations. No reader refuses a higher one.
"""

from collections.abc import Mapping
from typing import Final

SCHEMA: Final = "schema"
"""The attribute of a message with its version, and the field of a document with its own.

A document without the field is of version 1. So it costs nothing until a collection has a second version."""

MESSAGES: Final[Mapping[str, int]] = {
    "records": 1,
    "partitions": 1,
    "chunks": 1,
    "receipts": 1,
    "vendor-callbacks": 1,
    "dead-letters": 1,
}
"""Topic → the version of the messages that this code publishes."""
