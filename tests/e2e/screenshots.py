"""The screenshots of README and docs, made on a stack of its own: `python -m tests.e2e.screenshots`."""

import re
import sys
import tempfile
from pathlib import Path
from typing import Any

import httpx2
from playwright.sync_api import Page, ViewportSize, expect

from tests.e2e.browser import Visit, chromium
from tests.e2e.spring import counted, finished
from tests.e2e.stacks import Stack, started
from tests.support import ROOT

FOLDER = ROOT / "docs" / "screenshots"
MOST_BYTES = 150_000
SIZE: ViewportSize = {"width": 1280, "height": 860}
TALL: ViewportSize = {"width": 1280, "height": 1040}
NAME = "Good customers who have gone quiet"
RULES: dict[str, Any] = {
    "combinator": "and",
    "rules": [
        {"field": "total_spend", "operator": ">", "value": 300},
        {
            "combinator": "or",
            "rules": [
                {
                    "field": "last_order_at",
                    "operator": "<",
                    "value": {"mode": "relative", "anchor": "now", "offset": -60, "unit": "day"},
                },
                {"field": "attributes.loyalty", "operator": "in", "value": ["gold", "silver"]},
            ],
        },
        {
            "combinator": "and",
            "not": True,
            "rules": [{"field": "tags", "operator": "contains", "value": "wholesale"}],
        },
    ],
}
MESSAGE = (
    "Hi {{ customer.first_name | default: 'there' }},\n\n"
    "it has been a while. Here is 10% off your next order, for you in "
    "{{ customer.city | default: 'your town' }} until Sunday.\n\nYour shop"
)


def main() -> None:
    """Write them all, or into the folder that is named."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="crm-screenshots-") as state,
        started(Path(state), CRM_SAMPLE_CUSTOMERS="2400") as stack,
        stack.member("marketer@example.com") as marketer,
    ):
        _shoot(stack, marketer, folder)


def _shoot(stack: Stack, marketer: httpx2.Client, folder: Path) -> None:
    segment, campaign = _make(marketer)
    with chromium() as browser:
        visit = Visit(browser, stack.url)
        visit.sign_in(marketer)
        page = visit.page
        page.set_viewport_size(SIZE)
        page.goto("/")
        expect(page.locator("figure canvas")).to_have_count(2)
        _save(page, folder / "home.png")
        page.goto(f"/segments/{segment}")
        expect(counted(page)).to_have_text(re.compile("of"))
        page.get_by_text(re.compile(r"^Show \d+ of")).click()
        _save(page, folder / "segment.png")
        page.goto(f"/campaigns/new?segment={segment}")
        page.get_by_label("Name", exact=True).fill("Autumn, to those who went quiet")
        page.get_by_role("button", name="Continue to the message").click()
        page.get_by_label("Text", exact=True).fill(MESSAGE)
        page.get_by_role("button", name="Continue to the check").click()
        expect(page.get_by_test_id("send-button")).to_be_enabled()
        page.go_back()
        expect(page.get_by_test_id("message-preview")).to_have_attribute("aria-busy", "false")
        page.emulate_media(color_scheme="dark")
        _save(page, folder / "message.png")
        page.emulate_media(color_scheme="light")
        page.get_by_role("button", name="Continue to the check").click()
        expect(page.get_by_test_id("send-button")).to_be_enabled()
        expect(page.get_by_role("region", name="Fields in the message")).not_to_contain_text("Counting")
        page.set_viewport_size(TALL)
        _save(page, folder / "check.png")
        page.set_viewport_size(SIZE)
        page.goto(f"/campaigns/{campaign}")
        expect(page.get_by_test_id("summary-text")).to_be_visible()
        _save(page, folder / "campaign.png")
        assert visit.faults == [], visit.faults


def _make(marketer: httpx2.Client) -> tuple[str, str]:
    """A segment that has been changed once, and a finished campaign to it; their ids."""
    first = marketer.post("/segments", json={"name": NAME, "rules": {**RULES, "rules": RULES["rules"][:2]}})
    assert first.status_code == 201, first.text
    made = first.json()
    changed = {"name": NAME, "rules": RULES, "version": made["version"]}
    assert marketer.put(f"/segments/{made['id']}", json=changed).status_code == 200
    body = {"name": "Autumn sale", "segment_id": made["id"], "message": {"body": MESSAGE}}
    campaign = marketer.post("/campaigns", json={**body, "channel": "simulator"}).json()["id"]
    assert marketer.post(f"/campaigns/{campaign}/launch").status_code == 202
    finished(marketer, campaign)
    return made["id"], campaign


def _save(page: Page, file: Path) -> None:
    expect(page.get_by_test_id("skeleton")).to_have_count(0)
    page.screenshot(path=file)
    size = file.stat().st_size
    assert size < MOST_BYTES, f"{file.name} has {size} bytes"


if __name__ == "__main__":
    main()
