"""Nobody calls as often as they like: neither with a key, a session or a token, nor with none of them."""

import logging
from collections import Counter
from collections.abc import Callable
from types import ModuleType
from typing import Any

import httpx2
import pytest
from standardwebhooks.webhooks import Webhook

from crm.access.api_keys import SCOPES, StoredKey, text_of
from crm.access.rate_budgets import BUDGETS, RateClass
from crm.access.refused_callers import CALLER_REFUSED
from crm.access.store.api_keys import ApiKeys, new_id
from crm.platform.clock import now
from crm.platform.firestore.client import client
from tests.functions.test_ready import SETTINGS
from tests.identity import SESSION_SECRET, session_headers
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
        module.rates.clock = clock
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


async def limited_as(rate_class: RateClass, call: Callable[[int], Any]) -> httpx2.Response:
    """Call until the budget is used up: not one call is limited before, and the next is. The last answer."""
    budget = BUDGETS[rate_class]
    for number in range(budget.calls):
        assert (await call(number)).status_code != 429, number
    answer: httpx2.Response = await call(budget.calls)
    assert answer.status_code == 429, answer.text
    assert answer.headers["ratelimit"].startswith(f'"{rate_class}";r=0;')
    assert int(answer.headers["retry-after"]) >= 1
    return answer


@pytest.mark.parametrize(
    ("rate_class", "method", "path"),
    [
        ("default", "GET", "/api/v1/session"),
        ("previews", "POST", "/api/v1/audience/preview"),
        ("exports", "GET", "/api/v1/campaigns/c/log.csv"),
        ("imports", "POST", "/api/v1/imports/columns"),
        ("test_sends", "POST", "/api/v1/campaigns/c/test"),
    ],
)
async def test_a_persons_calls_end_and_those_of_others_go_on(
    load: Callable[[str], ModuleType],
    project: str,
    clock: Clock,
    rate_class: RateClass,
    method: str,
    path: str,
) -> None:
    one = {**await session_headers(project, "marketer"), **WRITE, **SOURCE}
    other = {**await session_headers(project, "admin"), **WRITE, **SOURCE}
    async with client_of(load("campaigns")) as http:

        async def call(_: int) -> httpx2.Response:
            return await http.request(method, path, headers=one, content=b"{")

        refused = await limited_as(rate_class, call)
        again = {**await session_headers(project, "marketer"), **WRITE, **OTHER}
        assert (await http.request(method, path, headers=again, content=b"{")).status_code == 429
        assert (await http.request(method, path, headers=other, content=b"{")).status_code != 429
        clock.time += int(refused.headers["retry-after"])
        assert (await call(0)).status_code != 429


async def test_summaries_end(load: Callable[[str], ModuleType], project: str) -> None:
    headers = {**await session_headers(project, "marketer"), **WRITE, **SOURCE}
    async with client_of(load("summarize")) as http:
        await limited_as("ai", lambda _: http.post("/api/v1/ai/summaries", headers=headers, content=b"{"))


@pytest.mark.parametrize(
    ("function", "method", "path"),
    [
        ("campaigns", "GET", "/api/v1/segments"),
        ("campaigns", "POST", "/api/v1/imports"),
        ("summarize", "POST", "/api/v1/ai/summaries"),
        ("consumer", "POST", "/events/records"),
        ("deliver", "POST", "/events/tick"),
        ("receipts", "POST", "/events/receipts"),
        ("vendor", "POST", "/v1/messages"),
    ],
)
async def test_forged_credentials_end(
    load: Callable[[str], ModuleType], function: str, method: str, path: str
) -> None:
    async with client_of(load(function)) as http:

        async def call(number: int) -> httpx2.Response:
            forged = {"Cookie": f"__session=WyJ4Il0.{number}.x", "Authorization": f"Bearer e30.{number}.x"}
            return await http.request(method, path, headers={**forged, **WRITE, **SOURCE})

        await limited_as("refused", call)
        assert (await http.request(method, path, headers={**WRITE, **OTHER})).status_code == 401


async def test_bad_signatures_end_before_their_bodies_are_read(
    load: Callable[[str], ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Each waits for a list of secrets read after it came; these come one after another.
    monkeypatch.setattr("crm.access.live_signatures.RECHECK_SECONDS", 0.0)
    async with client_of(load("receipts")) as http:

        async def call(_: int) -> httpx2.Response:
            signed = {
                "webhook-id": "m",
                "webhook-timestamp": str(int(now().timestamp())),
                "webhook-signature": "v1,AAAA",
            }
            return await http.post("/api/v1/receipts", headers={**signed, **SOURCE}, content=b"{}")

        refused = await limited_as("refused", call)
        assert refused.headers["connection"] == "close"


async def test_a_genuine_webhook_is_taken_from_where_forged_ones_come(
    load: Callable[[str], ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such as those of a provider's other customers, who have it call our address."""
    monkeypatch.setattr("crm.access.live_signatures.RECHECK_SECONDS", 0.0)
    body = b"[]"
    async with client_of(load("receipts")) as http:

        async def call(headers: dict[str, str]) -> int:
            return (await http.post("/api/v1/receipts", headers=headers, content=body)).status_code

        def genuine() -> dict[str, str]:
            signature = Webhook(SETTINGS["WEBHOOK_SECRETS"]).sign("m", now(), body.decode())
            stamp = str(int(now().timestamp()))
            return {"webhook-id": "m", "webhook-timestamp": stamp, "webhook-signature": signature, **SOURCE}

        known = await call(genuine())
        assert known not in (401, 429)
        for _ in range(BUDGETS["refused"].calls):
            assert await call({**genuine(), "webhook-signature": "v1,AAAA"}) == 401
        assert await call({**genuine(), "webhook-signature": "v1,AAAA"}) == 429
        assert await call(genuine()) == known


async def test_bodies_that_do_not_end_count_as_refused(load: Callable[[str], ModuleType]) -> None:
    async with client_of(load("receipts")) as http:

        async def call(_: int) -> httpx2.Response:
            signed = {
                "webhook-id": "m",
                "webhook-timestamp": str(int(now().timestamp())),
                "webhook-signature": "v1,AAAA",
                "content-length": str(10**9),
            }
            return await http.post("/api/v1/receipts", headers={**signed, **SOURCE}, content=b"{}")

        await limited_as("refused", call)


@pytest.fixture
async def genuine_headers(project: str, push_headers: dict[str, str]) -> dict[str, dict[str, str]]:
    """By function, a credential that it has never seen."""
    return {
        "campaigns": await session_headers(project, "viewer"),
        "consumer": push_headers,
        "vendor": {"Authorization": f"Bearer {SETTINGS['VENDOR_KEY']}"},
    }


@pytest.mark.parametrize(
    ("function", "method", "path"),
    [
        ("campaigns", "GET", "/api/v1/segments"),
        ("consumer", "POST", "/events/records"),
        ("vendor", "POST", "/v1/messages"),
    ],
)
async def test_a_genuine_credential_counts_wherever_refused_ones_come_from(
    load: Callable[[str], ModuleType],
    genuine_headers: dict[str, dict[str, str]],
    function: str,
    method: str,
    path: str,
) -> None:
    """Behind Firebase Hosting, people share their address with whoever floods it."""
    async with client_of(load(function)) as http:
        await limited_as("refused", lambda _: http.request(method, path, headers={**WRITE, **SOURCE}))
        genuine = {**genuine_headers[function], **WRITE, **SOURCE}
        assert (await http.request(method, path, headers=genuine)).status_code in (200, 422)


async def test_nobody_keeps_others_from_signing_out(load: Callable[[str], ModuleType], project: str) -> None:
    cookie = {**await session_headers(project, "viewer"), **WRITE, **SOURCE}
    async with client_of(load("campaigns")) as http:
        await limited_as("sign_in", lambda _: http.post("/api/v1/session/nonce", headers={**WRITE, **SOURCE}))
        await limited_as("refused", lambda _: http.get("/api/v1/session", headers=SOURCE))
        assert (await http.get("/api/v1/session", headers=cookie)).status_code == 200
        assert (await http.delete("/api/v1/session", headers=cookie)).status_code == 204
        assert (await http.get("/api/v1/session", headers=cookie)).status_code in (401, 429)


async def test_genuine_pushes_are_not_limited(
    load: Callable[[str], ModuleType], push_headers: dict[str, str]
) -> None:
    async with client_of(load("consumer")) as http:
        answers = await storm(http, "POST", "/events/records", {**push_headers, **SOURCE}, content=b"{}")
    assert {answer.status_code for answer in answers} == {422}


async def test_sign_ins_end_and_refused_ones_count(load: Callable[[str], ModuleType]) -> None:
    async with client_of(load("campaigns")) as http:
        path = "/api/v1/session"

        async def call(number: int) -> httpx2.Response:
            return await http.post(path, headers={**WRITE, **SOURCE}, json={"credential": f"e30.{number}.x"})

        await limited_as("sign_in", call)
        refused = await http.get(path, headers=SOURCE)
        left = BUDGETS["refused"].calls - BUDGETS["sign_in"].calls - 1
        assert refused.headers["ratelimit"].startswith(f'"refused";r={left};')
        assert (await http.get("/health", headers=SOURCE)).status_code == 200


async def test_a_viewer_who_asks_for_more_than_the_role_allows_is_stopped(
    load: Callable[[str], ModuleType], project: str
) -> None:
    viewer = {**await session_headers(project, "viewer"), **SOURCE}
    marketer = {**await session_headers(project, "marketer"), **SOURCE}
    async with client_of(load("campaigns")) as http:
        assert (await http.get("/api/v1/session", headers=marketer)).status_code == 200
        await limited_as("refused", lambda _: http.get("/api/v1/members", headers=viewer))
        assert (await http.get("/api/v1/session", headers=marketer)).status_code == 200


async def test_a_source_whose_refusals_use_up_their_budget_leaves_one_line_a_minute(
    load: Callable[[str], ModuleType], caplog: pytest.LogCaptureFixture
) -> None:
    async with client_of(load("ingest")) as http:
        logging.getLogger().addHandler(caplog.handler)  # a function configures logging itself
        await storm(http, "POST", INGEST, {**SOURCE, "Authorization": "Bearer nonsense"}, json={})
    lines = [vars(record)["ids"] for record in caplog.records if record.getMessage() == CALLER_REFUSED]
    assert lines == [{"reason": "too_many_refused", "network": "203.0.113.0/24", "times": 1}]
