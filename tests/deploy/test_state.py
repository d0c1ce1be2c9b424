"""The bucket of Terraform's state: private, with versions, made once."""

import pytest

from deploy import state
from deploy.errors import DeployError
from deploy.google import Google
from devstack.processes import free_port
from tests.deploy.google_stub import GoogleStub


def test_it_is_made_once(stub: GoogleStub) -> None:
    for _ in range(2):
        state.ensure_bucket(stub.google(), "my-project-crm-state", "europe-west1")

    made = stub.buckets["my-project-crm-state"]
    assert made["versioning"] == {"enabled": True}
    assert made["iamConfiguration"]["publicAccessPrevention"] == "enforced"
    assert len([call for call in stub.calls if call.startswith("POST")]) == 1


def test_a_bucket_in_another_region_stops_everything(stub: GoogleStub) -> None:
    state.ensure_bucket(stub.google(), "my-project-crm-state", "europe-west1")
    before = list(stub.calls)

    for look in (state.ensure_bucket, state.require_bucket):
        with pytest.raises(DeployError, match=r"is in europe-west1, not in us-central1.*REGION=europe-west1"):
            look(stub.google(), "my-project-crm-state", "us-central1")
    assert not [call for call in stub.calls[len(before) :] if call.startswith("POST")]


def test_without_a_deployment_nothing_can_be_checked_or_deleted(stub: GoogleStub) -> None:
    with pytest.raises(DeployError, match="Nothing is deployed there"):
        state.require_bucket(stub.google(), "my-project-crm-state", "europe-west1")


def test_a_server_that_is_away_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deploy.google.PAUSES", (0,))
    google = Google("my-project", lambda: "token", {"storage": f"http://127.0.0.1:{free_port()}"})

    with pytest.raises(DeployError, match=r"127\.0\.0\.1 does not answer"):
        state.ensure_bucket(google, "b", "europe-west1")
