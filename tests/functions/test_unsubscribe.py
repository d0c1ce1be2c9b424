"""A recipient follows the link of a message: looking changes nothing, saying so ends it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

import httpx2
import pytest

from crm.audience.rules.parse import parse
from crm.audience.store.reader import AudienceReader
from crm.audience.usecases.preview import preview
from crm.customers.customer_key import customer_key
from crm.customers.records import CustomerRecord
from crm.customers.store.customers import Customers
from crm.customers.store.records import FirestoreRecords
from crm.customers.unsubscribe_links import UnsubscribeLinks
from crm.customers.usecases.persist import PersistRecords
from crm.platform.firestore.client import client
from crm.privacy.store.customer_data import FirestoreCustomerData
from crm.privacy.usecases.erase import EraseCustomer
from tests.builders import message_to
from tests.privacy.memory_ledger import MemoryLedger
from tests.support import PUBLIC_URL, UNSUBSCRIBE_KEY, client_of, load_function, no_pause

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ONE_CLICK = {"List-Unsubscribe": "One-Click"}
EVERYONE = parse({"combinator": "and", "rules": [], "all": True})


@pytest.fixture
async def function(project: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[httpx2.AsyncClient]:
    """The function in process."""
    monkeypatch.setenv("CRM_WEBHOOK_SECRETS", "whsec_" + "b29v" * 8)
    monkeypatch.setenv("CRM_WEBHOOK_KEY", UNSUBSCRIBE_KEY)
    async with client_of(load_function("receipts")) as http:
        yield http


def link(customer_id: str = "C-1") -> str:
    links = UnsubscribeLinks(PUBLIC_URL, [UNSUBSCRIBE_KEY])
    return links.to(customer_key(customer_id), "email", message_to("c1", customer_id)).removeprefix(
        PUBLIC_URL
    )


async def posted(project: str, **fields: Any) -> None:
    record = {"customer_id": "C-1", "email": "mira@example.com", "updated_at": NOON, **fields}
    await PersistRecords(records=FirestoreRecords(client(project)), pause=no_pause)(
        [CustomerRecord.model_validate(record)]
    )


async def suppressions(project: str) -> tuple[dict[str, str], int]:
    customer = (await Customers(client(project)).get(["C-1"]))["C-1"]
    return {str(channel): cause for channel, cause in customer.suppressions.items()}, customer.version


class Forms(HTMLParser):
    """Which forms and buttons a page has."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("form", "button", "script"):
            self.found.append((tag, dict(attrs)))


@pytest.mark.emulator
async def test_looking_changes_nothing_and_the_button_does(
    function: httpx2.AsyncClient, project: str
) -> None:
    await posted(project)
    page = await function.get(link())
    assert (page.status_code, await suppressions(project)) == (200, ({}, 1))
    assert "You will get no more e-mails from us." in page.text
    form, button = Forms(page.text).found
    assert form == ("form", {"method": "post"})
    name, value = button[1]["name"], button[1]["value"]
    assert {name: value} == ONE_CLICK
    done = await function.post(link(), data={str(name): str(value)})
    assert (done.status_code, await suppressions(project)) == (200, ({"email": "unsubscribed"}, 2))
    assert "You are unsubscribed" in done.text
    again = await function.post(link(), data=ONE_CLICK)
    assert (again.status_code, await suppressions(project)) == (200, ({"email": "unsubscribed"}, 2))


@pytest.mark.emulator
async def test_an_unsubscribed_customer_is_out_of_the_audience_immediately(
    function: httpx2.AsyncClient, project: str
) -> None:
    await posted(project)
    reader = AudienceReader(client(project))
    before = preview(await reader.snapshot(), EVERYONE, NOON, UTC, "email")
    assert (before.matched, before.reachable) == (1, 1)
    await function.post(link(), data=ONE_CLICK)
    after = preview(await reader.snapshot(), EVERYONE, NOON, UTC, "email")
    assert (after.matched, after.reachable, after.excluded["suppressed"]) == (1, 0, 1)


@pytest.mark.emulator
async def test_many_concurrent_posts_and_records_between_them_lose_nothing(
    function: httpx2.AsyncClient, project: str
) -> None:
    await posted(project)
    news = [posted(project, name=f"Mira {n}", updated_at=NOON.replace(minute=n + 1)) for n in range(4)]
    answers = asyncio.gather(*(function.post(link(), data=ONE_CLICK) for _ in range(6)))
    await asyncio.gather(answers, *news)
    assert {answer.status_code for answer in answers.result()} == {200}
    assert (await suppressions(project))[0] == {"email": "unsubscribed"}
    assert (await Customers(client(project)).get(["C-1"]))["C-1"].name == "Mira 3"


@pytest.mark.emulator
async def test_an_erased_customer_stays_erased(function: httpx2.AsyncClient, project: str) -> None:
    await posted(project)
    erase = EraseCustomer(store=FirestoreCustomerData(client(project)), ledger=MemoryLedger())
    await erase(customer_key("C-1"), NOON)
    before = await suppressions(project)
    assert (await function.post(link(), data=ONE_CLICK)).status_code == 200
    assert await suppressions(project) == before


@pytest.mark.emulator
async def test_a_link_of_an_unknown_customer_says_so(function: httpx2.AsyncClient) -> None:
    for answer in (
        await function.post(link("C-2"), data=ONE_CLICK),
        await function.get("/api/v1/unsubscribe/x<b>y"),
        await function.post("/api/v1/unsubscribe/x<b>y"),
    ):
        assert (answer.status_code, "This link does not work" in answer.text) == (404, True)
        assert "<b>" not in answer.text


@pytest.mark.emulator
async def test_the_link_of_a_preview_shows_the_page_and_unsubscribes_nobody(
    function: httpx2.AsyncClient,
) -> None:
    page = await function.get("/api/v1/unsubscribe/example")
    assert page.status_code == 200
    assert "disabled" in dict(Forms(page.text).found)["button"]
    assert (await function.post("/api/v1/unsubscribe/example")).status_code == 404


def assert_page(answer: httpx2.Response, status: int, words: str) -> None:
    assert (answer.status_code, words in answer.text) == (status, True), answer.text
    assert answer.headers["content-type"].startswith("text/html")
    assert "style-src 'sha256-" in answer.headers["content-security-policy"]


@pytest.mark.emulator
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_who_follows_links_too_often_is_told_in_words(
    project: str, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    monkeypatch.setenv("CRM_WEBHOOK_SECRETS", "whsec_" + "b29v" * 8)
    monkeypatch.setenv("CRM_WEBHOOK_KEY", UNSUBSCRIBE_KEY)
    monkeypatch.setenv("CRM_RATE_LIMITS", "unsubscribe=1/60")
    async with client_of(load_function("receipts")) as http:
        await http.request(method, link())
        answer = await http.request(method, link())
    assert_page(answer, 429, "Please try again in a moment")
    assert "You are not unsubscribed yet." in answer.text
    assert 1 <= int(answer.headers["retry-after"]) <= 60
    assert "ratelimit" in answer.headers


@pytest.mark.emulator
async def test_invented_links_do_not_keep_anybody_from_unsubscribing(
    project: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Behind Firebase Hosting, recipients share their address with whoever invents links."""
    monkeypatch.setenv("CRM_WEBHOOK_SECRETS", "whsec_" + "b29v" * 8)
    monkeypatch.setenv("CRM_WEBHOOK_KEY", UNSUBSCRIBE_KEY)
    monkeypatch.setenv("CRM_RATE_LIMITS", "unsubscribe=1/60")
    async with client_of(load_function("receipts")) as http:
        statuses = [(await http.get(f"/api/v1/unsubscribe/{name}")).status_code for name in ("a", "b")]
        assert statuses == [404, 429]
        assert (await http.get(link())).status_code == 200


@pytest.mark.emulator
async def test_every_error_below_the_link_is_a_page_in_words(
    function: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong_method = await function.put(link())
    assert_page(wrong_method, 405, "Open the link in the message once more")
    assert wrong_method.headers["allow"] == "GET"
    for path in ("", "/", "/a/b", "/%00", "/<b>"):
        answer = await function.get(f"/api/v1/unsubscribe{path}")
        assert_page(answer, 404, "This link")
        assert "<b>" not in answer.text

    async def broken(*_: Any) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("crm.customers.usecases.change_suppression.ChangeSuppression.__call__", broken)
    answer = await function.post(link(), data=ONE_CLICK)
    assert_page(answer, 500, "Please try again in a moment")
    assert "secret" not in answer.text


@pytest.mark.emulator
async def test_errors_of_other_paths_stay_json(function: httpx2.AsyncClient) -> None:
    for path in ("/nothing", "/api/v1/unsubscribed", "/api/v1/receipts"):
        answer = await function.get(path)
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.emulator
async def test_the_page_is_kept_nowhere_and_runs_nothing(function: httpx2.AsyncClient) -> None:
    page = await function.get(link())
    assert page.headers["cache-control"] == "private, no-store"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["x-robots-tag"] == "noindex"
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "script" not in dict(Forms(page.text).found)


@pytest.mark.emulator
@pytest.mark.usefixtures("brief_retries")
async def test_without_the_database_it_asks_to_try_again(
    function: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", "127.0.0.1:9")
    answer = await function.post(link(), data=ONE_CLICK)
    assert (answer.status_code, "retry-after" in answer.headers) == (503, True)
    assert "You are not unsubscribed yet." in answer.text
