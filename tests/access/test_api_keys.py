"""The text of a key: its parts, and what is no key's text."""

import pytest

from crm.access.api_keys import parts_of, text_of

ID, SECRET = "0123456789abcdef", "s3cr_t-" + "x" * 36
TEXT = text_of(ID, SECRET)


def test_a_text_has_an_id_and_a_secret() -> None:
    assert TEXT.startswith(f"crm_{ID}_{SECRET}")
    assert parts_of(TEXT) == (ID, SECRET)


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "crm",
        TEXT[:-1],
        TEXT + "0",
        TEXT + "\n",
        " " + TEXT,
        TEXT.upper(),
        TEXT.replace("x", "y", 1),
        TEXT.replace("0123", "0124"),
        TEXT[:-8],
        text_of("9" * 2000, SECRET),
        text_of("", SECRET),
        text_of(ID.upper(), SECRET),
        text_of("../../members/aa", SECRET),
        text_of("٠" * 16, SECRET),
        text_of(ID, ""),
        text_of(ID, SECRET + "x"),
    ],
)
def test_another_text_is_no_keys(wrong: str) -> None:
    assert parts_of(wrong) is None
