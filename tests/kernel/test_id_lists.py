"""Lists of ids, cut and packed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.kernel.id_lists import KEY_BYTES, MAX_BYTES, cut, pack, pack_keys, unpack, unpack_keys

ids = st.lists(st.text(min_size=1, max_size=128), max_size=40)


@given(ids, st.integers(1, 12))
def test_parts_hold_every_id_in_its_order_and_come_back_as_they_were(names: list[str], most: int) -> None:
    parts = list(cut(names, most))
    assert all(0 < len(part) <= most for part in parts)
    assert [name for part in parts for name in unpack(pack(part))] == names


def test_a_part_of_the_longest_ids_fits_into_a_document() -> None:
    names = [f"{n:05d}" + "\N{GRINNING FACE}" * 123 for n in range(5_000)]
    parts = list(cut(names, 5_000))
    assert len(parts) == 4
    assert max(len("".join(part).encode()) for part in parts) < MAX_BYTES
    assert [name for part in parts for name in part] == names


@given(st.lists(st.binary(min_size=KEY_BYTES, max_size=KEY_BYTES).map(bytes.hex), max_size=40))
def test_keys_come_back_as_they_were(keys: list[str]) -> None:
    assert unpack_keys(pack_keys(keys)) == keys


@pytest.mark.parametrize("wrong", [["C-1"], ["ab" * 15], ["ab" * 15, "cd" * 16], ["é" * 32]])
def test_what_is_no_key_is_not_packed(wrong: list[str]) -> None:
    with pytest.raises(ValueError):
        pack_keys(wrong)
