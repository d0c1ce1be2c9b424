"""What is left of a vendor's reason."""

import pytest

from crm.channels.reasons import impersonal


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (
            "550 5.1.1 <mira@example.com>: Recipient address rejected",
            "550 5.1.1 <…>: Recipient address rejected",
        ),
        ("mira.shah+crm@mail.example.co.uk is full", "… is full"),
        ("no handset at +44 20 7946 0018", "no handset at …"),
        ("unreachable: 442079460018", "unreachable: …"),
        ("mailbox full", "mailbox full"),
        ("421 4.7.0 try again in 3600 s (code 30003)", "421 4.7.0 try again in 3600 s (code 30003)"),
        ("@ is missing", "@ is missing"),
        (None, None),
    ],
)
def test_no_address_is_left(said: str | None, kept: str | None) -> None:
    assert impersonal(said) == kept


def test_it_never_becomes_longer_and_is_the_same_when_said_again() -> None:
    for said in ("a@b", "x" * 600, "1234567", "a@b.c " * 100):
        kept = impersonal(said)
        assert kept is not None
        assert len(kept) <= min(len(said), 500)
        assert impersonal(kept) == kept
