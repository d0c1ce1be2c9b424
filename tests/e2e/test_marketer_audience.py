"""What a marketer judges the audience by, point by point: the count, whom it reaches, why, in which words."""

import re

import httpx2
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browser import Visit
from tests.e2e.spring import (
    ADDRESSLESS,
    PEOPLE,
    REACHABLE,
    REFUSED,
    add_tag_rule,
    counted,
)

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("people")]


def test_01_the_count_follows_each_edit_and_cancels_older_requests(page: Page, visit: Visit) -> None:
    given_up: list[str] = []
    page.on("requestfailed", lambda asked: given_up.append(asked.url))
    page.goto("/segments/new")
    rule = add_tag_rule(page)
    expect(counted(page)).to_have_text(re.compile(rf"^{PEOPLE} of [\d,]+ customers$"))

    # The next count is left without an answer, and then overtaken.
    page.route("**/audience/preview", lambda _: None, times=1)
    with page.expect_request("**/audience/preview"):
        rule.get_by_label("Value", exact=True).fill("sprin")
        expect(counted(page)).to_have_text("Counting…")
    rule.get_by_label("Value", exact=True).fill("only-one")
    expect(counted(page)).to_have_text(re.compile(r"^1 of [\d,]+ customers$"))
    assert any(url.endswith("/audience/preview") for url in given_up)
    assert visit.faults == []


def test_02_the_builder_shows_who_can_be_reached_and_why_others_cannot(page: Page) -> None:
    page.goto("/segments/new")
    add_tag_rule(page)
    expect(page.get_by_test_id("audience-reachable")).to_have_text(str(REACHABLE))
    reasons = page.get_by_role("list", name="Who cannot be reached")
    expect(reasons).to_contain_text(f"{REFUSED} have not given consent")
    expect(reasons).to_contain_text(f"{ADDRESSLESS} have no address for it")


def test_03_builder_list_check_and_history_show_the_same_number(page: Page, marketer: httpx2.Client) -> None:
    page.goto("/segments/new")
    page.get_by_label("Name", exact=True).fill("The same everywhere")
    add_tag_rule(page)
    expect(page.get_by_test_id("audience-reachable")).to_have_text(str(REACHABLE))
    page.get_by_role("button", name="Save segment").click()
    expect(page.get_by_test_id("segment-state")).to_contain_text("Version 1")

    page.get_by_role("link", name="All segments").click()
    row = page.get_by_role("row", name="The same everywhere")
    expect(row).to_contain_text(str(PEOPLE))
    expect(row).to_contain_text(str(REACHABLE))
    row.get_by_role("link", name="New campaign to The same everywhere").click()
    page.get_by_label("Name", exact=True).fill("The same in the history")
    page.get_by_role("button", name="Continue to the message").click()
    page.get_by_role("button", name="Continue to the check").click()
    expect(page.get_by_test_id("audience-reachable")).to_have_text(str(REACHABLE))
    expect(page.get_by_text(re.compile("^As of .* The audience is fixed when it is sent"))).to_be_visible()
    send = page.get_by_test_id("send-button")
    expect(send).to_have_text(f"Send to {REACHABLE} customers")
    send.click()
    expect(page.get_by_test_id("stat-audience")).to_have_text(str(REACHABLE))
    page.get_by_role("link", name="All campaigns").click()
    expect(page.get_by_role("row", name="The same in the history")).to_contain_text(str(REACHABLE))
    page.goto("/segments")
    row = page.get_by_role("row", name="The same everywhere")
    expect(row).to_contain_text("nobody joined or left")
    expect(row).to_contain_text("since “The same in the history”")


def test_04_the_count_opens_some_of_its_people_and_says_why_each_is_in(page: Page) -> None:
    page.goto("/segments/new")
    rule = add_tag_rule(page)
    page.get_by_text(f"Show 10 of {PEOPLE} people").click()
    sample = page.get_by_role("list", name="Some of the people in it")
    expect(sample.get_by_role("listitem")).to_have_count(10)
    sample.get_by_role("button", name=re.compile("^Why is")).first.click()
    explanation = page.get_by_test_id("explanation")
    expect(explanation).to_contain_text("is in.")
    expect(explanation).to_contain_text("Has the tag “spring” (is: spring")

    rule.get_by_label("Field", exact=True).select_option("last_order_at")
    rule.get_by_label("Comparison", exact=True).select_option("inPast")
    rule.get_by_label("How long", exact=True).fill("100")
    rule.get_by_label("Unit", exact=True).select_option("year")
    expect(explanation).to_contain_text("As things are, they drop out on 5 Jan 2126.")
    page.get_by_label("Find a customer by name").fill("SP-30")
    page.get_by_role("list", name="Customers found").get_by_role("button", name="SP-30").click()
    rule.get_by_label("Comparison", exact=True).select_option("longerAgo")
    expect(explanation).to_contain_text("SP-30 is out.")


def test_05_rules_read_in_plain_words_and_unfinished_ones_are_marked_not_sent(page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/segments/new")
    expect(page.get_by_label("Match all or any")).to_contain_text("Match ALL of these")
    page.get_by_role("button", name="Add rule").click()
    rule = page.get_by_role("group", name="Rule 1", exact=True)
    expect(rule).to_contain_text("Enter a number.")
    expect(counted(page)).to_have_text("Finish the marked rules")
    page.get_by_label("Name", exact=True).fill("Unfinished")
    expect(page.get_by_role("button", name="Save segment")).to_be_disabled()
    assert not [url for url in asked if url.endswith("/audience/preview")]

    rule.get_by_label("Field", exact=True).select_option("orders")
    rule.get_by_label("What is measured").select_option("amount")
    rule.get_by_label("Total amount").fill("500")
    rule.get_by_label("How long").fill("12")
    rule.get_by_label("Unit", exact=True).select_option("month")
    words = "Completed orders of at least 500 in total (placed in the past 12 months)"
    expect(page.get_by_text(words, exact=True)).to_be_visible()
