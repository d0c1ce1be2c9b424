"""Columns laid out for evaluation, and how a row is found in each sort.

A predicate costs what it reads. So texts of few values are codes, numbers are steps (`numbers`), and who has
a tag is kept as bits or as rows, whichever is smaller. Masks are one boolean a row.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from crm.audience.engine.numbers import Mask, Numbers, Rows
from crm.audience.engine.signatures import Signatures, signature_of, signatures_of

_FEW: Final = 4
"""So many comparisons are quicker than one look-up a row."""
_WORTH_SIGNING: Final = 50_000
"""Rows from which on it pays to rule texts out by their signatures."""
_WORTH_PICKING: Final = 2
"""Text is searched among picked rows where these are at most one in so many."""


@dataclass(frozen=True, slots=True, eq=False)
class Codes:
    """Texts as places in `texts`; the place behind the last stands for no text. `place` is the way back."""

    codes: Rows
    texts: pl.Series
    place: Mapping[str, int]

    @staticmethod
    def of(parts: Sequence[pl.Series]) -> "Codes":
        """Enumerations, one behind the other, each with its own texts."""
        texts = [_texts_of(part) for part in parts]
        every = sorted({text for some in texts for text in some})
        place = {text: at for at, text in enumerate(every)}
        codes = np.empty(sum(map(len, parts)), np.min_scalar_type(len(every)))
        start = 0
        for part, some in zip(parts, texts, strict=True):
            here = slice(start, start := start + len(part))
            codes[here] = _recoded(part, [*(place[text] for text in some), len(every)])
        return Codes(codes, pl.Series(every, dtype=pl.String), place)

    def where(self, chosen: Mask) -> Mask:
        """The rows whose text is chosen; `chosen` has one entry a text and a last one for none."""
        picked = np.flatnonzero(chosen)
        if len(picked) > _FEW:
            return chosen.take(self.codes)
        found = np.zeros(len(self.codes), np.bool_)
        for code in picked:
            found |= self.codes == code
        return found

    def has(self) -> Mask:
        """The rows with a text."""
        return np.asarray(self.codes != len(self.texts))

    def among(self, rows: Mask) -> Sequence[str]:
        """The texts that those rows have."""
        there = np.bincount(self.codes[rows], minlength=len(self.texts) + 1)[:-1] > 0
        return self.texts.filter(pl.Series(there)).to_list()

    def places(self) -> Mapping[str, npt.NDArray[np.int64]]:
        """The rows of each text, ascending. Codes of one or two bytes are sorted in one pass."""
        order = np.argsort(self.codes, kind="stable")
        ends = np.searchsorted(self.codes, np.arange(len(self.texts)), side="right", sorter=order)
        return dict(zip(self.texts, np.split(order, ends)[:-1], strict=True))

    def equal(self, text: str) -> Mask:
        """The rows with this text."""
        return self.where(self.chosen([text]))

    def chosen(self, texts: Iterable[str]) -> Mask:
        """Those of the texts that there are, as `where` takes them."""
        found = np.zeros(len(self.texts) + 1, np.bool_)
        found[[self.place[text] for text in texts if text in self.place]] = True
        return found

    def values(self, rows: Rows) -> pl.Series:
        """The texts at those rows, null where there is none."""
        codes = pl.Series(self.codes[rows], dtype=pl.UInt32)
        return self.texts.gather(codes.set(codes == len(self.texts), None))

    def value(self, row: int) -> str | None:
        """The text of one row."""
        code = int(self.codes[row])
        return self.texts[code] if code < len(self.texts) else None

    def at(self, rows: Rows) -> "Codes":
        """The column of those rows."""
        return Codes(self.codes.take(rows), self.texts, self.place)

    def cut(self, start: int, stop: int) -> "Codes":
        """Consecutive rows, without a copy."""
        return Codes(self.codes[start:stop], self.texts, self.place)


@dataclass(frozen=True, eq=False)
class Texts:
    """Texts that hardly repeat."""

    series: pl.Series

    @cached_property
    def lower(self) -> pl.Series:
        """In lower case, kept from the first search on: it costs more than the search itself."""
        return self.series.str.to_lowercase()

    @cached_property
    def signatures(self) -> Signatures:
        """Kept from the first search on, eight bytes a row."""
        return signatures_of(self.lower)

    def has(self) -> Mask:
        """The rows with a text."""
        return self.series.is_not_null().to_numpy()

    def value(self, row: int) -> str | None:
        """The text of one row."""
        text: str | None = self.series[row]
        return text

    def where(self, holds: Callable[[pl.Series], pl.Series], asked: Mask, part: str | None) -> Mask:
        """The rows of which `holds` is true; only the rows `asked` are right.

        `part`, if given, is in lower case, occurs in whatever holds, and means that `holds` takes lower case.
        Searching text is by far the dearest comparison, so only rows that may hold are searched.
        """
        open_ = asked
        if part is not None and len(part.encode()) > 1 and len(asked) >= _WORTH_SIGNING:
            wanted = signature_of(part)
            open_ = (self.signatures & wanted) == wanted
            open_ &= asked
        series = self.series if part is None else self.lower
        if np.count_nonzero(open_) * _WORTH_PICKING > len(asked):
            return holds(series).fill_null(False).to_numpy()
        rows = np.flatnonzero(open_)
        found = np.zeros(len(asked), np.bool_)
        found[rows] = holds(series.gather(rows)).fill_null(False).to_numpy()
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Flags:
    """True, false or, where `present` is false, nothing."""

    yes: Mask
    present: Mask | None

    @staticmethod
    def of(series: pl.Series) -> "Flags":
        """A boolean series."""
        present = series.is_not_null().to_numpy() if series.null_count() else None
        return Flags(series.fill_null(False).to_numpy(), present)

    def equal(self, value: object) -> Mask:
        """The rows that have this flag."""
        if value is True:
            return self.yes.copy()
        return ~self.yes if self.present is None else self.present & ~self.yes

    def has(self) -> Mask:
        """The rows with a flag."""
        return np.ones(len(self.yes), np.bool_) if self.present is None else self.present.copy()

    def value(self, row: int) -> bool | None:
        """The flag of one row."""
        return bool(self.yes[row]) if self.present is None or self.present[row] else None

    def values(self, rows: Rows) -> pl.Series:
        """The flags at those rows, null where missing."""
        found = pl.Series(self.yes[rows], dtype=pl.Boolean)
        return found if self.present is None else found.set(pl.Series(~self.present[rows]), None)


@dataclass(frozen=True, slots=True, eq=False)
class Holders:
    """Who has something that is had or not: ascending rows for few, a bit a row for many."""

    size: int
    rows: Rows | None
    bits: npt.NDArray[np.uint8] | None = field(default=None)

    @staticmethod
    def of(rows: Rows, size: int) -> "Holders":
        """Those rows of so many."""
        if rows.nbytes <= size // 8:
            return Holders(size, rows)
        return Holders(size, None, np.packbits(_mask_of(rows, size), bitorder="little"))

    def mask(self) -> Mask:
        """True for the holders."""
        if self.bits is not None:
            return np.unpackbits(self.bits, count=self.size, bitorder="little").view(np.bool_)
        assert self.rows is not None
        return _mask_of(self.rows, self.size)

    def add_to(self, mask: Mask) -> None:
        """Make it true for the holders: of few, without going over everybody."""
        if self.rows is None:
            mask |= self.mask()
        else:
            mask[self.rows] = True


Column = Numbers | Codes | Texts | Flags


def moved(parts: Sequence[pl.Series], starts: npt.NDArray[np.int64]) -> Rows:
    """Rows of parts as rows of the whole, in which each part begins at its start."""
    each = [part.to_numpy() + np.uint32(start) for part, start in zip(parts, starts, strict=False)]
    return np.concatenate(each).astype(np.uint32, copy=False)


def _mask_of(rows: Rows, size: int) -> Mask:
    mask = np.zeros(size, np.bool_)
    mask[rows] = True
    return mask


def _texts_of(part: pl.Series) -> list[str]:
    assert isinstance(part.dtype, pl.Enum)
    return part.dtype.categories.to_list()


def _recoded(part: pl.Series, places: Sequence[int]) -> npt.NDArray[np.int64] | int:
    """The new place of each code, the last for no text; of all rows one, where none has a text."""
    missing = part.null_count()
    if missing == len(part):
        return places[-1]
    codes = part.to_physical()
    return np.array(places).take(codes.cast(pl.UInt32).fill_null(len(places) - 1) if missing else codes)
