"""A marketer's job in a real browser: sign in, build an audience, write, send, watch, look back."""

import re
from uuid import uuid4

import httpx2
import pytest
from playwright.sync_api import expect

from tests.e2e.browser import Visit

pytestmark = pytest.mark.e2e

SPENT_OVER_500 = {
    "combinator": "and",
    "rules": [{"field": "total_spend", "operator": ">", "value": 500}],
}


def test_from_sign_in_to_history(visit: Visit, marketer: httpx2.Client) -> None:
    page = visit.page
    name = f"Over 500, in the browser {uuid4().hex[:6]}"
    page.goto("/campaigns/new")
    expect(page).to_have_url(re.compile(r"/sign-in"))
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    visit.check_all_looks("sign-in")
    page.set_viewport_size({"width": 1280, "height": 900})

    page.get_by_label("Marketer, may send campaigns").check()
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(re.compile(r"/campaigns/new"))
    expect(page.get_by_role("heading", name="New campaign")).to_be_visible()

    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_role("button", name="Add rule").click()
    rule = page.get_by_role("group", name="Rule 1", exact=True)
    rule.get_by_label("Field", exact=True).select_option("total_spend")
    rule.get_by_label("Comparison", exact=True).select_option(">")
    rule.get_by_label("Value", exact=True).fill("500")
    counted = marketer.post("/audience/preview", json={"rules": SPENT_OVER_500}).json()
    count = page.get_by_test_id("audience-count")
    expect(count).to_have_text(re.compile(rf"^{counted['matched']} of [\d,]+ customers$"))
    expect(page.get_by_test_id("audience-reachable")).to_have_text(str(counted["reachable"]))

    page.get_by_role("button", name="Continue to the message").click()
    text = page.get_by_label("Text", exact=True)
    text.fill("Hi {{ customer.nmae }}")
    expect(page.get_by_text("nmae").last).to_be_visible()
    expect(page.get_by_role("button", name="Continue to the check")).to_be_disabled()
    text.fill("Hi {{ customer.first_name | default: 'there' }}, here is 10% off")
    expect(page.get_by_role("button", name="Continue to the check")).to_be_enabled()

    page.get_by_role("button", name="Continue to the check").click()
    send = page.get_by_test_id("send-button")
    expect(send).to_have_text(f"Send to {counted['reachable']} customers")
    send.dblclick()

    expect(page).to_have_url(re.compile(r"/campaigns/[0-9a-f]+$"))
    status = page.get_by_test_id("campaign-status")
    expect(status).to_have_text(re.compile("Launching|Sending|Finished"))
    page.reload()
    expect(status).to_have_text("Finished")
    shown = {name: int(page.get_by_test_id(f"stat-{name}").inner_text()) for name in ("sent", "failed")}
    assert shown["sent"] + shown["failed"] == counted["reachable"]
    expect(page.get_by_test_id("summary-text")).to_contain_text(str(shown["sent"]))
    expect(page.get_by_role("cell", name=re.compile("Delivered|Failed")).first).to_be_visible()

    page.get_by_role("link", name="All campaigns").first.click()
    newest = page.get_by_role("row").nth(1)
    expect(newest).to_contain_text(name)
    expect(newest).to_contain_text("Finished")
    assert [one["name"] for one in marketer.get("/campaigns").json()["data"]].count(name) == 1
    assert visit.faults == []


def test_the_api_s_documentation_opens_under_the_same_policy(visit: Visit) -> None:
    visit.page.goto("/api/v1/ingest/docs")
    expect(visit.page.get_by_text("/api/v1/ingest/customers/batch").first).to_be_visible()
    assert visit.faults == []
