"""Signatures of texts: 64 bits that say which pairs of bytes occur, to rule out most texts without a search.

A text that holds "garcia" has the bits of ga, ar, rc, ci and ia. Of other addresses one or two in a hundred
have these by chance; the rest need not be looked at. A signature may say too much, never too little.
"""

from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

Signatures: TypeAlias = npt.NDArray[np.uint64]

_AT_ONCE: Final = 50_000
"""Texts whose pairs are spread out at a time: eight bytes a letter."""

_PAIRS: Final[npt.NDArray[np.uint64]] = np.left_shift(
    np.uint64(1), (np.arange(1 << 16, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(58)
)
"""The bit of each pair of bytes."""


def signatures_of(texts: pl.Series) -> Signatures:
    """One signature a text; 0 or anything for what is missing."""
    found = [_signatures_of(texts.slice(start, _AT_ONCE)) for start in range(0, len(texts), _AT_ONCE)]
    return np.concatenate(found) if found else np.zeros(0, np.uint64)


def signature_of(text: str) -> np.uint64:
    """The bits that every text has of which this is a part."""
    return np.uint64(np.bitwise_or.reduce(_bits(text.encode()), initial=np.uint64(0)))


def _signatures_of(texts: pl.Series) -> Signatures:
    # The pair of two neighbouring texts adds a bit to the first; two bytes behind the last close it.
    joined = "".join(texts.drop_nulls()).encode() + b"\n\n"
    lengths = texts.str.len_bytes().fill_null(0).to_numpy().astype(np.int64)
    return np.bitwise_or.reduceat(_bits(joined), np.cumsum(lengths) - lengths)


def _bits(text: bytes) -> npt.NDArray[np.uint64]:
    letters = np.frombuffer(text, np.uint8).astype(np.uint16)
    return _PAIRS.take((letters[:-1] << 8) | letters[1:])
