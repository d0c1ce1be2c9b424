"""What a marketer judges a campaign by, point by point: from the message to the history."""

import csv
import io
import re
from collections import Counter

import httpx2
import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.browser import Visit
from tests.e2e.spring import (
    MESSAGE,
    PEOPLE,
    REACHABLE,
    add_tag_rule,
    counted,
    finished,
    make_campaign,
    stats,
    to_check,
)
from tests.e2e.stacks import Stack
from tests.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("people")]

_STATUS_AND_SUM = """
() => ["campaign-status", "sum"].map((id) => document.querySelector(`[data-testid="${id}"]`)?.innerText ?? "")
"""


def test_06_the_preview_steps_through_recipients_and_shows_what_is_sent(
    page: Page, stack: Stack, marketer: httpx2.Client
) -> None:
    body = "{{ customer.first_name | default: 'there' }}, {{ customer.total_spend }} spent: orders so far."
    to_check(page, "Shown as sent", body=body)
    shown = page.get_by_test_id("message-preview")
    expect(page.get_by_test_id("lacking")).to_contain_text("lack a field of this message")
    people = page.get_by_label("Preview as")
    expect(people.locator("option", has_text="(lacks something)")).to_have_count(1)
    texts = {}
    for place in range(people.locator("option").count()):
        people.select_option(str(place))
        expect(page.get_by_text(f"{place + 1} of ", exact=False).first).to_be_visible()
        expect(shown).to_have_attribute("aria-busy", "false")
        texts[people.locator("option").nth(place).inner_text()] = shown.inner_text()
    assert len(set(texts.values())) > 5
    assert any(text.startswith("there,") for text in texts.values())
    page.get_by_test_id("send-button").click()
    expect(page).to_have_url(re.compile(r"/campaigns/[0-9a-f]+$"))
    finished(marketer, page.url.rsplit("/", 1)[1])
    rows = marketer.get(f"/campaigns/{page.url.rsplit('/', 1)[1]}/log", params={"limit": 200}).json()["data"]
    with stack.vendor() as vendor:
        ids = ",".join(row["message_id"] for row in rows)
        sent = {
            entry["content"]["body"]
            for entry in vendor.get("/v1/ledger", params={"ids": ids}).json()["messages"]
        }
    # Some of those shown cannot be reached; all others got exactly what was shown.
    assert len(sent & set(texts.values())) > 5


def test_07_a_misspelt_field_blocks_and_names_line_and_column(page: Page, visit: Visit) -> None:
    visit.expects("/campaigns", 422)
    page.goto("/campaigns/new")
    page.get_by_label("Name", exact=True).fill("Misspelt")
    add_tag_rule(page)
    page.get_by_role("button", name="Continue to the message").click()
    text = page.get_by_label("Text", exact=True)
    text.fill("Hi,\n{{ customer.nmae }}")
    expect(
        page.get_by_text("line 2, column 4: customer.nmae is not known; did you mean customer.name?")
    ).to_be_visible()
    expect(page.get_by_role("button", name="Continue to the check")).to_be_disabled()
    expect(page.get_by_role("button", name="Send a test to me")).to_be_disabled()
    page.get_by_role("button", name="Go to line 2, column 4").click()
    expect(text).to_be_focused()
    assert text.evaluate("input => input.selectionStart") == 7
    page.goto("/campaigns/new?step=check")
    expect(page.get_by_test_id("send-button")).to_be_disabled()
    assert visit.faults == []


def test_08_a_test_goes_to_me_and_never_to_the_audience(
    page: Page, stack: Stack, marketer: httpx2.Client
) -> None:
    to_check(page, "Tested first")
    with page.expect_response(re.compile("/test$")) as answered:
        page.get_by_role("button", name="Send a test to me").click()
    expect(page.get_by_test_id("test-result")).to_contain_text("A test went to marketer@example.com")
    with stack.vendor() as vendor:
        (sent,) = vendor.get("/v1/ledger", params={"ids": answered.value.json()["message_id"]}).json()[
            "messages"
        ]
    assert sent["content"]["to"] == "marketer@example.com"
    campaign = marketer.get("/campaigns").json()["data"][0]
    assert (campaign["name"], campaign["status"], campaign["stats"]["audience"]) == (
        "Tested first",
        "draft",
        0,
    )
    assert marketer.get(f"/campaigns/{campaign['id']}/log").json()["data"] == []


def test_09_the_check_shows_all_and_its_button_sends_once(
    page: Page, visit: Visit, marketer: httpx2.Client
) -> None:
    before = {one["id"] for one in marketer.get("/campaigns").json()["data"]}
    to_check(page, "Sent once")
    tally = page.get_by_role("list", name="From the rules to the recipients")
    for line in (f"{PEOPLE}match", "−6have not given consent", "−3have no address", f"{REACHABLE}will get"):
        expect(tally).to_contain_text(line)
    fields = page.get_by_role("region", name="Fields in the message")
    expect(fields.get_by_role("row", name="First name")).to_contain_text("“there”")
    expect(page.get_by_text("Simulator", exact=True)).to_be_visible()
    expect(page.get_by_test_id("estimate")).to_contain_text("Sending takes about")
    page.get_by_label("At most so many messages a minute").fill("10")
    expect(page.get_by_test_id("estimate")).to_contain_text(re.compile(r"about \d minutes"))
    page.get_by_label("At most so many messages a minute").fill("9")
    expect(page.get_by_test_id("send-button")).to_be_disabled()
    page.get_by_label("At most so many messages a minute").fill("")

    send = page.get_by_test_id("send-button")
    expect(send).to_have_text(f"Send to {REACHABLE} customers")
    send.dblclick()
    expect(page).to_have_url(re.compile(r"/campaigns/[0-9a-f]+$"))
    made = [one for one in marketer.get("/campaigns").json()["data"] if one["id"] not in before]
    assert [one["name"] for one in made] == ["Sent once"]
    assert finished(marketer, made[0]["id"])["audience"] == REACHABLE

    to_check(page, "To nobody", tag="nobody-at-all")
    expect(page.get_by_text("Nobody in this audience can be reached")).to_be_visible()
    expect(page.get_by_test_id("send-button")).to_be_disabled()
    to_check(page, "To one", tag="only-one")
    expect(page.get_by_test_id("send-button")).to_have_text("Send to 1 customer")


def test_10_pause_and_cancel_stay_in_sight_and_say_what_already_went(
    page: Page, marketer: httpx2.Client
) -> None:
    campaign = make_campaign(marketer, "Slow enough", rate=10)
    page.goto(f"/campaigns/{campaign}")
    bar = page.get_by_role("group", name="What can be done with this campaign")
    expect(bar).to_contain_text(re.compile(rf"\d+ messages? of {REACHABLE} already went"))
    page.mouse.wheel(0, 5_000)
    expect(bar.get_by_role("button", name="Pause")).to_be_in_viewport()
    bar.get_by_role("button", name="Pause").click()
    expect(page.get_by_test_id("campaign-status")).to_have_text("Paused")
    expect(page.get_by_text("Messages that were being handed over still go")).to_be_visible()
    expect(page.get_by_text("at most 10 messages a minute")).to_be_visible()
    bar.get_by_role("button", name="Change rate").click()
    page.get_by_label("At most so many messages a minute").fill("600")
    page.get_by_role("button", name="Change the rate").click()
    expect(page.get_by_text("at most 600 messages a minute", exact=True)).to_be_visible()
    bar.get_by_role("button", name="Cancel campaign").click()
    question = page.get_by_role("dialog")
    expect(question).to_contain_text("already went and cannot be called back")
    question.get_by_role("button", name="Keep it paused").click()
    expect(page.get_by_test_id("campaign-status")).to_have_text("Paused")
    bar.get_by_role("button", name="Cancel campaign").click()
    question.get_by_role("button", name="Cancel campaign").click()
    expect(page.get_by_test_id("campaign-status")).to_have_text("Cancelled")

    later = make_campaign(marketer, "Some day", launch=False, schedule_at="2031-05-01T12:00:00Z")
    page.goto(f"/campaigns/{later}")
    expect(page.get_by_test_id("campaign-status")).to_have_text("Scheduled")
    expect(page.get_by_text("sends itself on 1 May 2031")).to_be_visible()
    page.get_by_role("button", name="Unschedule").click()
    expect(page.get_by_test_id("campaign-status")).to_have_text("Draft")
    page.get_by_role("button", name="Delete draft").click()
    expect(question).to_contain_text("Delete the draft “Some day”?")
    question.get_by_role("button", name="Delete draft").click()
    expect(page).to_have_url(re.compile("/campaigns$"))
    expect(page.get_by_text("The draft “Some day” is deleted.")).to_be_visible()
    assert marketer.get(f"/campaigns/{later}").status_code == 404


def test_11_progress_survives_a_reload_adds_up_and_names_a_stall(
    page: Page, visit: Visit, marketer: httpx2.Client
) -> None:
    campaign = make_campaign(marketer, "Watched", rate=600)
    page.goto(f"/campaigns/{campaign}")
    sum_of = re.compile(
        r"(\d+) pending \+ (\d+) sent \+ (\d+) failed \+ (\d+) skipped \+ (\d+) unknown = (\d+)"
    )

    def over() -> bool:
        page.reload()
        expect(page.get_by_test_id("campaign-status")).to_be_visible()
        # Both from one reading: the page polls each second, so figures may change between two.
        status, words = page.evaluate(_STATUS_AND_SUM)
        if words:
            found = sum_of.search(words)
            assert found
            *parts, audience = map(int, found.groups())
            assert sum(parts) == audience == REACHABLE
            assert not (parts[0] and status == "Finished")
        return bool(status == "Finished")

    until(over)
    expect(page.get_by_test_id("sum")).to_have_text(sum_of)
    assert stats(marketer, campaign)["pending"] == 0

    stalled = "Nothing has moved for 15 minutes: 3 pending, 0 without a receipt."
    fields = {"note": stalled, "stalled_since": "2026-03-01T12:00:00Z"}
    page.route(f"**/api/v1/campaigns/{campaign}", lambda route: route.fulfill(json=_as(route, **fields)))
    page.reload()
    expect(page.get_by_text("This campaign needs somebody's attention")).to_be_visible()
    expect(page.get_by_text(stalled)).to_be_visible()
    assert visit.faults == []


def test_12_resume_sends_nothing_twice_and_only_failures_are_retried(
    page: Page, stack: Stack, marketer: httpx2.Client
) -> None:
    # So slow that the pause comes in time, and then as fast as can be.
    campaign = make_campaign(marketer, "Held and let go", rate=10)
    until(lambda: marketer.get(f"/campaigns/{campaign}").json()["status"] == "sending")
    assert marketer.post(f"/campaigns/{campaign}/pause").status_code == 202
    assert marketer.post(f"/campaigns/{campaign}/rate", json={"rate": None}).status_code == 202
    page.goto(f"/campaigns/{campaign}")
    expect(page.get_by_test_id("campaign-status")).to_have_text("Paused")
    page.get_by_role("button", name="Resume").click()
    first = finished(marketer, campaign)
    assert first["failed"] > 0
    page.get_by_text("Over time in figures").click()
    course = page.get_by_role("region", name="Over time in figures").get_by_role("row")
    expect(course.last).to_contain_text(f"{first['sent']}{first['delivered']}{first['failed']}")
    failures = page.get_by_role("region", name="Why messages failed")
    with page.expect_download() as started:
        page.get_by_role("link", name="Download failures as CSV").click()
    rows = list(csv.DictReader(io.StringIO(started.value.path().read_text())))
    assert len(rows) == first["failed"]
    assert all(row["status"] == "failed" and row["reason"] for row in rows)
    for reason, count in Counter(row["reason"] for row in rows).items():
        shown = failures.get_by_role("row").filter(has_text=re.compile(re.escape(reason), re.IGNORECASE))
        expect(shown).to_contain_text(str(count))

    page.get_by_role("button", name="Retry failed only").click()
    page.get_by_role("dialog").get_by_role("button", name=re.compile("^Send .* again$")).click()
    until(lambda: marketer.get(f"/campaigns/{campaign}").json()["retry_round"] == 1)
    finished(marketer, campaign)
    log = marketer.get(f"/campaigns/{campaign}/log", params={"limit": 200}).json()["data"]
    tries = Counter(row["customer_id"] for row in log)
    retried = {row["customer_id"] for row in rows}
    assert {customer for customer, count in tries.items() if count > 1} == retried
    assert len(tries) == REACHABLE
    with stack.vendor() as vendor:
        ids = ",".join(row["message_id"] for row in log)
        entries = vendor.get("/v1/ledger", params={"ids": ids}).json()["messages"]
    assert {entry["offered"] for entry in entries} == {1}


def test_13_the_history_repeats_a_campaign_and_its_summary_hides_nothing(
    page: Page, visit: Visit, marketer: httpx2.Client
) -> None:
    campaign = make_campaign(marketer, "To be repeated")
    over = finished(marketer, campaign)
    visit.expects("/ai/summaries", 503)
    page.route(
        "**/ai/summaries", lambda route: route.fulfill(status=503, json={"detail": "The model is away."})
    )
    page.goto(f"/campaigns/{campaign}")
    expect(page.get_by_text("The summary was not written; the figures are not affected")).to_be_visible()
    expect(page.get_by_test_id("stat-delivered")).to_have_text(str(over["delivered"]))
    page.unroute("**/ai/summaries")
    page.get_by_role("button", name="Write a summary").click()
    expect(page.get_by_test_id("summary-label")).to_have_text("By rules")
    expect(page.get_by_test_id("summary-text")).to_contain_text(str(over["delivered"]))

    page.goto("/campaigns")
    row = page.get_by_role("row").nth(1)
    for part in ("To be repeated", "Finished", over["audience"], over["sent"], over["failed"]):
        expect(row).to_contain_text(str(part))
    row.get_by_role("link", name="Duplicate To be repeated").click()
    expect(page.get_by_label("Name", exact=True)).to_have_value("To be repeated (copy)")
    expect(counted(page)).to_have_text(re.compile(rf"^{PEOPLE} of"))
    page.get_by_role("button", name="Continue to the message").click()
    expect(page.get_by_label("Text", exact=True)).to_have_value(MESSAGE)
    assert visit.faults == []


def _as(route: Route, **more: object) -> dict[str, object]:
    """What the server says of a campaign, as if it were sending and as given besides."""
    said: dict[str, object] = route.fetch().json()
    return {**said, "status": "sending", **more}
