"""Google, as far as a deployment sees it."""

from collections.abc import Iterator

import pytest

from devstack import build
from tests.deploy.google_stub import GoogleStub, google_stub


@pytest.fixture
def stub() -> Iterator[GoogleStub]:
    """A stand-in that nothing was deployed to."""
    with google_stub() as running:
        yield running


@pytest.fixture(scope="session")
def assets(tmp_path_factory: pytest.TempPathFactory) -> None:
    """What the web app's packages give to the functions."""
    build.assets(tmp_path_factory.mktemp("logs"))
