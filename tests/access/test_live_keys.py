"""Keys verify by what was read half a minute ago at most, and note their use rarely."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from crm.access.api_keys import ApiKey, StoredKey, digest_of, text_of
from crm.access.live_keys import CACHE_SECONDS, MAX_UNKNOWN, NOTE_EVERY, LiveKeys
from crm.kernel.errors import TooManyRequests, Unauthenticated, Unavailable

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ID, SECRET = "0123456789abcdef", "x" * 43
TEXT = text_of(ID, SECRET)
KEY = ApiKey(id=ID, name="shop", scopes=("ingest:orders",), created_by="owner@example.com", created_at=NOW)


class InMemoryKeys:
    """Keys in memory; counts what was asked of it."""

    def __init__(self, *keys: ApiKey) -> None:
        self.keys = {key.id: key for key in keys}
        self.reads: Counter[str] = Counter()
        self.uses: list[datetime] = []
        self.is_away = False

    async def find(self, key_id: str) -> StoredKey | None:
        self.reads[key_id] += 1
        key = self.keys.get(key_id)
        return None if key is None else StoredKey(key=key, digest=digest_of(SECRET))

    async def note_use(self, key_id: str, now: datetime) -> None:
        await asyncio.sleep(0)
        if self.is_away:
            raise Unavailable("away")
        self.uses.append(now)


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


async def refused(keys: LiveKeys, text: str, now: datetime = NOW) -> str:
    with pytest.raises(Unauthenticated) as raised:
        await keys.verify(text, now)
    return str(raised.value)


async def test_a_key_is_read_once_in_half_a_minute() -> None:
    store, clock = InMemoryKeys(KEY), Clock()
    keys = LiveKeys(lambda: store, clock)
    for _ in range(3):
        assert await keys.verify(TEXT, NOW) == KEY
    assert store.reads[ID] == 1
    clock.at = CACHE_SECONDS
    await keys.verify(TEXT, NOW)
    assert store.reads[ID] == 2


async def test_a_revocation_applies_within_half_a_minute() -> None:
    store, clock = InMemoryKeys(KEY), Clock()
    keys = LiveKeys(lambda: store, clock)
    await keys.verify(TEXT, NOW)
    store.keys[ID] = replace(KEY, revoked_at=NOW)
    clock.at = CACHE_SECONDS
    assert "revoked" in await refused(keys, TEXT)


async def test_what_is_no_keys_text_is_refused_without_a_read() -> None:
    store = InMemoryKeys(KEY)
    keys = LiveKeys(lambda: store)
    for text in (
        "",
        "crm_00_x",
        TEXT[:-1],
        text_of("9" * 2000, SECRET),
        TEXT.replace("x", "y", 1),
        "\ud800" + TEXT[1:],
    ):
        assert "mistyped" in await refused(keys, text)
    assert not store.reads


async def test_an_unknown_id_and_a_wrong_secret_are_read_once() -> None:
    store = InMemoryKeys(KEY)
    keys = LiveKeys(lambda: store, Clock())
    for text in (text_of("f" * 16, SECRET), text_of(ID, "y" * 43)):
        for _ in range(3):
            assert "unknown" in await refused(keys, text)
    assert store.reads == {"f" * 16: 1, ID: 1}


async def test_the_cache_of_unknown_ids_is_bounded_and_spares_the_known() -> None:
    store = InMemoryKeys(KEY)
    keys = LiveKeys(lambda: store, Clock())
    await keys.verify(TEXT, NOW)
    for number in range(MAX_UNKNOWN + 1):
        await refused(keys, text_of(f"{number:016x}", SECRET))
    assert len(keys._unknown) == MAX_UNKNOWN
    await keys.verify(TEXT, NOW)
    assert store.reads[ID] == 1


async def test_an_expired_key_is_refused_with_the_reason_but_only_to_its_owner() -> None:
    store = InMemoryKeys(replace(KEY, expires_at=NOW))
    keys = LiveKeys(lambda: store)
    assert await keys.verify(TEXT, NOW - timedelta(seconds=1))
    assert "expired on 2026-03-01 at 12:00 UTC" in await refused(keys, TEXT)
    assert "expired" not in await refused(keys, text_of(ID, "y" * 43))


async def test_a_use_is_noted_once_in_ten_minutes_by_each_instance() -> None:
    store = InMemoryKeys(KEY)
    keys = LiveKeys(lambda: store)
    for at in (NOW, NOW + timedelta(minutes=9), NOW + NOTE_EVERY):
        for _ in range(3):
            await keys.verify(TEXT, at)
    await asyncio.gather(*keys._notes)
    assert store.uses == [NOW, NOW + NOTE_EVERY]


async def test_a_use_that_another_instance_has_just_noted_is_not_noted_again() -> None:
    store = InMemoryKeys(replace(KEY, last_used_at=NOW - timedelta(minutes=5)))
    keys = LiveKeys(lambda: store)
    await keys.verify(TEXT, NOW)
    await asyncio.gather(*keys._notes)
    assert store.uses == []


async def test_a_use_that_cannot_be_noted_fails_no_call_and_the_next_is_noted() -> None:
    store = InMemoryKeys(KEY)
    store.is_away = True
    keys = LiveKeys(lambda: store)
    assert await keys.verify(TEXT, NOW) == KEY
    await asyncio.gather(*keys._notes)
    store.is_away = False
    assert await keys.verify(TEXT, NOW) == KEY
    await asyncio.gather(*keys._notes)
    assert store.uses == [NOW]


async def test_only_a_key_that_was_never_found_needs_trust_to_be_read() -> None:
    store, clock = InMemoryKeys(KEY), Clock()
    keys = LiveKeys(lambda: store, clock)

    def distrust() -> None:
        raise TooManyRequests("Not from there.", 1)

    with pytest.raises(TooManyRequests):
        await keys.verify(TEXT, NOW, distrust)
    assert not store.reads
    await keys.verify(TEXT, NOW)
    clock.at = CACHE_SECONDS + 1
    assert await keys.verify(TEXT, NOW, distrust) == KEY
