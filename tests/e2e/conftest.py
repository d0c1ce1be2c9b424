"""One stack for the whole run, with a small sample."""

import os
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.browser import Visit, chromium
from tests.e2e.spring import post_people
from tests.e2e.stacks import FAILURE_RATE, Stack, started


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The running stack: 200 sample customers, 800 orders, a vendor that keeps the content of messages.

    Whether a message fails depends on its id, which is new in each run. Among the fifty messages of a test
    some fail and some arrive, except in one of a million runs.
    """
    if running := os.environ.get("CRM_E2E_STACK"):
        # While you write such tests: the folder of a stack that is already running.
        yield Stack.running(Path(running))
        return
    folder = tmp_path_factory.mktemp("stack")
    knobs = {"CRM_KEEP_CONTENT": "true", "CRM_FAILURE_RATE": str(FAILURE_RATE)}
    with started(folder, CRM_SAMPLE_CUSTOMERS="200", **knobs) as own:
        yield own


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for the tests of a module.

    Not for the whole run: while it is open its event loop counts as running, and no asynchronous test of
    another folder could run in the same process.
    """
    with chromium() as opened:
        yield opened


@pytest.fixture
def visit(browser: Browser, stack: Stack, request: pytest.FixtureRequest) -> Iterator[Visit]:
    """A visitor who has not signed in."""
    visit = Visit(browser, stack.url)
    yield visit
    visit.close(str(request.node.name))


@pytest.fixture(scope="session")
def marketer(stack: Stack) -> Iterator[httpx2.Client]:
    """A signed-in marketer's client."""
    with stack.member("marketer@example.com") as client:
        yield client


@pytest.fixture(scope="session")
def owner(stack: Stack) -> Iterator[httpx2.Client]:
    """A signed-in administrator's client."""
    with stack.member("owner@example.com") as client:
        yield client


@pytest.fixture(scope="session")
def people(stack: Stack, marketer: httpx2.Client) -> None:
    """Sixty people of a spring campaign, see `spring.py`."""
    post_people(stack, marketer)


@pytest.fixture
def page(visit: Visit, marketer: httpx2.Client) -> Page:
    """The page of a signed-in marketer."""
    visit.sign_in(marketer)
    return visit.page


@pytest.fixture
def owned(visit: Visit, owner: httpx2.Client) -> Page:
    """The page of a signed-in administrator."""
    visit.sign_in(owner)
    return visit.page
