"""A recipient's way out: from the link in what was sent to a campaign that does not reach them any more."""

from uuid import uuid4

import httpx2
import pytest
from playwright.sync_api import expect

from tests.e2e.browser import Visit
from tests.e2e.spring import finished, make_campaign, preview, tagged
from tests.e2e.stacks import Stack, page_of
from tests.waiting import until

pytestmark = pytest.mark.e2e


def test_who_follows_the_link_of_a_message_gets_no_more(
    visit: Visit, stack: Stack, marketer: httpx2.Client
) -> None:
    name = f"leaving-{uuid4().hex[:8]}"
    with stack.systems() as systems:
        record = {"customer_id": name, "name": "Lea Leaving", "email": "lea@example.com", "tags": [name]}
        assert systems.post("/customers", json=record).status_code == 202
    until(lambda: preview(marketer, tagged(name))["reachable"] == 1)
    message = {"body": "Unsubscribe: {{ unsubscribe_url }}"}
    finished(marketer, make_campaign(marketer, "Before", rules=tagged(name), message=message))
    (row,) = marketer.get(page_of(marketer, name)).json()["messages"]
    with stack.vendor() as vendor:
        (sent,) = vendor.get("/v1/ledger", params={"ids": row["message_id"]}).json()["messages"]
    link = sent["content"]["body"].removeprefix("Unsubscribe: ")

    page = visit.page
    page.goto(link)  # nobody is signed in
    expect(page.get_by_role("heading", name="Unsubscribe?")).to_be_visible()
    visit.check_all_looks("unsubscribe")
    assert preview(marketer, tagged(name))["reachable"] == 1
    page.get_by_role("button", name="Unsubscribe").click()
    expect(page.get_by_role("heading", name="You are unsubscribed")).to_be_visible()
    visit.check("unsubscribed")
    found = preview(marketer, tagged(name))
    assert (found["matched"], found["reachable"], found["excluded"]) == (1, 0, {"suppressed": 1})

    visit.sign_in(marketer)
    page.goto(page_of(marketer, name))
    listed = page.get_by_role("list", name="Do not send")
    expect(listed).to_contain_text("Unsubscribed by the link in a message")
    listed.get_by_role("button", name="Allow Simulator again").click()
    page.get_by_role("dialog").get_by_role("button", name="Allow again").click()
    expect(listed.get_by_role("button", name="Do not send on Simulator")).to_be_visible()
    assert preview(marketer, tagged(name))["reachable"] == 1
    assert visit.faults == []
