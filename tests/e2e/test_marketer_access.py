"""The whole journey by keyboard alone, and every page of it in both themes and at both widths."""

import re

import httpx2
import pytest
from google.cloud import firestore
from playwright.sync_api import Locator, Page, expect

from tests.e2e.browser import Visit
from tests.e2e.long_lists import copy_campaigns
from tests.e2e.spring import PEOPLE, REACHABLE, TAG, counted, finished, make_campaign, tagged, to_check
from tests.e2e.stacks import Stack

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("people")]


class Keyboard:
    """A person without a mouse: Tab until what is wanted has the focus, then keys."""

    def __init__(self, page: Page) -> None:
        self._page = page

    def reach(self, wanted: Locator, most: int = 80) -> None:
        """Tab on to the control; fails where it is not reached, or its focus is not to be seen."""
        expect(wanted).to_be_enabled()
        for _ in range(most):
            if wanted.evaluate("node => node === document.activeElement"):
                outline = wanted.evaluate(
                    "n => getComputedStyle(n).outlineStyle + getComputedStyle(n).boxShadow"
                )
                assert outline != "nonenone", "the focus is not to be seen"
                return
            self._page.keyboard.press("Tab")
        raise AssertionError(f"{wanted} is not reached by Tab")

    def press(self, wanted: Locator, key: str = "Enter") -> None:
        self.reach(wanted)
        self._page.keyboard.press(key)

    def type(self, wanted: Locator, text: str) -> None:
        self.reach(wanted)
        self._page.keyboard.press("Control+A")
        self._page.keyboard.insert_text(text)

    def choose(self, wanted: Locator, label: str) -> None:
        """A choice of a select, by typing its first letters, unless it is chosen already."""
        self.reach(wanted)
        if wanted.locator("option:checked").inner_text() != label:
            self._page.keyboard.type(label)
        expect(wanted.locator("option:checked")).to_have_text(label)


def test_15_a_campaign_is_sent_by_keyboard_alone(page: Page, visit: Visit, marketer: httpx2.Client) -> None:
    keys = Keyboard(page)
    page.goto("/campaigns")
    keys.press(page.get_by_role("link", name="New campaign"))
    keys.type(page.get_by_role("textbox", name="Name", exact=True), "Sent without a mouse")
    keys.press(page.get_by_role("button", name="Add rule"))
    rule = page.get_by_role("group", name="Rule 1", exact=True)
    keys.choose(rule.get_by_role("combobox", name="Field", exact=True), "Tags")
    keys.choose(rule.get_by_role("combobox", name="Comparison", exact=True), "has")
    keys.type(rule.get_by_role("combobox", name="Value", exact=True), TAG)
    expect(page.get_by_role("status").filter(has_text=f"{PEOPLE} of")).to_be_visible()
    keys.press(page.get_by_role("button", name="Continue to the message"))
    expect(page.get_by_role("heading", name="Step 2 of 3: Message")).to_be_focused()

    keys.type(page.get_by_role("textbox", name="Text", exact=True), "Hi ")
    keys.choose(page.get_by_role("combobox", name="A field of the customer"), "City")
    keys.press(page.get_by_role("button", name="Insert", exact=True))
    expect(page.get_by_role("textbox", name="Text", exact=True)).to_have_value("Hi {{ customer.city }}")
    keys.type(
        page.get_by_role("textbox", name="Text", exact=True), "Hi {{ customer.first_name | default: 'you' }}"
    )
    expect(page.get_by_role("group", name="The message as it will be sent")).to_contain_text("Hi ")
    keys.press(page.get_by_role("button", name="Next person"))
    keys.press(page.get_by_role("button", name="Continue to the check"))
    expect(page.get_by_role("heading", name="Step 3 of 3: Check and send")).to_be_focused()
    keys.press(page.get_by_role("button", name=f"Send to {REACHABLE} customers"))

    expect(page).to_have_url(re.compile(r"/campaigns/[0-9a-f]+$"))
    finished(marketer, page.url.rsplit("/", 1)[1])
    keys.press(page.get_by_role("button", name="Retry failed only"))
    expect(page.get_by_role("dialog", name=re.compile("^Send .* again"))).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Retry failed only")).to_be_focused()
    expect(page.get_by_role("progressbar", name="Messages settled")).to_have_count(1)
    assert visit.faults == []


def test_15_the_journey_s_pages_are_accessible_narrow_and_wide_light_and_dark(
    page: Page, visit: Visit, marketer: httpx2.Client
) -> None:
    made = marketer.post("/segments", json={"name": "In every look", "rules": tagged()}).json()
    assert marketer.post(f"/segments/{made['id']}/snapshots").status_code == 201
    campaign = make_campaign(marketer, "In every look", rules=None, segment_id=made["id"])
    finished(marketer, campaign)
    page.goto(f"/segments/{made['id']}")
    expect(page.get_by_test_id("changes")).to_be_visible()
    expect(counted(page)).to_have_text(re.compile(rf"^{PEOPLE} of"))
    page.get_by_text(f"Show 10 of {PEOPLE} people").click()
    page.get_by_role("button", name=re.compile("^Why is")).first.click()
    expect(page.get_by_test_id("explanation")).to_be_visible()
    visit.check_all_looks("segment")
    page.goto("/segments")
    expect(page.get_by_role("link", name="In every look", exact=True).first).to_be_visible()
    visit.check_all_looks("segments")
    to_check(page, "In every look, again")
    visit.check_all_looks("check")
    page.go_back()
    expect(page.get_by_label("Text", exact=True)).to_be_visible()
    visit.check_all_looks("message")
    page.go_back()
    page.get_by_role("button", name="Add rule").first.click()
    expect(page.get_by_role("group", name="Rule 2", exact=True)).to_contain_text("Enter a number.")
    visit.check_all_looks("audience")
    page.goto("/campaigns")
    expect(page.get_by_role("link", name="In every look", exact=True).first).to_be_visible()
    visit.check_all_looks("history")
    page.goto("/no/such/page")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    visit.check_all_looks("nowhere")
    page.goto(f"/campaigns/{campaign}")
    expect(page.get_by_test_id("summary-text")).to_be_visible()
    expect(page.get_by_role("region", name="Communication log").get_by_role("row").nth(1)).to_be_visible()
    expect(page.locator("figure canvas")).to_have_count(1)
    visit.check_all_looks("campaign")
    page.emulate_media(media="print")
    expect(page.get_by_role("button", name="Print")).to_be_hidden()
    expect(page.get_by_test_id("stat-delivered")).to_be_visible()


def test_a_thousand_campaigns_are_read_page_by_page(
    page: Page, stack: Stack, marketer: httpx2.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", stack.about["emulators"]["firestore"])
    client = firestore.Client(project=stack.about["project"])
    copy_campaigns(client, make_campaign(marketer, "One of many", launch=False), 1_000)
    page.goto("/campaigns")
    rows = page.get_by_role("region", name="Campaigns").get_by_role("row")
    expect(rows).to_have_count(26)
    first = rows.nth(1).text_content() or ""
    page.get_by_role("button", name="Next").click()
    expect(rows.nth(1)).not_to_have_text(first)
    for _ in range(4):
        page.get_by_role("button", name="Next").click()
    expect(rows).to_have_count(26)
    expect(page.get_by_role("link", name=re.compile(r"^Copy \d+$")).first).to_be_visible()
    for _ in range(5):
        page.get_by_role("button", name="Previous").click()
    expect(rows.nth(1)).to_have_text(first)
