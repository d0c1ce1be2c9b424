"""The kinds of columns, in memory layouts that are fast to search.

The cost of a condition is the memory that it reads. Texts with few distinct values are therefore codes,
numbers are steps (`numbers`), and the holders of a tag are bits or rows, whichever is smaller. A mask has one
boolean a row.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl

from crm.audience.engine.numbers import Mask, Numbers, Rows
from crm.audience.engine.signatures import Signatures, signature_of, signatures_of

_FEW: Final = 4
"""Up to this many codes, comparing each is faster than one look-up a row."""
_WORTH_SIGNING: Final = 50_000
"""Number of rows from which signatures are worth their cost."""
_WORTH_PICKING: Final = 2
"""Candidates are gathered before a search if they are at most one row in this many."""


@dataclass(frozen=True, slots=True, eq=False)
class Codes:
    """A column of texts with few distinct values."""

    codes: Rows
    """Each row's index in `texts`; `len(texts)` if it has no text."""
    texts: pl.Series
    """The distinct texts."""
    place: Mapping[str, int]
    """The index of each text in `texts`."""

    @staticmethod
    def of(parts: Sequence[pl.Series]) -> "Codes":
        """The concatenation of enumerations, each with its own texts."""
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
        """The rows whose text is chosen; `chosen` has an entry for each text, and a last one for no text."""
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

    def among(self, rows: Mask) -> Mapping[str, int]:
        """The distinct texts of those rows, and how many of the rows have each."""
        return self._counted(self.codes[rows])

    def holders_among(self, rows: Mask, holders: Rows) -> Mapping[str, int]:
        """The distinct texts of those rows, and how many holders have each, given the holder of every row."""
        codes, of = self.codes[rows].astype(np.uint64), holders[rows].astype(np.uint64)
        return self._counted((np.unique(codes << np.uint64(32) | of) >> np.uint64(32)).astype(np.int64))

    def _counted(self, codes: npt.NDArray[Any]) -> Mapping[str, int]:
        counts = np.bincount(codes, minlength=len(self.texts) + 1)[:-1]
        used = np.flatnonzero(counts)
        return dict(zip(self.texts.gather(used).to_list(), counts[used].tolist(), strict=True))

    def places(self) -> Mapping[str, npt.NDArray[np.int64]]:
        """The ascending rows of each text. NumPy sorts codes of one or two bytes in linear time."""
        order = np.argsort(self.codes, kind="stable")
        ends = np.searchsorted(self.codes, np.arange(len(self.texts)), side="right", sorter=order)
        return dict(zip(self.texts, np.split(order, ends)[:-1], strict=True))

    def equal(self, text: str) -> Mask:
        """The rows with this text."""
        return self.where(self.chosen([text]))

    def chosen(self, texts: Iterable[str]) -> Mask:
        """A choice of these texts, for `where`. Texts that the column lacks are ignored."""
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
    """A column of mostly distinct texts."""

    series: pl.Series

    @cached_property
    def lower(self) -> pl.Series:
        """The texts in lower case. Cached, because it takes longer than a search."""
        return self.series.str.to_lowercase()

    @cached_property
    def signatures(self) -> Signatures:
        """The signatures of `lower`. Cached, eight bytes a row."""
        return signatures_of(self.lower)

    def has(self) -> Mask:
        """The rows with a text."""
        return self.series.is_not_null().to_numpy()

    def value(self, row: int) -> str | None:
        """The text of one row."""
        text: str | None = self.series[row]
        return text

    def where(self, holds: Callable[[pl.Series], pl.Series], asked: Mask, part: str | None) -> Mask:
        """The rows for which `holds` is true; the result is valid only in the rows `asked`.

        `part`, if given, is a text in lower case that every match contains; `holds` then gets lower case.
        Searching text is by far the most expensive comparison, so only candidates are searched.
        """
        candidates = asked
        if part is not None and len(part.encode()) > 1 and len(asked) >= _WORTH_SIGNING:
            wanted = signature_of(part)
            candidates = (self.signatures & wanted) == wanted
            candidates &= asked
        series = self.series if part is None else self.lower
        if np.count_nonzero(candidates) * _WORTH_PICKING > len(asked):
            return holds(series).fill_null(False).to_numpy()
        rows = np.flatnonzero(candidates)
        found = np.zeros(len(asked), np.bool_)
        found[rows] = holds(series.gather(rows)).fill_null(False).to_numpy()
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Flags:
    """A column of booleans."""

    yes: Mask
    present: Mask | None
    """The rows with a flag; None if all have one."""

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
    """A set of rows, for example those with a tag."""

    size: int
    """Number of rows of the part."""
    rows: Rows | None
    """The ascending rows, if these take less memory than bits."""
    bits: npt.NDArray[np.uint8] | None = field(default=None)
    """Otherwise one bit a row."""

    @staticmethod
    def of(rows: Rows, size: int) -> "Holders":
        """The set of these rows, of `size` in all."""
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
        """Set the holders' rows in the mask; for few holders, without reading the others."""
        if self.rows is None:
            mask |= self.mask()
        else:
            mask[self.rows] = True


Column = Numbers | Codes | Texts | Flags


def moved(parts: Sequence[pl.Series], starts: npt.NDArray[np.int64]) -> Rows:
    """Concatenate rows of parts, renumbered for the whole, in which each part begins at its start."""
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
    """The new code of each row, the last of `places` for no text; a single code if no row has a text."""
    missing = part.null_count()
    if missing == len(part):
        return places[-1]
    codes = part.to_physical()
    return np.array(places).take(codes.cast(pl.UInt32).fill_null(len(places) - 1) if missing else codes)
