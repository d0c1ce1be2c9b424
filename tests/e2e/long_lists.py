"""Whether long lists stay smooth: `python -m tests.e2e.long_lists` measures a browser on a stack of its own.

A history of 1,000 campaigns and a log of 100,000 rows, written straight to the database. For each it prints
how many elements the page holds, how long the next page takes (median of ten), and the longest gap between
two frames while one scrolls from top to bottom and back.
"""

import os
import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
from google.cloud import firestore
from playwright.sync_api import Locator, Page, expect

from tests.e2e.browser import Visit, chromium
from tests.e2e.spring import finished, make_campaign, post_people
from tests.e2e.stacks import Stack, started

CAMPAIGNS = 1_000
ROWS = 100_000
TURNS = 10
COMMIT = 500

_SCROLL = """
async () => {
  let last = performance.now(), longest = 0;
  const bottom = document.documentElement.scrollHeight - innerHeight;
  for (let step = 0; step <= 120; step += 1) {
    scrollTo(0, bottom * (1 - Math.abs(step - 60) / 60));
    await new Promise(requestAnimationFrame);
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  }
  return longest;
}
"""


def main() -> None:
    """Print what was measured as a table."""
    with (
        tempfile.TemporaryDirectory(prefix="crm-long-lists-") as state,
        started(Path(state), CRM_SAMPLE_CUSTOMERS="200", CRM_FIRESTORE_MEMORY="3g") as stack,
        stack.member("marketer@example.com") as marketer,
    ):
        campaign = fill(stack, marketer, CAMPAIGNS, ROWS)
        with chromium() as browser:
            visit = Visit(browser, stack.url)
            visit.sign_in(marketer)
            print("| list | elements on the page | next page | longest gap of frames in scrolling |")
            print("|---|---|---|---|")
            _measure(visit.page, "/campaigns", "Campaigns", f"{CAMPAIGNS:,} campaigns")
            _measure(visit.page, f"/campaigns/{campaign}", "Communication log", f"{ROWS:,} rows of a log")


def fill(stack: Stack, marketer: httpx2.Client, campaigns: int, rows: int) -> str:
    """Write older campaigns, and more rows of a finished one; its id."""
    os.environ["FIRESTORE_EMULATOR_HOST"] = stack.about["emulators"]["firestore"]
    client = firestore.Client(project=stack.about["project"])
    post_people(stack, marketer)
    campaign = make_campaign(marketer, "One of many")
    finished(marketer, campaign)
    copy_campaigns(client, campaign, campaigns)
    _copy_rows(client, campaign, rows)
    return campaign


def copy_campaigns(client: firestore.Client, campaign: str, count: int) -> None:
    """So many older campaigns like that one, named "Copy 0" and so on."""
    campaigns = client.collection("campaigns")
    fields = campaigns.document(campaign).get().to_dict() or {}
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    for start in range(0, count, COMMIT):
        batch = client.batch()
        for number in range(start, start + COMMIT):
            copy = {**fields, "name": f"Copy {number}", "created_at": long_ago + timedelta(seconds=number)}
            batch.set(campaigns.document(f"{number:032x}"), copy)
        batch.commit()


def _copy_rows(client: firestore.Client, campaign: str, count: int) -> None:
    log = client.collection("communication_log")
    one = next(iter(log.where(filter=firestore.FieldFilter("campaign_id", "==", campaign)).limit(1).stream()))
    fields = one.to_dict() or {}
    for start in range(0, count, COMMIT):
        batch = client.batch()
        for number in range(start, start + COMMIT):
            name = f"{one.id[:-6]}{number:06}"
            batch.set(log.document(name), {**fields, "message_id": name, "customer_id": f"LONG-{number}"})
        batch.commit()


def _measure(page: Page, path: str, region: str, name: str) -> None:
    page.goto(path)
    rows = page.get_by_role("region", name=region, exact=True).get_by_role("row")
    expect(rows).to_have_count(26)
    expect(page.get_by_test_id("skeleton")).to_have_count(0)
    longest = page.evaluate(_SCROLL)
    turns = [_turn(page, rows) for _ in range(TURNS)]
    elements = page.evaluate("document.querySelectorAll('*').length")
    print(f"| {name} | {elements:,} | {statistics.median(turns):.0f} ms | {longest:.0f} ms |")


def _turn(page: Page, rows: Locator) -> float:
    """Milliseconds from the click until other rows are there."""
    first = rows.nth(1).text_content() or ""
    begin = time.perf_counter()
    page.get_by_role("button", name="Next").click()
    expect(rows.nth(1)).not_to_have_text(first)
    return 1_000 * (time.perf_counter() - begin)


if __name__ == "__main__":
    main()
