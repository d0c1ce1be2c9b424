"""Lists cut into batches."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from crm.kernel.batches import batched, halved, packed

numbers = st.lists(st.integers(0, 50), max_size=40)


@given(numbers, st.integers(1, 12))
def test_all_batches_but_the_last_have_the_asked_size(items: list[int], size: int) -> None:
    batches = list(batched(items, size))
    assert [item for batch in batches for item in batch] == items
    assert all(len(batch) == size for batch in batches[:-1])
    assert all(0 < len(batch) <= size for batch in batches)


@given(numbers, st.integers(1, 60))
def test_a_packed_batch_is_within_the_limit_and_takes_all_that_fits(items: list[int], limit: int) -> None:
    batches = list(packed(items, lambda item: item, limit))
    assert [item for batch in batches for item in batch] == items
    assert all(sum(batch) <= limit or len(batch) == 1 for batch in batches)
    assert all(sum(batch) + following[0] > limit for batch, following in pairwise(batches))


@given(numbers, st.integers(1, 60))
def test_halves_fit_unless_one_item_alone_is_too_much(items: list[int], limit: int) -> None:
    batches = list(halved(items, lambda part: sum(part) <= limit))
    assert [item for batch in batches for item in batch] == items
    assert all(sum(batch) <= limit or len(batch) == 1 for batch in batches)
