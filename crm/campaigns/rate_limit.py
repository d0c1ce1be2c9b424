"""The rate limit of a campaign: how many chunks may be sent now, and when the next may."""

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


def chunks_allowed(used_until: datetime | None, now: datetime, rate: int, size: int) -> int:
    """How many chunks of `size` recipients may be sent now. An unused rate accumulates for one minute."""
    return int((now - _start(used_until, now, rate, size)) / _takes(rate, size))


def next_send_at(used_until: datetime | None, now: datetime, rate: int, size: int, chunks: int) -> datetime:
    """Until when the rate is used up, once `chunks` more are sent."""
    return _start(used_until, now, rate, size) + chunks * _takes(rate, size)


def _takes(rate: int, size: int) -> timedelta:
    return MINUTE * size / rate


def _start(used_until: datetime | None, now: datetime, rate: int, size: int) -> datetime:
    """From when the rate counts: the first chunk is sent immediately."""
    return now - _takes(rate, size) if used_until is None else max(used_until, now - MINUTE)
