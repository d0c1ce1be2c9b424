"""One load of sample data."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class SampleLoad:
    """Sample data with ids that hold `token`, with dates relative to the day of `at`."""

    token: str
    at: datetime
