"""Which sessions of a member hold, and which addresses people can have."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from crm.access.members import Member, Session, address_fault, member_id, normal_email

NOW = datetime(2026, 3, 1, tzinfo=UTC)
SESSION = Session(id="s1", email="mira@example.com", name="Mira", subject="sub-1", version="v1")
MIRA = Member(email="mira@example.com", role="viewer", subject="sub-1", version="v1")


def test_a_session_of_the_account_and_version_holds() -> None:
    assert MIRA.holds(SESSION)
    assert replace(MIRA, ended_sessions={"s2": NOW}).holds(SESSION)


@pytest.mark.parametrize(
    "change",
    [
        {"subject": "sub-2"},
        {"subject": None},
        {"version": "v2"},
        {"version": ""},
        {"ended_sessions": {"s1": NOW}},
    ],
    ids=str,
)
def test_any_other_does_not(change: dict[str, object]) -> None:
    assert not replace(MIRA, **change).holds(SESSION)  # type: ignore[arg-type]


def test_a_session_without_a_version_holds_nowhere() -> None:
    assert not replace(MIRA, version="").holds(replace(SESSION, version=""))


def test_an_id_is_that_of_the_address_in_any_case() -> None:
    assert MIRA.id == member_id(" MIRA@Example.com ")
    assert len(MIRA.id) == 64


@pytest.mark.parametrize(
    ("email", "normal"),
    [
        (" Mira@Example.COM ", "mira@example.com"),
        ("stra\u00dfe@example.com", "strasse@example.com"),
        ("\u017fam@example.com", "sam@example.com"),
        ("\u212aim@example.com", "kim@example.com"),
        ("\uff4dira@example.com", "mira@example.com"),
    ],
)
def test_look_alikes_have_the_same_spelling(email: str, normal: str) -> None:
    assert normal_email(email) == normal


@pytest.mark.parametrize("email", ["a@b.co", "O'Neil+crm_1@mail.example-1.com", "A@B.CO"])
def test_a_google_accounts_address_has_no_fault(email: str) -> None:
    assert address_fault(email) is None


@pytest.mark.parametrize(
    ("email", "fault"),
    [
        ("\u017fam@example.com", "LATIN SMALL LETTER LONG S"),
        ("\u212aim@example.com", "KELVIN SIGN"),
        ("mira@ex\u0430mple.com", "CYRILLIC SMALL LETTER A"),
        ("mira@example\uff0ecom", "FULLWIDTH FULL STOP"),
        ("mi\u200bra@example.com", "ZERO WIDTH SPACE"),
        ("mira\u0301@example.com", "COMBINING ACUTE ACCENT"),
        ("mira@example.com\u202e", "RIGHT-TO-LEFT OVERRIDE"),
        ("mira\ue000@example.com", "a character without a name"),
        ("mira@example.com\n", "is not"),
        (" mira@example.com", "is not"),
        ("mi\x00ra@example.com", "is not"),
        ("mira@a@example.com", "is not"),
        ("mira@example", "is not"),
        ("@example.com", "is not"),
        ("", "is not"),
    ],
)
def test_any_other_address_is_refused_with_a_reason(email: str, fault: str) -> None:
    assert fault in str(address_fault(email))
