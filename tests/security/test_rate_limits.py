"""Nobody calls as often as they like: neither with a key, a session or a token, nor with none of them."""

from collections import Counter
from collections.abc import Callable
from types import ModuleType
from typing import Any

import httpx2
import pytest

from crm.access.api_keys import SCOPES, StoredKey, text_of
from crm.access.rate_budgets import BUDGETS, RateClass
from crm.access.store.api_keys import ApiKeys, new_id
from crm.platform.clock import now
from crm.platform.firestore.client import client
from tests.functions.test_ready import SETTINGS
from tests.identity import SESSION_SECRET
from tests.support import client_of, load_function

pytestmark = pytest.mark.emulator

MANY = 2_560
INGEST = "/api/v1/ingest/customers"
WRITE = {"X-Requested-With": "crm", "Content-Type": "application/json"}
SOURCE = {"X-Forwarded-For": "203.0.113.7"}
OTHER = {"X-Forwarded-For": "203.0.113.8"}


class Clock:
    """A clock that stands until a test moves it."""

    def __init__(self) -> None:
        self.time = 1_000.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def load(
    project: str, push_headers: dict[str, str], monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> Callable[[str], ModuleType]:
    """Loads a function with the limits that an installation has, and the clock."""
    for name, value in {**SETTINGS, "SESSION_SECRETS": SESSION_SECRET}.items():
        monkeypatch.setenv(f"CRM_{name}", value)
    monkeypatch.delenv("CRM_RATE_LIMITS")

    def loaded(name: str) -> ModuleType:
        module = load_function(name)
        module.limits.clock = clock
        return module

    return loaded


async def storm(
    http: httpx2.AsyncClient, method: str, path: str, headers: dict[str, str], **options: Any
) -> list[httpx2.Response]:
    return [await http.request(method, path, headers=headers, **options) for _ in range(MANY)]


def assert_limited(answers: list[httpx2.Response], rate_class: RateClass, before: int) -> None:
    """The first answers have the status `before`, and all after the budget are 429s."""
    budget = BUDGETS[rate_class]
    statuses = Counter(answer.status_code for answer in answers)
    assert statuses == {before: budget.calls, 429: MANY - budget.calls}
    refused = answers[budget.calls :]
    for answer in refused:
        assert answer.status_code == 429
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["status"] == 429
        assert int(answer.headers["retry-after"]) >= 1
        assert answer.headers["ratelimit"].startswith(f'"{rate_class}";r=0;t=')
    assert {answer.headers["ratelimit-policy"] for answer in answers} == {
        f'"{rate_class}";q={budget.calls};w={budget.window}'
    }


async def recovers(clock: Clock, refused: httpx2.Response, again: Callable[[], Any], unlimited: int) -> None:
    """One call is let in after `Retry-After`."""
    clock.time += int(refused.headers["retry-after"])
    assert (await again()).status_code == unlimited


async def test_calls_with_one_key_end_and_those_with_another_go_on(
    load: Callable[[str], ModuleType], project: str, clock: Clock
) -> None:
    store = ApiKeys(client(project))
    texts = [(await store.create(new_id(), name, "a@example.com", now(), SCOPES))[1] for name in "ab"]
    one, other = ({"Authorization": f"Bearer {text}", **SOURCE} for text in texts)
    async with client_of(load("ingest")) as http:
        answers = await storm(http, "POST", INGEST, one, content=b"{}")
        assert_limited(answers, "ingest", 422)
        assert (await http.post(INGEST, headers=other, content=b"{}")).status_code == 422
        await recovers(clock, answers[-1], lambda: http.post(INGEST, headers=one, content=b"{}"), 422)


async def test_unknown_keys_are_refused_without_a_read(
    load: Callable[[str], ModuleType], project: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, key = await ApiKeys(client(project)).create(new_id(), "a", "a@example.com", now(), SCOPES)
    good = {"Authorization": f"Bearer {key}", **SOURCE}
    reads = 0

    async def find(self: ApiKeys, key_id: str) -> StoredKey | None:
        nonlocal reads
        reads += 1
        return await real(self, key_id)

    real = ApiKeys.find
    monkeypatch.setattr(ApiKeys, "find", find)
    async with client_of(load("ingest")) as http:
        assert (await http.post(INGEST, headers=good, content=b"{}")).status_code == 422
        answers = [
            await http.post(
                INGEST, headers={"Authorization": f"Bearer {text_of(f'{number:016x}', 'x' * 43)}", **SOURCE}
            )
            for number in range(MANY)
        ]
        assert_limited(answers, "refused", 401)
        assert reads == 1 + BUDGETS["refused"].calls
        assert (await http.post(INGEST, headers=good, content=b"{}")).status_code == 422
        assert (await http.post(INGEST, headers=OTHER)).status_code == 401
        await recovers(clock, answers[-1], lambda: http.post(INGEST, headers=SOURCE), 401)


async def test_the_header_chooses_no_bucket(load: Callable[[str], ModuleType]) -> None:
    async with client_of(load("ingest")) as http:
        answers = [
            await http.post(INGEST, headers={"X-Forwarded-For": f"10.{n >> 8}.{n & 255}.1, 203.0.113.7"})
            for n in range(MANY)
        ]
        assert_limited(answers, "refused", 401)
        assert (await http.post(INGEST, headers=OTHER)).status_code == 401
