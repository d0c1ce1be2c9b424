"""Google, as far as a deployment sees it."""

from collections.abc import Iterator

import pytest

from tests.deploy.google_stub import GoogleStub, google_stub


@pytest.fixture
def stub() -> Iterator[GoogleStub]:
    """A stand-in that nothing was deployed to."""
    with google_stub() as running:
        yield running
