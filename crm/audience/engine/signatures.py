"""Signatures of texts: 64 bits that tell which pairs of bytes occur, to exclude most texts from a search.

A text that contains "garcia" has the bits of ga, ar, rc, ci and ia. One or two in a hundred other addresses
have these by chance, and are searched in vain. There are false positives, but no false negatives.
"""

from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

Signatures: TypeAlias = npt.NDArray[np.uint64]

_BATCH: Final = 50_000
"""Texts processed at a time, which limits the memory: eight bytes a letter."""

_PAIRS: Final[npt.NDArray[np.uint64]] = np.left_shift(
    np.uint64(1), (np.arange(1 << 16, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(58)
)
"""The bit of each pair of bytes."""


def signatures_of(texts: pl.Series) -> Signatures:
    """The signature of each text, arbitrary where missing."""
    found = [_signatures_of(texts.slice(start, _BATCH)) for start in range(0, len(texts), _BATCH)]
    return np.concatenate(found) if found else np.zeros(0, np.uint64)


def signature_of(text: str) -> np.uint64:
    """The bits of every text that contains this one."""
    return np.uint64(np.bitwise_or.reduce(_bits(text.encode()), initial=np.uint64(0)))


def _signatures_of(texts: pl.Series) -> Signatures:
    # The pair across two adjacent texts adds a bit to the first. The two last bytes complete the last text.
    joined = "".join(texts.drop_nulls()).encode() + b"\n\n"
    lengths = texts.str.len_bytes().fill_null(0).to_numpy().astype(np.int64)
    return np.bitwise_or.reduceat(_bits(joined), np.cumsum(lengths) - lengths)


def _bits(text: bytes) -> npt.NDArray[np.uint64]:
    letters = np.frombuffer(text, np.uint8).astype(np.uint16)
    return _PAIRS.take((letters[:-1] << 8) | letters[1:])
