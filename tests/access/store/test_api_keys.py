"""API keys: shown once, stored hashed, listed with what they allow."""

from datetime import UTC, datetime, timedelta

import pytest

from crm.access.api_keys import SCOPES, digest_of, parts_of
from crm.access.store.api_keys import COLLECTION, ApiKeys, new_id
from crm.kernel.errors import NotFound
from crm.platform.firestore.client import client

pytestmark = pytest.mark.emulator

NOW = datetime(2026, 3, 1, tzinfo=UTC)
BY = "owner@example.com"


async def test_a_new_key_is_found_by_the_id_in_its_text_and_its_secret_is_not_stored(project: str) -> None:
    info, text = await ApiKeys(client(project)).create(
        new_id(), "shop", BY, NOW, ["ingest:orders"], NOW + timedelta(days=1)
    )

    key_id, secret = parts_of(text) or ("", "")
    assert key_id == info.id
    stored = await ApiKeys(client(project)).find(key_id)
    assert stored is not None
    assert stored.key == info
    assert (info.scopes, info.expires_at) == (("ingest:orders",), NOW + timedelta(days=1))
    assert stored.digest == digest_of(secret)
    fields = (await client(project).document(f"{COLLECTION}/{info.id}").get()).to_dict() or {}
    assert secret not in str(fields)


async def test_a_key_from_before_there_were_scopes_allows_nothing(project: str) -> None:
    fields = {"name": "old", "created_by": BY, "created_at": NOW, "revoked_at": None, "hash": "0"}
    await client(project).document(f"{COLLECTION}/{'0' * 16}").set(fields)
    (listed,) = await ApiKeys(client(project)).all()
    assert listed.scopes == ()


async def test_a_revoked_key_is_still_listed(project: str) -> None:
    keys = ApiKeys(client(project))
    old, _ = await keys.create(new_id(), "old", BY, NOW, SCOPES)

    await keys.revoke(old.id, NOW)
    await keys.revoke(old.id, NOW + timedelta(hours=1))

    (listed,) = await keys.all()
    assert (listed.name, listed.revoked_at) == ("old", NOW)


async def test_revoking_an_unknown_key_raises_not_found(project: str) -> None:
    with pytest.raises(NotFound):
        await ApiKeys(client(project)).revoke("0" * 16, NOW)


async def test_a_use_is_noted_of_keys_that_exist(project: str) -> None:
    keys = ApiKeys(client(project))
    info, _ = await keys.create(new_id(), "shop", BY, NOW, SCOPES)
    await keys.note_use(info.id, NOW)
    await keys.note_use("0" * 16, NOW)
    (listed,) = await keys.all()
    assert listed.last_used_at == NOW
