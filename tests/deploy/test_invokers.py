"""Where nobody may be named who is everybody, Cloud Run's own check is switched off, and on again."""

from deploy import invokers
from tests.deploy.google_stub import GoogleStub

SERVICES = ["crm-ingest", "crm-campaigns"]


def test_the_check_is_switched_off_and_on_again_and_only_where_it_differs(stub: GoogleStub) -> None:
    google = stub.google()

    assert invokers.set_checks(google, "europe-west1", SERVICES, disabled=False) == []
    assert invokers.set_checks(google, "europe-west1", SERVICES, disabled=True) == SERVICES
    assert stub.unchecked == set(SERVICES)
    assert invokers.set_checks(google, "europe-west1", SERVICES, disabled=True) == []
    assert invokers.set_checks(google, "europe-west1", SERVICES[:1], disabled=False) == SERVICES[:1]
    assert stub.unchecked == {"crm-campaigns"}
