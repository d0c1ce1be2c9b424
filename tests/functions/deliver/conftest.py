"""Small campaigns, and vendors who are waited for briefly."""

import pytest


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Partitions of about 10 and chunks of 3, so that a small audience has many."""
    monkeypatch.setattr("crm.campaigns.frozen_list.PARTITION_SIZE", 10)
    monkeypatch.setattr("crm.delivery.freezing.CHUNK_SIZE", 3)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a second for the vendor."""
    monkeypatch.setenv("CRM_VENDOR_TIMEOUT", "0.5")
