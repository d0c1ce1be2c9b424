"""Fixtures that start what tests need, once a run, and end it."""

import gc
import os
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, settings

from crm.customers.customer_key import use_secret
from devstack.emulators import Emulators
from devstack.settings import UNLIMITED
from tests.support import ID_KEY, PUBLIC_URL, UNSUBSCRIBE_KEY

# Each worker of pytest-xdist inherits its controller's width, which rich would read when it is imported.
os.environ.pop("COLUMNS", None)

os.environ["CRM_ID_KEY"] = ID_KEY  # for functions; one key for the whole run, because it is the process's
use_secret(ID_KEY)

# How long an example takes says how busy the machine is, and nothing about the code.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

pytest_plugins = [
    "tests.recorder",
    "tests.identity",
    "tests.gemini_server",
    "tests.vendor_stub",
    "tests.delivery.campaign_stores",
]


SLOW_FIXTURES = {
    "e2e": "stack",
    "infra": "terraform",
    "functions/test_imports.py": "imports",
    "security/test_anonymous_bodies.py": "functions",
}
"""By folder or file, a fixture that is slow to set up. The tests that use it form a group."""

HALF = "test_marketer_data.py"
"""From this file on those with a browser have a stack of their own: one process for all would be the last."""


@pytest.hookimpl(tryfirst=True)  # before the plugin that runs them reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run a group in one process, so that its fixture is set up once. Start stacks first: they take longest,
    and at the end of a run one process would wait for the other."""
    items.sort(key=lambda item: item.get_closest_marker("e2e") is None)
    for item in items:
        place = item.path.relative_to(Path(__file__).parent)
        for group in (place.parts[0], place.as_posix()):
            if SLOW_FIXTURES.get(group) in getattr(item, "fixturenames", ()):
                half = "-2" if group == "e2e" and place.name >= HALF else ""
                item.add_marker(pytest.mark.xdist_group(group + half))


def pytest_runtest_setup() -> None:
    """What runs in this process may have used the secret of another installation, such as the documents of
    functions that are made without one."""
    use_secret(ID_KEY)


def pytest_collection_finish() -> None:
    """Whatever there is by now stays to the end: to look through it for garbage is a tenth of the work."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def emulators() -> Iterator[None]:
    """Firestore and Pub/Sub emulators on free ports, or those that the environment already names."""
    names = ("FIRESTORE_EMULATOR_HOST", "PUBSUB_EMULATOR_HOST")
    if all(name in os.environ for name in names):
        yield
        return
    with Emulators.running() as running:
        os.environ.update(running.environment)
        yield
        for name in names:
            del os.environ[name]


@pytest.fixture
def brief_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Failed calls to Firestore and Pub/Sub are retried for half a second only."""
    monkeypatch.setattr("crm.platform.google_errors.RETRIED_FOR", 0.5)


@pytest.fixture
def project(emulators: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A project of the test's own: an empty database and no topics. Also set as `CRM_PROJECT`, with what
    links in messages are made of, and without limits of rates."""
    name = f"test-{uuid4().hex[:12]}"
    monkeypatch.setenv("CRM_PROJECT", name)
    monkeypatch.setenv("CRM_ERASURE_LEDGER", (tmp_path / "erasures").as_uri())
    monkeypatch.setenv("CRM_PUBLIC_URL", PUBLIC_URL)
    monkeypatch.setenv("CRM_RATE_LIMITS", UNLIMITED)
    monkeypatch.setenv("CRM_UNSUBSCRIBE_KEYS", UNSUBSCRIBE_KEY)
    return name
