"""One stack for the whole run, with a small sample."""

from collections.abc import Iterator

import httpx2
import pytest

from tests.e2e.stacks import Stack, started


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All that use the stack run in one process, so that one stack serves them."""
    for item in items:
        if "stack" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("stack"))


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The running stack: 200 sample customers, 800 orders, a vendor that keeps what it was to send."""
    folder = tmp_path_factory.mktemp("stack")
    with started(folder, CRM_SAMPLE_CUSTOMERS="200", CRM_KEEP_CONTENT="true") as running:
        yield running


@pytest.fixture(scope="session")
def marketer(stack: Stack) -> Iterator[httpx2.Client]:
    """A signed-in marketer's client."""
    with stack.member("marketer@example.com") as client:
        yield client
