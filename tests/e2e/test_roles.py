"""Nobody is shown a control that is refused: every page, as a viewer, a marketer and an administrator."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import urlsplit

import httpx2
import pytest
from playwright.sync_api import Page, Response, expect

from crm.access.members import Role
from tests.e2e.browser import Visit
from tests.e2e.spring import finished, make_campaign, tagged
from tests.e2e.stacks import Stack
from tests.support import ROOT

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("people")]

PATHS: Final = re.findall(r'page\("([^"]+)"', (ROOT / "web" / "src" / "app" / "router.tsx").read_text())
FOR_MARKETERS: Final = {"/customers", "/imports/new", "/segments/new", "/campaigns/new"}
FOR_ADMINS: Final = {"/settings/members", "/settings/keys", "/settings/webhooks", "/settings/audit"}
CLOSED: Final[dict[Role, set[str]]] = {
    "viewer": FOR_MARKETERS | FOR_ADMINS,
    "marketer": FOR_ADMINS,
    "admin": set(),
}
ACCOUNTS: Final[dict[Role, str]] = {
    "viewer": "viewer@example.com",
    "marketer": "marketer@example.com",
    "admin": "owner@example.com",
}
NOT_ALLOWED: Final = "Your role does not open this page"
LEAVES: Final = re.compile("sign out", re.IGNORECASE)


@pytest.fixture(scope="module")
def addresses(stack: Stack, marketer: httpx2.Client, people: None) -> list[str]:
    """An address of every page but the sign-in and a customer's, with records that have something to show."""
    segment = marketer.post("/segments", json={"name": "Seen by all", "rules": tagged()}).json()["id"]
    assert marketer.post(f"/segments/{segment}/snapshots").status_code == 201
    sent = make_campaign(marketer, "Seen by all", rules=None, segment_id=segment)
    assert finished(marketer, sent)["failed"] > 0
    draft = make_campaign(marketer, "Not sent yet", launch=False)
    by_address = {"field": "email", "operator": "in", "value": ["mira@example.com", "ana@example.com"]}
    named: dict[str, Any] = {"combinator": "and", "rules": [by_address]}
    pasted = marketer.post("/segments", json={"name": "Pasted", "rules": named}).json()["id"]
    to_named = make_campaign(marketer, "To people by address", rules=named, launch=False)
    ids = {":segmentId": [segment, pasted], ":campaignId": [sent, draft, to_named]}
    found = []
    for path in PATHS:
        place = next((name for name in ids if name in path), None)
        if place is None:
            found += [path] if path not in ("/sign-in", "/customers/:customerKey") else []
        else:
            found += [path.replace(place, one) for one in ids[place]]
    return found


@contextmanager
def seen_as(role: Role, visit: Visit, stack: Stack) -> Iterator[tuple[Page, httpx2.Client, list[str]]]:
    """The page of a member of the role, their client, and the calls that were refused for the role."""
    refused: list[str] = []

    def note(answer: Response) -> None:
        if answer.status == 403:
            refused.append(f"{answer.request.method} {answer.url} on {visit.page.url}")

    with stack.member(ACCOUNTS[role]) as client:
        visit.sign_in(client)
        visit.page.on("response", note)
        yield visit.page, client, refused


def opened(page: Page, address: str) -> None:
    """Go there, wait for all that the page asks for, and unfold what is folded."""
    page.goto(address)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_test_id("skeleton")).to_have_count(0)
    page.wait_for_load_state("networkidle")
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")


def links(page: Page) -> set[str]:
    """Where the page's links lead on this site."""
    found = page.eval_on_selector_all("a[href^='/']", "all => all.map((one) => one.getAttribute('href'))")
    return {str(each) for each in found}


def segment_of(addresses: list[str]) -> str:
    return next(each for each in addresses if each.startswith("/segments/") and each not in PATHS)


@pytest.fixture(scope="module")
def customer(marketer: httpx2.Client) -> str:
    """The address of a customer's page, which a viewer opens by a link that they were given."""
    (found,) = marketer.post("/customers/search", json={"limit": 1}).json()["data"]
    return f"/customers/{found['key']}"


@pytest.mark.parametrize("role", ["viewer", "marketer", "admin"])
def test_no_page_calls_or_links_to_what_is_refused(
    role: Role, visit: Visit, stack: Stack, addresses: list[str], customer: str
) -> None:
    with seen_as(role, visit, stack) as (page, client, refused):
        targets = set()
        for address in addresses:
            opened(page, address)
            is_closed = page.get_by_role("heading", name=NOT_ALLOWED).count() > 0
            assert is_closed == (address in CLOSED[role]), address
            targets |= links(page)
        assert any(each.startswith("/customers/") for each in targets) == (role != "viewer")
        opened(page, customer)
        targets |= links(page)
        expect(page.get_by_role("button", name="Erase", exact=True)).to_have_count(int(role == "admin"))
        writes = page.get_by_role("button", name=re.compile("^(Do not send on|Allow) "))
        assert (writes.count() > 0) == (role != "viewer")

        paths = {urlsplit(each).path for each in targets}
        assert paths.isdisjoint(CLOSED[role])
        downloads = [each for each in targets if each.startswith("/api/")]
        assert bool([each for each in downloads if "csv" in each or "export" in each]) == (role != "viewer")
        for each in downloads:
            assert client.get(f"{stack.url}{each}").status_code == 200, each
        assert refused == []


def test_whatever_a_viewer_presses_is_allowed(
    visit: Visit, stack: Stack, addresses: list[str], customer: str
) -> None:
    with seen_as("viewer", visit, stack) as (page, _, refused):
        pressed = 0
        for address in sorted({*addresses, customer} - CLOSED["viewer"]):
            opened(page, address)
            main = page.get_by_role("main")
            assert main.locator("form").count() == 0, address
            assert main.locator("input:not([type=radio]), textarea").count() == 0, address
            buttons = main.locator("button:enabled:visible")
            for place in range(buttons.count()):
                button = buttons.nth(place)
                if button.count() == 0 or LEAVES.search(button.inner_text()):
                    continue
                button.click()
                pressed += 1
                page.wait_for_load_state("networkidle")
                page.keyboard.press("Escape")
        assert pressed > 0
        assert refused == []


def test_a_viewer_reads_how_many_are_named_and_not_who(
    visit: Visit, stack: Stack, addresses: list[str]
) -> None:
    (_, pasted) = [each for each in addresses if each.startswith("/segments/") and each not in PATHS]
    with seen_as("viewer", visit, stack) as (page, _, refused):
        opened(page, pasted)
        expect(page.get_by_test_id("rules")).to_have_text("E-mail is one of 2 values (…)")
        expect(page.get_by_test_id("audience-count")).to_have_text(re.compile(r"\d+ of"))
        expect(page.get_by_text("mira@example.com")).to_have_count(0)
        assert refused == []


def test_a_viewer_reads_rules_as_a_sentence(visit: Visit, stack: Stack, addresses: list[str]) -> None:
    with seen_as("viewer", visit, stack) as (page, _, refused):
        opened(page, segment_of(addresses))
        expect(page.get_by_test_id("rules")).to_have_text(re.compile("spring"))
        expect(page.get_by_test_id("changes")).to_contain_text("Joined")
        expect(page.get_by_role("button", name=re.compile("^Joined"))).to_have_count(0)
        expect(page.get_by_text("Your role shows how many there are, not who.")).to_be_visible()
        expect(page.get_by_role("button", name=re.compile("^Why is"))).to_have_count(0)
        visit.check_all_looks("segment-viewer")
        assert refused == []
