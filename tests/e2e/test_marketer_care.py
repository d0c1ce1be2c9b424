"""What befalls a marketer: a lost connection, a second tab, a reload, the session's end, strange names."""

import re
from uuid import uuid4

import httpx2
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browser import Visit
from tests.e2e.spring import (
    HOSTILE,
    MESSAGE,
    PEOPLE,
    REACHABLE,
    add_tag_rule,
    counted,
    finished,
    make_campaign,
    tagged,
    to_check,
)
from tests.e2e.stacks import key_of

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("people")]


def test_a_connection_lost_while_a_segment_is_built_loses_nothing(page: Page, visit: Visit) -> None:
    name = f"Built offline {uuid4().hex[:6]}"
    page.goto("/segments/new")
    rule = add_tag_rule(page)
    expect(counted(page)).to_have_text(re.compile(rf"^{PEOPLE} of"))
    with visit.offline():
        rule.get_by_label("Value", exact=True).fill("only-one")
        page.get_by_label("Name", exact=True).fill(name)
        page.get_by_role("button", name="Save segment").click()
        expect(page.get_by_text("The segment was not saved")).to_be_visible()
        expect(page.get_by_label("Name", exact=True)).to_have_value(name)
    expect(counted(page)).to_have_text(re.compile("^1 of"))
    page.get_by_role("button", name="Save segment").click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    assert visit.faults == []


def test_a_connection_lost_while_a_campaign_is_written_loses_nothing(page: Page, visit: Visit) -> None:
    name = f"Written offline {uuid4().hex[:6]}"
    page.goto("/campaigns/new")
    page.get_by_label("Name", exact=True).fill(name)
    add_tag_rule(page)
    page.get_by_role("button", name="Continue to the message").click()
    shown = page.get_by_test_id("message-preview")
    expect(shown).to_have_attribute("aria-busy", "false")
    with visit.offline():
        page.get_by_label("Text", exact=True).fill("Written {{ customer.customer_id }} without a connection")
        expect(page.get_by_role("button", name="Continue to the check")).to_be_disabled()
        page.get_by_role("button", name="Save draft").click()
        expect(page.get_by_text("The draft was not saved")).to_be_visible()
    expect(shown).to_contain_text(re.compile(r"Written SP-\d+ without a connection"))
    page.get_by_role("button", name="Save draft").click()
    expect(page.get_by_test_id("draft-state")).to_contain_text("Saved as a draft")
    assert visit.faults == []


def test_a_connection_lost_at_sign_in_in_the_history_or_at_a_pause_is_reported_and_recovered(
    visit: Visit, marketer: httpx2.Client
) -> None:
    campaign = make_campaign(marketer, "Paused in spite of it", rate=10)
    page = visit.page
    page.goto(f"/campaigns/{campaign}")
    page.get_by_label("Marketer, may send campaigns").check()
    with visit.offline():
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("alert").first).to_be_visible()
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_test_id("campaign-status")).to_have_text(re.compile("Launching|Sending"))
    with visit.offline():
        page.get_by_role("button", name="Pause").click()
        expect(page.get_by_text("Nothing was changed")).to_be_visible()
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_test_id("campaign-status")).to_have_text("Paused")
    with visit.offline():
        page.get_by_role("link", name="All campaigns").click()
        expect(page.get_by_text("The connection is lost.")).to_be_visible()
    expect(page.get_by_role("link", name="Paused in spite of it", exact=True).first).to_be_visible()
    assert marketer.post(f"/campaigns/{campaign}/cancel").status_code == 202
    assert visit.faults == []


def test_a_connection_lost_at_the_send_button_sends_once(
    page: Page, visit: Visit, marketer: httpx2.Client
) -> None:
    before = {one["id"] for one in marketer.get("/campaigns").json()["data"]}
    to_check(page, "Sent in spite of it")
    expect(page.get_by_test_id("send-button")).to_have_text(f"Send to {REACHABLE} customers")
    with visit.offline():
        page.get_by_test_id("send-button").click()
        expect(page.get_by_text("The campaign was not sent")).to_be_visible()
        expect(page.get_by_text("Pressing the button again is safe")).to_be_visible()
    page.get_by_test_id("send-button").click()
    expect(page).to_have_url(re.compile(r"/campaigns/[0-9a-f]+$"))
    made = [one for one in marketer.get("/campaigns").json()["data"] if one["id"] not in before]
    assert [one["name"] for one in made] == ["Sent in spite of it"]
    assert visit.faults == []


def test_a_connection_lost_while_it_sends_is_recovered(
    page: Page, visit: Visit, marketer: httpx2.Client
) -> None:
    campaign = make_campaign(marketer, "Watched with a gap")
    page.goto(f"/campaigns/{campaign}")
    expect(page.get_by_test_id("stat-audience")).to_have_text(str(REACHABLE))
    with visit.offline():
        finished(marketer, campaign)
    expect(page.get_by_test_id("campaign-status")).to_have_text("Finished")
    assert visit.faults == []


def test_of_two_tabs_on_a_segment_the_second_gets_a_conflict_and_nothing_is_overwritten(
    page: Page, visit: Visit, marketer: httpx2.Client
) -> None:
    visit.expects_any(409)
    made = marketer.post("/segments", json={"name": "In two tabs", "rules": tagged()}).json()
    other = visit.tab()
    for tab in (page, other):
        tab.goto(f"/segments/{made['id']}")
        expect(counted(tab)).to_have_text(re.compile(rf"^{PEOPLE} of"))
    page.get_by_label("Name", exact=True).fill("The first tab's")
    page.get_by_role("button", name="Save segment").click()
    expect(page.get_by_test_id("segment-state")).to_contain_text("Version 2")

    other.get_by_label("Name", exact=True).fill("The second tab's")
    # It learns of it when it saves or, if it has polled meanwhile, before: then Enter does nothing.
    other.get_by_label("Name", exact=True).press("Enter")
    expect(other.get_by_text("Somebody else changed this segment")).to_be_visible()
    expect(other.get_by_label("Name", exact=True)).to_have_value("The second tab's")
    assert marketer.get(f"/segments/{made['id']}").json()["name"] == "The first tab's"
    other.get_by_role("button", name="Replace theirs with mine").click()
    other.get_by_role("button", name="Save segment").click()
    expect(other.get_by_test_id("segment-state")).to_contain_text("Version 3")
    versions = other.get_by_role("list", name="Versions")
    expect(versions.get_by_role("listitem")).to_have_count(3)
    other.get_by_role("button", name="Restore version 1").click()
    expect(other.get_by_label("Name", exact=True)).to_have_value("In two tabs")
    assert marketer.get(f"/segments/{made['id']}").json()["version"] == 3
    assert visit.faults == []


def test_of_two_tabs_on_a_campaign_the_second_gets_a_conflict_and_nothing_is_overwritten(
    page: Page, visit: Visit, marketer: httpx2.Client
) -> None:
    campaign = make_campaign(marketer, "Campaign in two tabs", launch=False)
    other = visit.tab()
    for tab in (page, other):
        tab.goto(f"/campaigns/new?edit={campaign}&step=message")
        expect(tab.get_by_label("Text", exact=True)).to_have_value(MESSAGE)
    page.get_by_label("Text", exact=True).fill("From the first tab")
    page.get_by_role("button", name="Save draft").click()
    expect(page.get_by_test_id("draft-state")).to_contain_text("Saved as a draft")

    other.get_by_label("Text", exact=True).fill("From the second tab")
    other.get_by_role("button", name="Save draft").click()
    expect(other.get_by_text("Somebody else changed this campaign")).to_be_visible()
    expect(other.get_by_label("Text", exact=True)).to_have_value("From the second tab")
    stored = marketer.get(f"/campaigns/{campaign}").json()
    assert stored["message"]["body"] == "From the first tab"
    other.get_by_role("button", name="Show theirs instead").click()
    expect(other.get_by_label("Text", exact=True)).to_have_value("From the first tab")
    assert visit.faults == []


def test_work_survives_a_reload_and_the_end_of_the_session(page: Page, visit: Visit) -> None:
    visit.expects_any(401)
    page.goto("/campaigns/new")
    page.get_by_label("Name", exact=True).fill("Not lost")
    add_tag_rule(page)
    page.get_by_role("button", name="Continue to the message").click()
    page.get_by_label("Text", exact=True).fill("Typed before the session ended")
    # Once its preview is there the page does not poll: the click finds the session gone.
    expect(page.get_by_test_id("message-preview")).to_have_text("Typed before the session ended")
    expect(page.get_by_test_id("message-preview")).to_have_attribute("aria-busy", "false")
    visit.sign_out_elsewhere()
    page.get_by_role("button", name="Save draft").click()
    asked = page.get_by_role("dialog")
    expect(asked).to_contain_text("Please sign in again")
    asked.get_by_label("Marketer, may send campaigns").check()
    asked.get_by_role("button", name="Sign in").click()
    expect(asked).to_be_hidden()
    expect(page.get_by_label("Text", exact=True)).to_have_value("Typed before the session ended")
    page.reload()
    expect(page.get_by_label("Text", exact=True)).to_have_value("Typed before the session ended")
    expect(page.get_by_test_id("draft-state")).to_contain_text("Your unsent work is back")
    page.get_by_role("button", name="Sign out").click()
    expect(asked).to_contain_text("Campaign “Not lost”")
    asked.get_by_role("button", name="Stay").click()
    page.get_by_role("button", name="Save draft").click()
    expect(page.get_by_test_id("draft-state")).to_contain_text("Saved as a draft")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert visit.faults == []


def test_strange_names_are_shown_as_they_are_and_never_run(
    page: Page, visit: Visit, marketer: httpx2.Client
) -> None:
    page.on("dialog", lambda dialog: visit.faults.append(f"it ran: {dialog.message}"))
    page.set_viewport_size({"width": 375, "height": 900})
    segments, campaigns = [], []
    for number, name in enumerate(HOSTILE, start=1):
        segments.append(marketer.post("/segments", json={"name": name, "rules": tagged()}).json()["id"])
        campaigns.append(make_campaign(marketer, name, launch=False))
        asked = {"message": {"body": "{{ customer.name }}"}, "key": key_of(marketer, f"SP-{number}")}
        assert marketer.post("/messages/preview", json=asked).json()["body"] == name

    for path in ("/segments", "/campaigns"):
        page.goto(path)
        for name in HOSTILE:
            expect(page.get_by_role("link", name=name, exact=True).first).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 375
    page.goto("/")
    expect(page.get_by_role("heading", name="Finish what you began")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    for name, segment, campaign in zip(HOSTILE, segments, campaigns, strict=True):
        page.goto(f"/segments/{segment}" if len(name) == 200 else f"/campaigns/{campaign}")
        expect(page.get_by_role("heading", level=1)).to_have_text(name)
        assert page.evaluate("document.documentElement.scrollWidth") <= 375
    for segment in segments:
        marketer.delete(f"/segments/{segment}")
    assert visit.faults == []
