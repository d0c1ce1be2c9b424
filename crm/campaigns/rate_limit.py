"""The pace of a campaign that may send only so many messages a minute."""

from datetime import datetime, timedelta

from crm.campaigns.campaign import Campaign

MINUTE = timedelta(minutes=1)

SLOWEST = 10
"""Messages a minute. Slower would make a chunk of every few recipients."""

FASTEST = 1_000_000
"""Messages a minute."""


def chunk_size(rate: int | None, limit: int) -> int:
    """Recipients of a chunk: `limit`, or an even part of a minute's messages."""
    if rate is None:
        return limit
    parts = -(-rate // limit)
    return rate // parts


def size_of(campaign: Campaign, limit: int) -> int:
    """Recipients of a chunk of this campaign, also where its rate was changed after they were made."""
    return campaign.chunk_size or chunk_size(campaign.rate, limit)


def allowed(next_send_at: datetime | None, now: datetime, rate: int, size: int) -> int:
    """How many chunks of `size` recipients may go now. What was not used is kept for one minute."""
    return int((now - _start(next_send_at, now, rate, size)) / _takes(rate, size))


def paced(next_send_at: datetime | None, now: datetime, rate: int, size: int, chunks: int) -> datetime:
    """Until when the rate is used up, once `chunks` more are gone."""
    return _start(next_send_at, now, rate, size) + chunks * _takes(rate, size)


def _takes(rate: int, size: int) -> timedelta:
    return MINUTE * size / rate


def _start(next_send_at: datetime | None, now: datetime, rate: int, size: int) -> datetime:
    """The first chunk goes at once."""
    return now - _takes(rate, size) if next_send_at is None else max(next_send_at, now - MINUTE)
