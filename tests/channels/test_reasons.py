"""What is left of a vendor's reason."""

from time import process_time
from typing import Final

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crm.channels.reasons import MAX_REASON, impersonal

WORDS: Final = (
    *("mailbox", "full", "550", "5.1.1", "<a@b.c>:", "Mira", "rejected", "(code", "30003)"),
    *("+44", "…", "error:", "20", "7946", "-_/", "\n"),
)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (
            "550 5.1.1 <mira@example.com>: Recipient address rejected",
            "550 5.1.1 <…>: Recipient address rejected",
        ),
        ("550-5.1.1 The email account does not exist.", "550-5.1.1 The email account does not exist."),
        ("mira.shah+crm@mail.example.co.uk is full", "… is full"),
        ("Mira Shah of 12 Elm Road: mailbox full", "… of … …: mailbox full"),
        ("no handset at +44 20 7946 0018", "no handset at …"),
        ("no handset at 555 123 4567", "no handset at 555 …"),
        ("unreachable: 442079460018", "unreachable: …"),
        ("user mira@ on example.com", "user … on …"),
        ("<Mira Shah> mira AT example DOT com blocked", "<… …> … AT … blocked"),
        ("mailbox_full", "mailbox_full"),
        ("mailbox full", "mailbox full"),
        ("421 4.7.0 try again in 3600 s (code 30003)", "421 4.7.0 try again in … (code 30003)"),
        ("Мира Шах: mailbox full", "… …: mailbox full"),
        ("refused by the simulated vendor", "refused by the simulated vendor"),
        ("", ""),
        (None, None),
    ],
)
def test_only_known_words_and_codes_are_left(said: str | None, kept: str | None) -> None:
    assert impersonal(said) == kept


@given(st.lists(st.sampled_from(WORDS)).map(" ".join) | st.text())
@example("x " * 600)
@example("mailbox " * 200)
@example("to" * 600)
def test_it_never_becomes_longer_and_is_the_same_when_said_again(said: str) -> None:
    kept = impersonal(said)
    assert kept is not None
    assert len(kept) <= min(len(said), MAX_REASON)
    assert impersonal(kept) == kept


@pytest.mark.parametrize("one", [")", "(", "'", "-", "to-", "a ", "a. ", "… "])
def test_the_time_grows_with_the_length_and_no_faster(one: str) -> None:
    started = process_time()
    for _ in range(200):
        impersonal((one * MAX_REASON * 2)[: 2 * MAX_REASON - 1] + "x")
    assert process_time() - started < 2


@given(st.text(alphabet="abcdefgé0123456789@.+-_/", min_size=6))
def test_a_word_of_which_nothing_is_known_is_not_kept(word: str) -> None:
    unknown = f"qz{word}qz"
    kept = impersonal(f"mailbox of {unknown} full")
    assert kept == "mailbox of … full"
