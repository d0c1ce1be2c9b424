"""What nobody sees is found by its Unicode property, and only what shapes visible text stays."""

import sys
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.kernel.hidden_characters import has_hidden, one_line

DEFAULT_IGNORABLE = (
    "00AD 034F 061C 115F-1160 17B4-17B5 180B-180F 200B-200F 202A-202E 2060-206F 3164 FE00-FE0F FEFF FFA0 "
    "FFF0-FFF8 1BCA0-1BCA3 1D173-1D17A E0000-E0FFF"
)
"""Default_Ignorable_Code_Point of Unicode's DerivedCoreProperties.txt."""


def characters(ranges: str) -> list[str]:
    found = []
    for each in ranges.split():
        first, _, last = each.partition("-")
        found += [chr(code) for code in range(int(first, 16), int(last or first, 16) + 1)]
    return found


HIDDEN = characters(f"{DEFAULT_IGNORABLE} 0000-001F 007F-009F 2028-2029 FFF9-FFFB")
SHAPING = set(characters("180B-180D 180F 200C-200D FE00-FE0F E0100-E01EF"))
ENGLAND = "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"


def test_every_hidden_character_is_found() -> None:
    assert [f"{ord(each):x}" for each in HIDDEN if not has_hidden(f"a{each}b")] == []


def test_every_character_of_a_hidden_category_is_found() -> None:
    every = map(chr, range(sys.maxunicode + 1))
    hidden = [each for each in every if unicodedata.category(each) in ("Cc", "Cf", "Zl", "Zp")]
    assert [f"{ord(each):x}" for each in hidden if not has_hidden(each)] == []


def test_a_text_with_much_to_drop_is_cleaned_in_linear_time() -> None:
    def took(size: int) -> float:
        since = time.process_time()
        one_line("\u200dé\u200b🏴\U000e0067" * size)
        return time.process_time() - since

    took(10)
    assert took(200_000) < 40 * max(took(20_000), 0.001)


def test_every_hidden_character_is_dropped_but_what_shapes_others() -> None:
    for each in HIDDEN:
        made = one_line(f"a{each}b")
        assert made == (f"a{each}b" if each in SHAPING else "a b" if each.isspace() else "ab"), hex(ord(each))
        assert one_line(f"{each}a") == "a"


@pytest.mark.parametrize(
    "text", ["Mira Shah", "C-1 (ü)", "Ann  Lee", "日本", "مرحبا بالعالم", "e\u0301", "😀", "שָׁלוֹם", ""]
)
def test_visible_text_stays_as_it_is(text: str) -> None:
    assert not has_hidden(text)
    assert one_line(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "👩\u200d👧 Zoë",
        "👩🏽\u200d🚀",
        "❤\ufe0f\u200d🔥",
        "1\ufe0f\u20e3",
        "می\u200cخواهم",
        "ක්\u200dෂ",
        "葛\U000e0100城",
        f"Ann {ENGLAND}",
        f"{ENGLAND}{ENGLAND}!",
    ],
)
def test_what_shapes_emoji_and_scripts_stays(text: str) -> None:
    assert one_line(text) == text


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("A\U000e0068\U000e0069nn", "Ann"),
        ("🏴\U000e0068\U000e0069\U000e007f", "🏴"),
        (f"{ENGLAND}\U000e0068\U000e0069", ENGLAND),
        ("😀\ufe01\ufe02\ufe03", "😀\ufe01"),
        ("a\u200d\u200c\u200db", "ab"),
        ("a\u200b\u200db", "ab"),
        ("Ann\u200d", "Ann"),
        ("Ann \u200dLee", "Ann Lee"),
        ("\u202e Ann", "Ann"),
        ("A\u00a0\u200b\u3000B", "A B"),
        ("\u200b\ufe0f", ""),
    ],
)
def test_what_carries_nothing_to_see_is_dropped(given: str, kept: str) -> None:
    assert one_line(given) == kept


def test_characters_of_later_unicode_versions_stay() -> None:
    later = "\U00050005"
    assert unicodedata.category(later) == "Cn"
    assert one_line(f"Ann {later}") == f"Ann {later}"


@given(
    st.text(st.sampled_from("ab 🏴\n\u00a0\u200b\u200d\ufe0f\U000e0067\U000e007f\u3164") | st.characters())
)
def test_a_cleaned_text_stays_as_it_is(text: str) -> None:
    assert one_line(one_line(text)) == one_line(text)
