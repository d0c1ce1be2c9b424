"""Used nonces, on the real emulator."""

import asyncio
from datetime import UTC, datetime

import pytest

from crm.access.store.used_nonces import COLLECTION, KEPT, UsedNonces
from crm.kernel.errors import Unauthenticated
from crm.platform.firestore.client import client

pytestmark = pytest.mark.emulator

NOW = datetime(2026, 3, 1, tzinfo=UTC)


async def test_a_nonce_is_used_once_and_its_use_expires(project: str) -> None:
    nonces = UsedNonces(client(project))
    await nonces.use("n1", "s1", NOW)
    with pytest.raises(Unauthenticated):
        await nonces.use("n1", "s2", NOW)
    await nonces.use("n2", "s2", NOW)
    stored = [each.to_dict() or {} async for each in client(project).collection(COLLECTION).stream()]
    assert {each["expires_at"] for each in stored} == {NOW + KEPT}


async def test_a_commit_that_is_repeated_meets_its_own_use(project: str) -> None:
    nonces = UsedNonces(client(project))
    await nonces.use("n1", "s1", NOW)
    await nonces.use("n1", "s1", NOW)


async def test_of_concurrent_uses_one_counts(project: str) -> None:
    nonces = UsedNonces(client(project))
    uses = [nonces.use("n1", f"s{number}", NOW) for number in range(5)]
    done = await asyncio.gather(*uses, return_exceptions=True)
    assert done.count(None) == 1
