"""What is known of a database's backups."""

from datetime import datetime
from typing import NamedTuple


class Backups(NamedTuple):
    """`since` is when the database was made; `newest` the time whose data the newest whole backup holds."""

    since: datetime
    newest: datetime | None
