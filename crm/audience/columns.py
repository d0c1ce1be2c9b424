"""Columns laid out for evaluation, and how a row is found in each sort.

A predicate costs what it reads. So whole numbers, amounts, days and instants are steps in the narrowest type,
texts of few values are codes, and who has a tag is kept as bits or as rows, whichever is smaller.
Masks are one boolean a row.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from crm.audience.signatures import Signatures, signature_of, signatures_of

Mask: TypeAlias = npt.NDArray[np.bool_]
Rows: TypeAlias = npt.NDArray[np.unsignedinteger[Any]]
"""Places of rows, each below 2^32."""

Bounds = tuple[int | None, int | None]
"""From the first value on, to before the second; None where there is no end."""

AMOUNTS: Final = (10_000, 100, 1)
"""Money is mostly in whole units or hundredths."""
INSTANTS: Final = (1_000_000, 1_000, 1)
COUNTS: Final = (1,)

_LEAST: Final = -(2**63)
_MOST: Final = 2**63 - 1

_FEW: Final = 4
"""So many comparisons are quicker than one look-up a row."""
_WORTH_SIGNING: Final = 50_000
"""Rows from which on it pays to rule texts out by their signatures."""
_WORTH_PICKING: Final = 2
"""Text is searched among picked rows where these are at most one in so many."""


@dataclass(frozen=True, slots=True, eq=False)
class Numbers:
    """Whole numbers as `base + unit * steps`. A million instants are so 4 MB instead of 8, and half the time.

    `present` is false where a row has no value, and None where all have one.
    """

    steps: npt.NDArray[np.integer[Any]]
    present: Mask | None
    base: int = 0
    unit: int = 1

    @staticmethod
    def of(series: pl.Series, units: Sequence[int] = COUNTS) -> "Numbers":
        """A series whose physical type is whole numbers; the first of `units` that divides all is taken."""
        whole = series.to_physical().cast(pl.Int64)
        missing = whole.null_count()
        lowest, highest = whole.min(), whole.max()
        if not isinstance(lowest, int) or not isinstance(highest, int):
            return Numbers(np.zeros(len(whole), np.uint8), np.zeros(len(whole), np.bool_))
        present = whole.is_not_null().to_numpy() if missing else None
        values = (whole.fill_null(lowest) if missing else whole).to_numpy()
        if highest - lowest > _MOST:
            return Numbers(values, present)
        steps = values - lowest
        unit = next(each for each in units if _divides(each, steps))
        if unit > 1:
            steps //= unit
        kind = np.min_scalar_type((highest - lowest) // unit)
        return Numbers(steps if kind == np.uint64 else steps.astype(kind), present, lowest, unit)

    def within(self, spans: Sequence[Bounds]) -> Mask:
        """The rows with a value in any of the spans."""
        if not spans:
            return np.zeros(len(self.steps), np.bool_)
        if len(spans) > _FEW and all(None not in span for span in spans):
            found = self._in_many(spans)
        else:
            found = self._in_one(spans[0])
            for span in spans[1:]:
                found |= self._in_one(span)
        if self.present is not None:
            found &= self.present
        return found

    def numbers(self, rows: npt.NDArray[np.integer[Any]]) -> npt.NDArray[np.int64]:
        """The values at those rows, anything where missing."""
        return np.asarray(self.steps[rows].astype(np.int64) * self.unit + self.base)

    def values(self, rows: Rows) -> pl.Series:
        """The values at those rows, null where missing."""
        found = pl.Series(self.numbers(rows), dtype=pl.Int64)
        return found if self.present is None else found.set(pl.Series(~self.present[rows]), None)

    def value(self, row: int) -> int | None:
        """The value of one row."""
        if self.present is not None and not self.present[row]:
            return None
        return int(self.steps[row]) * self.unit + self.base

    def cut(self, start: int, stop: int) -> "Numbers":
        """Consecutive rows, without a copy."""
        present = None if self.present is None else self.present[start:stop]
        return Numbers(self.steps[start:stop], present, self.base, self.unit)

    def has(self) -> Mask:
        """The rows with a value."""
        return np.ones(len(self.steps), np.bool_) if self.present is None else self.present.copy()

    def _step(self, value: int) -> int:
        """The first step that is not below the value."""
        return -((self.base - value) // self.unit)

    def _in_one(self, span: Bounds) -> Mask:
        first, beyond = span
        if first is not None and beyond is not None and self._step(first) + 1 == self._step(beyond):
            return np.asarray(self.steps == self._step(first))
        if first is None:
            return np.ones(len(self.steps), np.bool_) if beyond is None else self.steps < self._step(beyond)
        found = np.asarray(self.steps >= self._step(first))
        if beyond is not None:
            found &= self.steps < self._step(beyond)
        return found

    def _in_many(self, spans: Sequence[Bounds]) -> Mask:
        """By halving: the last span that begins at or before a value is the only one that may hold it."""
        apart: list[list[int]] = []
        for first, beyond in sorted((self._step(a or 0), self._step(b or 0)) for a, b in spans):
            if first >= beyond:
                continue
            if apart and first <= apart[-1][1]:
                apart[-1][1] = max(apart[-1][1], beyond)
            else:
                apart.append([first, beyond])
        edges = np.clip(np.array(apart, dtype=object).reshape(-1, 2), _LEAST, _MOST).astype(np.int64)
        ends = np.concatenate(([_LEAST], edges[:, 1]))
        return np.asarray(self.steps < ends[np.searchsorted(edges[:, 0], self.steps, side="right")])


@dataclass(frozen=True, slots=True, eq=False)
class Codes:
    """Texts as places in `texts`; the place behind the last stands for no text. `place` is the way back."""

    codes: Rows
    texts: pl.Series
    place: Mapping[str, int]

    @staticmethod
    def of(parts: Sequence[pl.Series]) -> "Codes":
        """Enumerations, one behind the other, each with its own texts."""
        every = pl.concat([_texts_of(part) for part in parts]) if parts else pl.Series(dtype=pl.String)
        texts = every.unique().sort()
        place = {text: at for at, text in enumerate(texts)}
        kind = np.min_scalar_type(len(texts))
        found = [_recoded(part, place, kind) for part in parts]
        return Codes(np.concatenate(found) if found else np.zeros(0, kind), texts, place)

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

    def among(self, rows: Rows) -> Mask:
        """Which of those rows are holders."""
        if self.bits is not None:
            return np.asarray(self.bits[rows >> 3] >> (rows & 7).astype(np.uint8) & 1, np.bool_)
        assert self.rows is not None
        if not len(self.rows):
            return np.zeros(len(rows), np.bool_)
        near = np.minimum(np.searchsorted(self.rows, rows), len(self.rows) - 1)
        return np.asarray(self.rows[near] == rows)

    def mask(self) -> Mask:
        """True for the holders."""
        if self.bits is not None:
            return np.unpackbits(self.bits, count=self.size, bitorder="little").view(np.bool_)
        assert self.rows is not None
        return _mask_of(self.rows, self.size)


def moved(parts: Sequence[pl.Series], starts: npt.NDArray[np.int64]) -> Rows:
    """Rows of parts as rows of the whole, in which each part begins at its start."""
    each = [part.to_numpy() + np.uint32(start) for part, start in zip(parts, starts, strict=False)]
    return np.concatenate(each).astype(np.uint32, copy=False)


def _mask_of(rows: Rows, size: int) -> Mask:
    mask = np.zeros(size, np.bool_)
    mask[rows] = True
    return mask


def _divides(unit: int, steps: npt.NDArray[np.int64]) -> bool:
    """A look at the first thousand spares most of the divisions that would fail."""
    return unit == 1 or not ((steps[:1000] % unit).any() or (steps % unit).any())


def _texts_of(part: pl.Series) -> pl.Series:
    assert isinstance(part.dtype, pl.Enum)
    return part.dtype.categories


def _recoded(part: pl.Series, place: dict[str, int], kind: np.dtype[Any]) -> Rows:
    missing = part.null_count()
    if missing == len(part):
        return np.full(len(part), len(place), kind)
    codes = np.array([place[text] for text in _texts_of(part)], kind)
    found: Rows = codes[(part.to_physical().fill_null(0) if missing else part.to_physical()).to_numpy()]
    if missing:
        found[part.is_null().to_numpy()] = len(place)
    return found
