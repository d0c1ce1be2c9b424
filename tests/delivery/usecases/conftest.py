"""Use cases are tested on stores in memory."""

from tests.delivery.in_memory import world

__all__ = ["world"]
