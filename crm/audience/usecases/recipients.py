"""The recipients of a campaign: who matches its rules and can be reached."""

from datetime import datetime, tzinfo

import polars as pl

from crm.audience.engine.compile import members
from crm.audience.engine.reach import reasons
from crm.audience.engine.snapshot import Snapshot
from crm.audience.rules.tree import Group
from crm.customers.values import Channel


def recipients(snapshot: Snapshot, rules: Group, now: datetime, zone: tzinfo, channel: Channel) -> list[str]:
    """The ids, sorted, of the customers whom the rules match at `now` and the channel can reach."""
    ids: list[str] = []
    for part, mask in members(snapshot, rules, now, zone):
        for unreachable in reasons(part, channel).values():
            mask = mask & ~unreachable
        ids += part.ids.filter(pl.Series(mask)).to_list()
    return sorted(ids)
