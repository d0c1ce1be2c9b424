"""Evaluates the members of a segment, and compares them with those of an earlier snapshot.

Customers erased since a snapshot are in no audience snapshot: they are counted as forgotten and never named.
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

Movement = Literal["joined", "left"]


@dataclass(frozen=True, eq=False)
class MembershipMask:
    """The members of a segment snapshot over one base of the audience."""

    base: Part
    bits: npt.NDArray[np.uint8]
    """One bit for each customer of the base, packed."""
    others: pl.Series
    """Ids of members that the base does not contain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """Members at one end of a comparison: one mask for each part of the audience snapshot.

    `total` also counts members who were erased since.
    """

    masks: Sequence[Mask]
    total: int

    @property
    def present(self) -> int:
        """Members who are still customers."""
        return sum(int(np.count_nonzero(mask)) for mask in self.masks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Counts of customers who joined, left and stayed, and some of those who joined or left."""

    joined: int
    left: int
    stayed: int
    forgotten_before: int
    """Members before who were erased since."""
    forgotten_after: int
    """Members after who were erased since."""
    people: Sequence[Mapping[str, Any]]
    """`{"customer_id", "name", "email", "change"}`, by id."""


def matching_ids(snapshot: Snapshot, rules: Group, now: datetime, zone: tzinfo) -> pl.Series:
    """The ids of the customers that the rules match, in no order."""
    found = [part.ids.filter(pl.Series(mask)) for part, mask in members(snapshot, rules, now, zone)]
    return pl.concat([pl.Series("id", [], dtype=pl.String), *(ids.alias("id") for ids in found)])


def current_masks(snapshot: Snapshot, rules: Group, now: datetime, zone: tzinfo) -> list[Mask]:
    """The customers that the rules match, one mask for each part of the snapshot."""
    found = {id(part): mask for part, mask in members(snapshot, rules, now, zone)}
    return [found.get(id(part), np.zeros(part.size, np.bool_)) for part, _ in snapshot.parts]


def size(snapshot: Snapshot, masks: Sequence[Mask], channel: Channel) -> tuple[int, int]:
    """How many customers these are, and how many of them can be reached on the channel."""
    matched = reachable = 0
    for (part, _), mask in zip(snapshot.parts, masks, strict=True):
        count = int(np.count_nonzero(mask))
        matched += count
        reachable += count - sum(
            int(np.count_nonzero(mask & each)) for each in reasons(part, channel).values()
        )
    return matched, reachable


def mask_over(base: Part, ids: pl.Series) -> MembershipMask:
    """The members of a segment snapshot as a mask, valid for every audience snapshot of this base."""
    within = base.ids.is_in(ids.implode())
    others = ids.filter(~ids.is_in(base.ids.filter(within).implode())) if within.sum() < len(ids) else ids[:0]
    return MembershipMask(base, np.packbits(within.to_numpy()), others)


def masks_of(snapshot: Snapshot, members_then: MembershipMask) -> list[Mask]:
    """The members of a segment snapshot who are still customers, one mask for each part."""
    (base, stays), (delta, known) = snapshot.parts
    within = np.unpackbits(members_then.bits, count=base.size).astype(np.bool_)
    changed = base.ids.filter(pl.Series(within & ~snapshot.stays))
    candidates = pl.concat([members_then.others, changed.alias(members_then.others.name)])
    in_delta = delta.ids.is_in(candidates.implode()).to_numpy() if delta.size else np.zeros(0, np.bool_)
    return [within & stays, in_delta & known]


def count_moved(before: Sequence[Mask], after: Sequence[Mask]) -> tuple[int, int]:
    """How many customers joined, and how many left."""
    joined = sum(int(np.count_nonzero(new & ~old)) for old, new in zip(before, after, strict=True))
    left = sum(int(np.count_nonzero(old & ~new)) for old, new in zip(before, after, strict=True))
    return joined, left


def change(
    snapshot: Snapshot,
    before: Membership,
    after: Membership,
    kinds: Sequence[Movement],
    cursor: str | None,
    limit: int,
) -> Change:
    """The change between two memberships, with up to `limit` people of these kinds whose id follows
    `cursor`."""
    joined, left = count_moved(before.masks, after.masks)
    people = sorted(
        _people(snapshot, before.masks, after.masks, kinds, cursor, limit),
        key=lambda row: str(row["customer_id"]),
    )
    return Change(
        joined=joined,
        left=left,
        stayed=before.present - left,
        forgotten_before=before.total - before.present,
        forgotten_after=after.total - after.present,
        people=people[:limit],
    )


def _people(
    snapshot: Snapshot,
    before: Sequence[Mask],
    after: Sequence[Mask],
    kinds: Sequence[Movement],
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
