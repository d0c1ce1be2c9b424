"""Names are found in texts of any form."""

import json

import pytest

from crm.kernel.mentions import searchable

NAME = "mira+shah/1@shöp.example"


@pytest.mark.parametrize(
    "text",
    [
        NAME,
        f"x{NAME}x",
        NAME.upper(),
        json.dumps(NAME),
        json.dumps(json.dumps({"a": NAME})),
        NAME.replace("/", "\\/"),
        NAME.replace("@", "\\u0040").replace("ö", "\\u00F6"),
        NAME.replace("s", "s\u200b"),
        NAME.replace("s", "s\\u200b"),
    ],
)
def test_a_name_is_found_in_any_writing(text: str) -> None:
    assert searchable(f'{{"a":"{text}"}}').holds(NAME)
    assert not searchable(f'{{"a":"{text}"}}').holds("tom@shop.example")


def test_a_character_of_two_halves_is_found() -> None:
    assert searchable(json.dumps("Mira \U0001f600 Shah")).holds("Mira \U0001f600 Shah")
    assert not searchable('"\\ud83d"').holds("Mira \ud83d Shah")


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ("C-1", True),
        ('{"id":"C-1"}', True),
        ("it is C-1.", True),
        ("C-1\nC-2", True),
        ("C-10", False),
        ("C-1-2", False),
        ("AC-1", False),
        ("C-1@x.example", False),
        ("C-1.5", False),
    ],
)
def test_a_short_name_has_to_stand_alone(text: str, is_found: bool) -> None:
    assert searchable(text).holds("C-1") is is_found


def test_a_long_name_may_have_to_stand_alone() -> None:
    assert searchable("customer-10").holds("customer-1")
    assert not searchable("customer-10").holds("customer-1", alone=True)


def test_nothing_is_found_nowhere() -> None:
    assert not searchable("a").holds(" ")
