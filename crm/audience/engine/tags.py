"""Who has which tags, both ways: by tag, as rules ask, and by customer, as people are shown.

A customer may have many tags, and there may be thousands of them in all. So nothing that is asked of every
preview goes over all tags.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from crm.audience.engine.columns import Codes, Holders, moved
from crm.audience.engine.numbers import Mask, Rows


@dataclass(frozen=True, slots=True, eq=False)
class Tags:
    """`holders` has who has each tag. Each pair of a customer and a tag of theirs is a place in `rows`, which
    ascend, and in `codes`."""

    size: int
    holders: Mapping[str, Holders]
    rows: Rows
    codes: Codes

    @staticmethod
    def joined(parts: Sequence[pl.DataFrame], starts: npt.NDArray[np.int64], size: int) -> "Tags":
        """Pairs of several blocks, as `row` and `tag`, whose customers begin at `starts` of `size`."""
        codes = Codes.of([part["tag"] for part in parts])
        rows = moved([part["row"] for part in parts], starts)
        holders = {tag: Holders.of(rows[places], size) for tag, places in codes.places().items()}
        return Tags(size, holders, rows, codes)

    def of(self, rows: Rows) -> list[list[str]]:
        """The tags of each of those customers."""
        starts, stops = (np.searchsorted(self.rows, rows, side) for side in ("left", "right"))
        texts, codes = self.codes.texts, self.codes.codes
        return [
            texts.gather(codes[start:stop].astype(np.uint32)).to_list()
            for start, stop in zip(starts, stops, strict=True)
        ]

    def any(self) -> Mask:
        """Who has any tag."""
        found = np.zeros(self.size, np.bool_)
        found[self.rows] = True
        return found

    def among(self, counts: Mask) -> Mapping[str, int]:
        """The tags of those customers, and how many of them have each."""
        return self.codes.among(counts.take(self.rows))
