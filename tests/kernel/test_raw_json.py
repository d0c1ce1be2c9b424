import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.kernel.raw_json import items, members, values_in

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,  # and up to twenty such values in each test: to draw more takes long
)


@given(st.lists(VALUES, max_size=20), st.sampled_from([None, 1]))
def test_items_of_json_are_those_of_its_parser(values: list[object], indent: int | None) -> None:
    found = items(json.dumps(values, indent=indent).encode(), 20)
    assert found is not None
    assert [json.loads(text) for text in found] == values


@given(st.dictionaries(st.text("abcxyz", min_size=1, max_size=9), VALUES, max_size=20))
def test_members_of_json_are_those_of_its_parser(values: dict[str, object]) -> None:
    found = members(json.dumps(values).encode())
    assert {name.decode(): json.loads(text) for name, text in found.items()} == values


@given(st.binary())
def test_any_bytes_are_read(text: bytes) -> None:
    items(text, 10)
    items(b"[" + text, 10)
    members(b"{" + text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (b"", None),
        (b"5", None),
        (b"{}", None),
        (b"[]", []),
        (b"[1,2,3,4]", None),
        (b"[,,,,,]", None),
        (b"[1,[2,", [b"1", b"[2,"]),
        (b'[1,"2]', [b"1", b'"2]']),
        (b'[1,"\\', [b"1", b'"\\']),
        (b'["\\"]",2] more', [b'"\\"]"', b"2"]),
    ],
)
def test_odd_lists(text: bytes, found: list[bytes] | None) -> None:
    assert items(text, 3) == found


@pytest.mark.parametrize("text", [b'"\\', b'"', b"\\", b"[", b'"a', b"[]"], ids=repr)
def test_time_is_linear_in_the_text(text: bytes) -> None:
    began = time.process_time()
    items(b"[" + text * 999_999, 10)
    assert time.process_time() - began < 5


@given(VALUES)
def test_values_are_counted_before_they_are_parsed(value: object) -> None:
    assert values_in(json.dumps(value).encode()) >= _parsed_values(value) - 1


def _parsed_values(value: object) -> int:
    """The values of a parsed value, and itself."""
    match value:
        case list():
            return 1 + sum(map(_parsed_values, value))
        case dict():
            return 1 + sum(map(_parsed_values, value.values()))
        case _:
            return 1
