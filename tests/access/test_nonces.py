"""Nonces are recognised for ten minutes, under any of the secrets."""

import time

import pytest

from crm.access.nonces import LIFETIME, Nonces
from crm.access.sessions import serializer
from crm.kernel.errors import Unauthenticated

OLD, NEW = "the old secret of the house", "the new secret of the house"


def test_each_nonce_has_an_id_of_its_own_and_is_recognised_after_a_rotation() -> None:
    nonces = Nonces([OLD])
    first, second = nonces.issue(), nonces.issue()
    assert Nonces([NEW, OLD]).verify(first) == nonces.verify(first) != nonces.verify(second)


def test_a_nonce_expires(monkeypatch: pytest.MonkeyPatch) -> None:
    nonces = Nonces([NEW])
    nonce, now = nonces.issue(), time.time()
    monkeypatch.setattr(time, "time", lambda: now + LIFETIME.total_seconds() - 5)
    nonces.verify(nonce)
    monkeypatch.setattr(time, "time", lambda: now + LIFETIME.total_seconds() + 5)
    with pytest.raises(Unauthenticated):
        nonces.verify(nonce)


@pytest.mark.parametrize(
    "nonce",
    [
        None,
        "",
        7,
        [],
        {},
        "a.b.c",
        "x" * 100_000,
        "\ud800",
        "\ud800.b.c",
        Nonces([OLD]).issue(),
        serializer([NEW], "session").dumps("a"),
    ],
    ids=range(11),
)
def test_what_was_not_issued_here_is_refused(nonce: object) -> None:
    with pytest.raises(Unauthenticated):
        Nonces([NEW]).verify(nonce)
