"""Calls of Google's interfaces are repeated where that may help, with a token that holds."""

import pytest

from deploy import google
from deploy.errors import DeployError
from deploy.google import Google
from tests.deploy.google_stub import GoogleStub

NOT_YET = {"error": {"message": "has not been used", "details": [{"reason": "SERVICE_DISABLED"}]}}


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(google, "PAUSES", (0,) * 3)


@pytest.mark.parametrize("refusal", [(429, {}), (500, {}), (503, {}), (403, NOT_YET)])
def test_temporary_errors_are_retried(refusal: tuple[int, dict[str, object]], stub: GoogleStub) -> None:
    stub.refusals = [refusal] * 3

    stub.google().post("storage", "b?project=p", {"name": "b"})
    assert list(stub.buckets) == ["b"]


def test_in_the_end_google_is_quoted(stub: GoogleStub) -> None:
    stub.refusals = [(503, {"error": {"message": "out of order"}})] * 4

    with pytest.raises(DeployError, match=r"refuses /storage/b/x \(503\): out of order"):
        stub.google().get("storage", "b/x")


def test_a_forbidden_call_is_not_retried(stub: GoogleStub) -> None:
    stub.refusals = [(403, {"error": {"message": "no right"}})]

    with pytest.raises(DeployError, match="no right"):
        stub.google().get("storage", "b/x")
    assert len(stub.calls) == 1


def test_each_call_has_a_current_token(stub: GoogleStub) -> None:
    tokens = iter(["one", "two"])
    calls = Google("p", lambda: next(tokens), {"storage": f"{stub.url}/storage"})

    for _ in range(2):
        calls.get("storage", "b/x")
    assert stub.tokens == {"Bearer one", "Bearer two"}
