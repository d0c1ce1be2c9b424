"""Who is in a segment now, and how that differs from a moment before.

Whoever was erased meanwhile is in no snapshot: they are counted as forgotten, and never named.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from crm.audience.engine.compile import members
from crm.audience.engine.numbers import Mask
from crm.audience.engine.parts import Part
from crm.audience.engine.reach import reasons
from crm.audience.engine.snapshot import Snapshot
from crm.audience.rules.tree import Group
from crm.customers.values import Channel

Moved = Literal["joined", "left"]


@dataclass(frozen=True, eq=False)
class MembershipMask:
    """The people of a point, laid over the base of a snapshot: as bits, and the ids of those not in it."""

    base: Part
    bits: npt.NDArray[np.uint8]
    others: pl.Series


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """How many joined, left and stayed. `forgotten` of the people before, and after, were erased since."""

    joined: int
    left: int
    stayed: int
    forgotten_before: int
    forgotten_after: int
    people: Sequence[Mapping[str, Any]]


def matching(snapshot: Snapshot, rules: Group, now: datetime, zone: tzinfo) -> pl.Series:
    """The ids of those whom the rules match, in no order."""
    found = [part.ids.filter(pl.Series(mask)) for part, mask in members(snapshot, rules, now, zone)]
    return pl.concat([pl.Series("id", [], dtype=pl.String), *(ids.alias("id") for ids in found)])


def current(snapshot: Snapshot, rules: Group, now: datetime, zone: tzinfo) -> list[Mask]:
    """Whom the rules match, one mask for each part of the snapshot."""
    found = {id(part): mask for part, mask in members(snapshot, rules, now, zone)}
    return [found.get(id(part), np.zeros(part.size, np.bool_)) for part, _ in snapshot.parts]


def size(snapshot: Snapshot, masks: Sequence[Mask], channel: Channel) -> tuple[int, int]:
    """How many these are, and how many of them the channel reaches."""
    matched = reachable = 0
    for (part, _), mask in zip(snapshot.parts, masks, strict=True):
        count = int(np.count_nonzero(mask))
        matched += count
        reachable += count - sum(
            int(np.count_nonzero(mask & each)) for each in reasons(part, channel).values()
        )
    return matched, reachable


def standing(base: Part, ids: pl.Series) -> MembershipMask:
    """The people of a point over a base; it serves every snapshot of that base."""
    within = base.ids.is_in(ids.implode())
    others = ids.filter(~ids.is_in(base.ids.filter(within).implode())) if within.sum() < len(ids) else ids[:0]
    return MembershipMask(base, np.packbits(within.to_numpy()), others)


def masks_of(snapshot: Snapshot, was: MembershipMask) -> list[Mask]:
    """Those of the point who are customers still, one mask for each part of the snapshot."""
    (base, stays), (delta, known) = snapshot.parts
    within = np.unpackbits(was.bits, count=base.size).astype(np.bool_)
    moved = base.ids.filter(pl.Series(within & ~snapshot.stays))
    among = pl.concat([was.others, moved.alias(was.others.name)])
    in_delta = delta.ids.is_in(among.implode()).to_numpy() if delta.size else np.zeros(0, np.bool_)
    return [within & stays, in_delta & known]


def moved(before: Sequence[Mask], after: Sequence[Mask]) -> tuple[int, int]:
    """How many joined, and how many left."""
    joined = sum(int(np.count_nonzero(new & ~old)) for old, new in zip(before, after, strict=True))
    left = sum(int(np.count_nonzero(old & ~new)) for old, new in zip(before, after, strict=True))
    return joined, left


def change(
    snapshot: Snapshot,
    before: tuple[Sequence[Mask], int],
    after: tuple[Sequence[Mask], int],
    kinds: Sequence[Moved],
    cursor: str | None,
    limit: int,
) -> Change:
    """The change from masks and a count of people before to those after; up to `limit` people by id."""
    (old, old_total), (new, new_total) = before, after
    joined, left = moved(old, new)
    count = [sum(int(np.count_nonzero(mask)) for mask in masks) for masks in (old, new)]
    people = sorted(
        _people(snapshot, old, new, kinds, cursor, limit), key=lambda row: str(row["customer_id"])
    )
    return Change(
        joined=joined,
        left=left,
        stayed=count[0] - left,
        forgotten_before=old_total - count[0],
        forgotten_after=new_total - count[1],
        people=people[:limit],
    )


def _people(
    snapshot: Snapshot,
    before: Sequence[Mask],
    after: Sequence[Mask],
    kinds: Sequence[Moved],
    cursor: str | None,
    limit: int,
) -> Iterator[Mapping[str, Any]]:
    for (part, _), old, new in zip(snapshot.parts, before, after, strict=True):
        wanted = np.zeros(part.size, np.bool_)
        if "joined" in kinds:
            wanted |= new & ~old
        if "left" in kinds:
            wanted |= old & ~new
        rows = pl.DataFrame({"id": part.ids, "wanted": wanted}).with_row_index("row").filter("wanted")
        if cursor is not None:
            rows = rows.filter(pl.col("id") > cursor)
        for row in rows.bottom_k(limit, by="id")["row"]:
            person = part.row(int(row))
            yield {
                "customer_id": person["customer_id"],
                "name": person["name"],
                "email": person["email"],
                "change": "joined" if new[row] else "left",
            }
