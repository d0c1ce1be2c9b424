"""Addresses of pages and calls lead to one person only, survive a reload, and name nobody."""

import json
import re
from collections.abc import Iterator
from urllib.parse import unquote
from uuid import uuid4

import httpx2
import pytest
from playwright.sync_api import Page, Request, expect

from tests.e2e.browser import Visit
from tests.e2e.spring import finished, make_campaign, preview, tagged
from tests.e2e.stacks import Stack, key_of, page_of
from tests.waiting import until

pytestmark = pytest.mark.e2e

SEARCH = "Search by name, e-mail or id"
IDS = (
    *("VIP", "VIP/export", "VIP/segments", "export", "..", "%2F", "C-1.2", "ann+x@example.com", "?#;"),
    "😀 X",
)


@pytest.fixture(scope="module")
def mark(stack: Stack, marketer: httpx2.Client) -> str:
    """The tag of people with hostile ids, which is also in their names; and of one made of canaries."""
    mark = f"mark{uuid4().hex[:8]}"
    records: list[dict[str, object]] = [
        {"customer_id": customer_id, "name": f"{mark} {number}", "tags": [mark]}
        for number, customer_id in enumerate(IDS)
    ]
    records.append(canary(mark))
    with stack.systems() as systems:
        assert systems.post("/customers/batch", json={"records": records}).status_code == 202
    until(lambda: preview(marketer, tagged(mark))["matched"] == len(records))
    return mark


def canary(mark: str) -> dict[str, object]:
    """Somebody whose id, name and addresses occur nowhere else."""
    return {
        "customer_id": f"canary-id-{mark}",
        "name": f"Canary-Name {mark}",
        "email": f"canary-mail-{mark}@example.com",
        "phone": "+49 170 9988776",
        "tags": [mark],
        "consent": True,
    }


@pytest.fixture
def addresses(page: Page) -> Iterator[list[str]]:
    """What is asked for and where it comes from, from now on, as logs would show it."""
    found: list[str] = []

    def note(request: Request) -> None:
        found.extend(unquote(text) for text in (request.url, request.headers.get("referer", "")))

    page.on("request", note)
    page.on("framenavigated", lambda frame: found.append(unquote(frame.url)))
    yield found
    page.remove_listener("request", note)


def test_each_customer_is_opened_reloaded_and_left_again(page: Page, visit: Visit, mark: str) -> None:
    for number, customer_id in enumerate(IDS):
        name = f"{mark} {number}"
        page.goto("/customers")
        page.get_by_label(SEARCH).fill(name)
        page.get_by_role("row").get_by_role("link", name=name, exact=True).click()
        for _ in range(2):
            expect(page.get_by_role("heading", level=1)).to_have_text(name)
            expect(page.locator("dt:text-is('Id') + dd")).to_have_text(customer_id)
            expect(page).to_have_url(re.compile("/customers/[0-9a-f]{32}$"))
            page.reload()
        with page.expect_download() as started:
            page.get_by_role("link", name="Export").click()
        assert json.loads(started.value.path().read_text())["customer"]["customer_id"] == customer_id
        page.go_back()
        expect(page.get_by_label(SEARCH)).to_have_value(name)
        expect(page.get_by_role("row").get_by_role("link", name=name, exact=True)).to_be_visible()
        page.reload()
        expect(page.get_by_label(SEARCH)).to_have_value(name)
    assert visit.faults == []


def test_erasing_asks_by_name_and_id_and_takes_no_neighbour(
    owned: Page, visit: Visit, owner: httpx2.Client, mark: str
) -> None:
    path = page_of(owner, "VIP/export")
    visit.expects(f"/api/v1{path}", 404)
    visit.expects(f"/api/v1{path}/segments", 404)
    owned.goto(path)
    owned.get_by_role("button", name="Erase").click()
    dialog = owned.get_by_role("dialog", name=f"Erase {mark} 1?")
    expect(dialog.get_by_role("definition")).to_have_text([f"{mark} 1", "VIP/export", "–"])
    dialog.get_by_role("button", name=f"Erase {mark} 1").click()
    expect(owned.get_by_text(f"{mark} 1 is erased.")).to_be_visible()
    assert [each for each in IDS if key_of(owner, each) is None] == ["VIP/export"]


def test_other_pages_are_there_after_a_reload(page: Page, visit: Visit, marketer: httpx2.Client) -> None:
    made = marketer.post("/segments", json={"name": "Reloaded segment", "rules": tagged("sample")})
    campaign = make_campaign(marketer, "Reloaded campaign", launch=False)
    for path, name in (
        (f"/segments/{made.json()['id']}", "Reloaded segment"),
        (f"/campaigns/{campaign}", "Reloaded campaign"),
    ):
        page.goto(path)
        page.reload()
        expect(page.get_by_text(name).or_(page.locator(f"input[value='{name}']")).first).to_be_visible()
    assert visit.faults == []


@pytest.mark.parametrize("name", ["VIP", "ann%2Bx%40example", "0" * 31, "%E2%80%AE" * 9])
def test_what_is_no_key_is_no_page_of_anybody(page: Page, visit: Visit, name: str) -> None:
    visit.expects_any(404)
    page.goto(f"/customers/{name}")
    expect(page.get_by_role("alert")).to_contain_text("could not be loaded")


def test_no_address_of_a_page_or_a_call_names_a_person(
    page: Page, addresses: list[str], marketer: httpx2.Client, mark: str
) -> None:
    person = canary(mark)
    made = marketer.post("/segments", json={"name": "Everyone of them", "rules": tagged(mark)})
    segment = f"/segments/{made.json()['id']}"
    assert marketer.post(f"{segment}/snapshots").status_code == 201
    campaign = make_campaign(marketer, "To all of them", rules=tagged(mark))
    finished(marketer, campaign)

    for wanted in (person["name"], person["email"], person["customer_id"]):
        page.goto("/customers")
        page.get_by_label(SEARCH).fill(str(wanted))
        page.get_by_role("row").get_by_role("link", name=str(person["name"])).click()
        expect(page.get_by_role("heading", level=1)).to_have_text(str(person["name"]))
        page.get_by_role("button", name="Do not send on E-mail").click()
        page.get_by_role("button", name="Allow E-mail again").click()
        page.get_by_role("dialog").get_by_role("button", name="Allow again").click()
        page.reload()
        with page.expect_download():
            page.get_by_role("link", name="Export").click()
        page.go_back()
    page.goto(segment)
    page.get_by_label("Find a customer by name, e-mail or id").fill(str(person["email"]))
    page.get_by_role("button", name=str(person["name"])).first.click()
    expect(page.get_by_test_id("explanation")).to_be_visible()
    page.goto(f"/campaigns/{campaign}")
    page.get_by_role("link", name=str(person["customer_id"])).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(str(person["name"]))
    page.goto("/campaigns/new")
    page.goto("/settings")

    canaries = [mark, "canary", "9988776"]
    assert any("/customers/search" in address for address in addresses)
    assert any("/audience/explain" in address for address in addresses)
    named = [each for each in addresses if any(text in each.casefold() for text in canaries)]
    assert named == []
