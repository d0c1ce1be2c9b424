"""What the tests of sending use cases share."""

import pytest


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks of 3."""
    for module in (
        "delivery.freezing",
        "supervision.usecases.publish_due_chunks",
        "campaigns.usecases.change_rate",
    ):
        monkeypatch.setattr(f"crm.{module}.CHUNK_SIZE", 3)
