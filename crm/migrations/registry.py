"""The migrations of this version, the oldest first. One goes when no installation needs it any more."""

from typing import Final

from crm.migrations.migration import Migration

MIGRATIONS: Final[tuple[Migration, ...]] = ()
