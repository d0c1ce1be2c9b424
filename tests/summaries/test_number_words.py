"""Numbers spelled out in English."""

from fractions import Fraction

import pytest

from crm.summaries.number_words import spoken_numbers


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ninety-five percent delivered", [("percent", 95)]),
        ("one hundred per cent", [("percent", 100)]),
        ("a hundred percent", [("percent", 100)]),
        ("one tenth failed", [("share", Fraction(1, 10))]),
        ("two thirds of them", [("share", Fraction(2, 3))]),
        ("a third of them, half of them", [("share", Fraction(1, 3)), ("share", Fraction(1, 2))]),
        ("nine in ten, nine out of ten", [("share", Fraction(9, 10))] * 2),
        ("one thousand six hundred thirty-three customers", [("count", 1633)]),
        ("two groups", [("count", 2)]),
        ("this quarter a customer opened half a mail", []),
        ("hundreds of customers", []),
        ("", []),
    ],
)
def test_spoken_numbers(text: str, expected: list[tuple[str, Fraction]]) -> None:
    assert [(n.kind, n.value) for n in spoken_numbers(text)] == expected


def test_a_number_has_its_text() -> None:
    assert [n.text for n in spoken_numbers("About ninety percent.")] == ["ninety percent"]
