"""A session cookie is valid for its person, for twelve hours, under any of the secrets."""

import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from crm.access.members import Session
from crm.access.nonces import Nonces
from crm.access.sessions import LIFETIME, MAX_NAME, Sessions, serializer
from crm.kernel.errors import Unauthenticated

OLD, NEW = "the old secret of the house", "the new secret of the house"
MIRA = Session(id="s1", email="mira@example.com", name="Mira Shah", subject="sub-1", version="v1")


def test_a_cookie_names_the_person_it_was_issued_for() -> None:
    sessions = Sessions([NEW])
    assert sessions.verify(sessions.issue(MIRA)) == MIRA


def test_secrets_rotate_without_signing_anybody_out() -> None:
    before = Sessions([OLD]).issue(MIRA)
    rotated = Sessions([NEW, OLD])
    assert rotated.verify(before) == MIRA
    assert Sessions([NEW]).verify(rotated.issue(MIRA)) == MIRA
    with pytest.raises(Unauthenticated):
        Sessions([NEW]).verify(before)


@pytest.mark.parametrize(
    "change",
    [
        lambda c: c[:-2],
        lambda c: "A" + c[1:],
        lambda c: "\ud800" + c,
        lambda _: "",
        lambda _: "a.b.c",
        lambda _: "\ud800",
    ],
    ids=range(6),
)
def test_an_altered_cookie_is_refused(change: Callable[[str], str]) -> None:
    sessions = Sessions([NEW])
    with pytest.raises(Unauthenticated):
        sessions.verify(change(sessions.issue(MIRA)))


@pytest.mark.parametrize("statement", [["mira@example.com", "Mira"], "abc", [], None])
def test_another_statement_of_ours_is_no_session(statement: object) -> None:
    with pytest.raises(Unauthenticated):
        Sessions([NEW]).verify(serializer([NEW], "session").dumps(statement))
    with pytest.raises(Unauthenticated):
        Sessions([NEW]).verify(Nonces([NEW]).issue())


def test_a_cookie_is_small_enough_for_browsers_whatever_the_name() -> None:
    cookie = Sessions([NEW]).issue(replace(MIRA, name="\N{GRINNING FACE}" * 5_000, email="a" * 254))
    assert len(cookie) < 3_000
    assert len(Sessions([NEW]).verify(cookie).name) == MAX_NAME


def test_a_session_expires(monkeypatch: pytest.MonkeyPatch) -> None:
    sessions = Sessions([NEW])
    cookie = sessions.issue(MIRA)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + LIFETIME.total_seconds() - 60)
    assert sessions.verify(cookie) == MIRA
    monkeypatch.setattr(time, "time", lambda: now + LIFETIME.total_seconds() + 60)
    with pytest.raises(Unauthenticated):
        sessions.verify(cookie)


@pytest.mark.parametrize("secrets", [[], [""], ["short"], [NEW, "short"]])
def test_missing_and_short_secrets_are_refused(secrets: list[str]) -> None:
    with pytest.raises(ValueError, match="session secrets"):
        Sessions(secrets)
