"""Rolling back: which version takes the traffic, and in which order the functions move."""

import pytest

from deploy import rollback
from deploy.errors import DeployError
from deploy.smoke import Place
from tests.deploy.google_stub import GoogleStub

PLACE = Place("my-project", "europe-west1", "crm")
FUNCTIONS = ("consumer", "ingest")


@pytest.fixture
def deployed(stub: GoogleStub) -> GoogleStub:
    """Three versions, of which the newest serves; the second never had a consumer."""
    stub.revisions = {
        "crm-ingest": [("ingest-1", "v1"), ("ingest-2", "v2"), ("ingest-3", "v3")],
        "crm-consumer": [("consumer-1", "v1"), ("consumer-2", "v1"), ("consumer-3", "v3")],
    }
    return stub


def chosen(stub: GoogleStub, wanted: str = "") -> str:
    return rollback.choose(rollback.services(stub.google(), PLACE, FUNCTIONS), wanted)


def shifted(stub: GoogleStub, version: str) -> None:
    google = stub.google()
    rollback.shift(google, rollback.services(google, PLACE, FUNCTIONS), version)


def test_without_a_name_it_is_the_version_before_that_every_function_has(deployed: GoogleStub) -> None:
    assert chosen(deployed) == "v1"


def test_traffic_goes_to_the_newest_revisions_first_of_what_publishes(deployed: GoogleStub) -> None:
    shifted(deployed, "v1")

    assert deployed.serving == {"crm-ingest": "ingest-1", "crm-consumer": "consumer-2"}
    changes = [call.rpartition("/")[2] for call in deployed.calls if call.startswith("PATCH")]
    assert changes == ["crm-ingest", "crm-consumer"]


def test_the_way_back_is_the_same_command(deployed: GoogleStub) -> None:
    shifted(deployed, "v1")

    assert chosen(deployed, "v3") == "v3"
    with pytest.raises(DeployError, match=r"Name one, VERSION=…, of: v3, v1 \(serving\)"):
        chosen(deployed)


@pytest.mark.parametrize("wanted", ["v2", "v9"])
def test_a_version_that_not_every_function_has_is_refused(wanted: str, deployed: GoogleStub) -> None:
    with pytest.raises(DeployError, match=rf"Not every function has a revision of {wanted}.*v3 \(serving\)"):
        chosen(deployed, wanted)


def test_what_was_never_deployed_cannot_be_rolled_back(stub: GoogleStub) -> None:
    with pytest.raises(DeployError, match="deploy first"):
        chosen(stub)


def test_the_page_of_a_version_is_found_by_its_label(stub: GoogleStub) -> None:
    stub.versions = [
        {"name": "sites/s/versions/1", "status": "FINALIZED", "labels": {"version": "v1-0"}},
        {"name": "sites/s/versions/2", "status": "CREATED", "labels": {"version": "v2-0"}},
        {"name": "sites/s/versions/3", "status": "FINALIZED"},
    ]

    assert rollback.page_of(stub.google(), "s", "v1.0") == "sites/s/versions/1"
    assert rollback.page_of(stub.google(), "s", "v2.0") == ""
