"""People of a shop's spring campaign, for tests of the marketer's pages."""

import re
from typing import Any

import httpx2
from playwright.sync_api import Locator, Page, expect

from tests.e2e.stacks import Stack
from tests.waiting import until

PEOPLE = 60
REFUSED = 6
"""Every tenth has given no consent."""
ADDRESSLESS = 3
"""So many others have no address."""
REACHABLE = PEOPLE - REFUSED - ADDRESSLESS
NAMELESS = 20
"""Every third has no name."""

TAG = "spring"
HOSTILE = (
    '<img src=x onerror="alert(1)">',
    "{{7*7}}",
    "😀 Zoë \N{ROSE}",
    "مرحبا بالعالم",
    "N" * 200,
)
"""Names that a page must show as they are, of people who can be reached."""
MESSAGE = "Hi {{ customer.first_name | default: 'there' }}, {{ customer.order_count }} orders so far."

Rules = dict[str, Any]


def tagged(tag: str = TAG) -> Rules:
    """Rules for the customers with the tag."""
    return {"combinator": "and", "rules": [{"field": "tags", "operator": "contains", "value": tag}]}


def post_people(stack: Stack, marketer: httpx2.Client) -> None:
    """Sixty customers with an order each of 10, 20, … 600; returns once they count."""
    customers = [_customer(number) for number in range(PEOPLE)]
    orders = [
        {
            "order_id": f"SPO-{number}",
            "customer_id": f"SP-{number}",
            "amount": 10 * (number + 1),
            "category": "shoes",
            "placed_at": "2026-01-05T12:00:00Z",
        }
        for number in range(PEOPLE)
    ]
    with stack.systems() as systems:
        assert systems.post("/customers/batch", json={"records": customers}).status_code == 202
        assert systems.post("/orders/batch", json={"records": orders}).status_code == 202
    spent = {"field": "total_spend", "operator": ">", "value": 0}
    complete = {"combinator": "and", "rules": [*tagged()["rules"], spent]}
    until(lambda: preview(marketer, complete)["matched"] == PEOPLE)


def _customer(number: int) -> dict[str, Any]:
    names = dict(enumerate(HOSTILE, start=1))
    named = {"name": names.get(number, f"Person {number}")} if number % 3 or number in names else {}
    reached = {} if number in (11, 21, 31) else {"email": f"spring{number}@example.com"}
    # The first alone has this tag.
    tags = [TAG, "only-one"] if number == 1 else [TAG]
    return {"customer_id": f"SP-{number}", "tags": tags, "consent": number % 10 != 0, **named, **reached}


def preview(client: httpx2.Client, rules: Rules) -> dict[str, Any]:
    answer = client.post("/audience/preview", json={"rules": rules, "channel": "simulator"})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def make_campaign(client: httpx2.Client, name: str, *, launch: bool = True, **more: Any) -> str:
    """A campaign to the people of spring; its id."""
    body = {"name": name, "rules": tagged(), "channel": "simulator", "message": {"body": MESSAGE}, **more}
    made = client.post("/campaigns", json=body)
    assert made.status_code == 201, made.text
    campaign = str(made.json()["id"])
    if launch:
        assert client.post(f"/campaigns/{campaign}/launch").status_code == 202
    return campaign


def stats(client: httpx2.Client, campaign: str) -> dict[str, int]:
    found: dict[str, int] = client.get(f"/campaigns/{campaign}").json()["stats"]
    return found


def finished(client: httpx2.Client, campaign: str) -> dict[str, int]:
    """The figures of the campaign once it is over."""
    until(lambda: client.get(f"/campaigns/{campaign}").json()["status"] == "finished")
    return stats(client, campaign)


def add_tag_rule(page: Page, tag: str = TAG, rule: str = "Rule 1") -> Locator:
    """Add a rule for the customers with the tag, by hand."""
    page.get_by_role("button", name="Add rule").first.click()
    group = page.get_by_role("group", name=rule, exact=True)
    group.get_by_label("Field", exact=True).select_option("tags")
    group.get_by_label("Comparison", exact=True).select_option("contains")
    group.get_by_label("Value", exact=True).fill(tag)
    return group


def counted(page: Page) -> Locator:
    return page.get_by_test_id("audience-count")


def to_check(page: Page, name: str, tag: str = TAG, body: str = MESSAGE) -> None:
    """Make a campaign by hand as far as the check."""
    page.goto("/campaigns/new")
    page.get_by_label("Name", exact=True).fill(name)
    if page.get_by_role("button", name="Start over").is_visible():
        # Work that was begun before is restored.
        page.get_by_role("button", name="Start over").click()
        page.get_by_role("dialog").get_by_role("button", name="Start over").click()
        page.get_by_label("Name", exact=True).fill(name)
    add_tag_rule(page, tag)
    expect(counted(page)).to_have_text(re.compile(r"^\d+ of"))
    page.get_by_role("button", name="Continue to the message").click()
    page.get_by_label("Text", exact=True).fill(body)
    page.get_by_role("button", name="Continue to the check").click()
    expect(page.get_by_test_id("send-button")).to_be_visible()
