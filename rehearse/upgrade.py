"""From one release to the next, back, and forward again, while campaigns are sent and records arrive.

Cloud Run keeps an instance that gets no calls for a while, and gives it calls again after a rollback. So one
instance of each version goes through all of it, with what it remembers.
"""

import asyncio
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import Final

from crm.topology import FUNCTIONS, PUBLISHES, PUSHES
from devstack.errors import StackError
from prove.story import Campaign
from prove.trouble import in_background
from rehearse.rehearsal import Rehearsal, check_calls, rehearsal_on
from rehearse.stage import Stage
from rehearse.table import Report

OVERLAP: Final = 60.0
"""Seconds within which both versions of a function have to be called, side by side."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much is done. `steady` recipients get their messages during all of it, `rate` a minute; one more
    campaign of `brief` recipients begins with each of the `passes`. Orders arrive `orders` at a time. Either
    version of a function is called `calls` times before the one that is replaced gets none any more."""

    steady: int
    brief: int
    rate: int
    orders: int
    calls: int
    passes: int


SHORT: Final = Size(steady=300, brief=20, rate=600, orders=2, calls=2, passes=2)
FULL: Final = Size(steady=2_000, brief=400, rate=1_200, orders=20, calls=6, passes=3)

GROUPS: Final = ("first", "second", "third")


async def rehearse_upgrade(stage: Stage, report: Report, old: str, new: str, size: Size) -> None:
    """Run it on a ready stack where the old version is called. Raises StackError, Refused."""
    every = (("upgrade", old, new), ("rollback", new, old), ("upgrade again", old, new))
    passes, groups = every[: size.passes], GROUPS[: size.passes]
    async with rehearsal_on(stage) as rehearsal:
        await rehearsal.customers_of(report, {"steady": size.steady, **dict.fromkeys(groups, size.brief)})
        steady = await rehearsal.begin("steady", size.rate)
        async with (
            in_background(rehearsal.read_on()),
            in_background(rehearsal.ask_on(steady)),
            in_background(rehearsal.post_on(("steady", *groups), "U", size.orders)),
        ):
            for (name, before, after), group in zip(passes, groups, strict=True):
                with report.checking(name, f"{before} → {after}, each function called in both") as line:
                    before_pass = await rehearsal.sent(steady)
                    replaced = await replace_all(rehearsal, (before, after), group, size.calls)
                    sent = await rehearsal.sent(steady) - before_pass
                    all_along = sent and await _is_sending(rehearsal, steady)
                    line.record(
                        f"{replaced}, {sent:,} messages sent meanwhile",
                        "" if all_along else "no campaign was sent all along",
                    )
        await rehearsal.set_rate(steady)
        await rehearsal.finish(report)
        await rehearsal.reconcile(report)
    check_calls(stage, report, killed=False)


@dataclass(frozen=True, slots=True)
class Changes:
    """Functions that only the new version has, that both have, and that only the old one has."""

    added: Sequence[str]
    kept: Sequence[str]
    removed: Sequence[str]

    @classmethod
    def between(cls, before: Collection[str], after: Collection[str]) -> "Changes":
        """From the functions of one version to those of the next, each in the order of replacement."""
        order = dict.fromkeys([*order_of_replacement(), *sorted({*before, *after})])
        return cls(
            added=[name for name in order if name in after and name not in before],
            kept=[name for name in order if name in after and name in before],
            removed=[name for name in order if name in before and name not in after],
        )

    def __str__(self) -> str:
        counted = {"added": self.added, "replaced": self.kept, "removed": self.removed}
        parts = ((len(names), what) for what, names in counted.items() if names)
        return ", ".join(f"{count} function{'s' * (count > 1)} {what}" for count, what in parts)


def order_of_replacement() -> tuple[str, ...]:
    """Every function, readers of a topic before its publishers."""
    takes = {push.topic: push.function for push in PUSHES}
    needs = {name: {takes[topic] for topic in PUBLISHES[name] if takes[topic] != name} for name in FUNCTIONS}
    return tuple(TopologicalSorter(needs).static_order())


async def replace_all(rehearsal: Rehearsal, versions: tuple[str, str], group: str, calls: int) -> Changes:
    """One function after the other: new ones are started first, and removed ones stopped last. Midway a
    campaign begins, prepared by some of either version."""
    fleet, (before, after) = rehearsal.stage.fleet, versions
    changes = Changes.between(fleet.packages[before], fleet.packages[after])
    for function in changes.added:
        fleet.serve(function, after)
    for number, function in enumerate(changes.kept):
        if number == len(changes.kept) // 2:
            await rehearsal.launch(group)
        await _replace(rehearsal.stage, function, versions, calls)
    for function in changes.removed:
        fleet.serve(function)
    return changes


async def _replace(stage: Stage, function: str, versions: tuple[str, str], calls: int) -> None:
    """Both versions of a function are called for a while, then the new one alone. Raises StackError where one
    of the two gets no call."""
    earlier = stage.front.calls(function)
    stage.fleet.serve(function, *versions)
    deadline = time.monotonic() + OVERLAP
    while not all(stage.front.calls(function)[each] - earlier[each] >= calls for each in versions):
        if time.monotonic() > deadline:
            got = stage.front.calls(function) - earlier
            raise StackError(f"Not both versions of {function} were called in {OVERLAP:.0f} s: {dict(got)}.")
        await asyncio.sleep(0.05)
    stage.fleet.serve(function, versions[1])


async def _is_sending(rehearsal: Rehearsal, campaign: Campaign) -> bool:
    return bool((await rehearsal.marketer.campaign(campaign.campaign_id))["status"] == "sending")
