"""API keys: shown once, stored hashed, gone when revoked."""

from datetime import UTC, datetime

import pytest

from crm.access.store.api_keys import COLLECTION, ApiKeys, new_id
from crm.kernel.errors import NotFound, Unauthenticated
from crm.platform.firestore.client import client

pytestmark = pytest.mark.emulator

NOW = datetime(2026, 3, 1, tzinfo=UTC)


async def test_a_new_key_verifies_and_its_secret_is_not_stored(project: str) -> None:
    keys = ApiKeys(client(project))

    info, text = await keys.create(new_id(), "shop", "owner@example.com", NOW)

    assert await ApiKeys(client(project)).verify(text) == info
    stored = (await client(project).document(f"{COLLECTION}/{info.id}").get()).to_dict() or {}
    assert text.rsplit("_", 1)[-1] not in str(stored)


async def test_any_other_text_is_refused(project: str) -> None:
    keys = ApiKeys(client(project))
    info, text = await keys.create(new_id(), "shop", "owner@example.com", NOW)
    other = f"crm_{'0' * 16}_{text.split('_', 2)[2]}"
    for wrong in (
        "",
        "crm",
        text[:-1],
        text + "x",
        f"crm_{info.id}_",
        "crm_../x_y",
        f"CRM_{text[4:]}",
        other,
    ):
        with pytest.raises(Unauthenticated):
            await keys.verify(wrong)


async def test_a_revoked_key_is_refused_and_still_listed(project: str) -> None:
    keys = ApiKeys(client(project))
    old, text = await keys.create(new_id(), "old", "owner@example.com", NOW)
    await keys.verify(text)

    await keys.revoke(old.id, NOW)
    await keys.revoke(old.id, NOW)

    with pytest.raises(Unauthenticated):
        await keys.verify(text)
    (listed,) = await keys.all()
    assert listed.name == "old"
    assert listed.revoked_at is not None


async def test_revoking_an_unknown_key_raises_not_found(project: str) -> None:
    with pytest.raises(NotFound):
        await ApiKeys(client(project)).revoke("0" * 16, NOW)
