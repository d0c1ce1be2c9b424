"""Cuts lists into batches: by number, by weight, or until each batch fits."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def batched(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Consecutive batches of `size` items; the last may be shorter. Python 3.12 has it in itertools."""
    source = iter(items)
    while batch := list(islice(source, size)):
        yield batch


def packed(items: Iterable[T], weight: Callable[[T], int], limit: int) -> Iterator[list[T]]:
    """Consecutive batches that weigh at most `limit`; an item that weighs more has a batch of its own."""
    batch: list[T] = []
    total = 0
    for item in items:
        added = weight(item)
        if batch and total + added > limit:
            yield batch
            batch, total = [], 0
        batch.append(item)
        total += added
    if batch:
        yield batch


def halved(items: Sequence[T], fits: Callable[[Sequence[T]], bool]) -> Iterator[Sequence[T]]:
    """The items, halved until each batch `fits`; one item alone always does. No items give no batch."""
    if len(items) > 1 and not fits(items):
        middle = len(items) // 2
        yield from halved(items[:middle], fits)
        yield from halved(items[middle:], fits)
    elif items:
        yield items
