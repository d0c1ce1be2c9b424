"""A page while the database does not answer: it says so, and heals by itself."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browser import Visit
from tests.e2e.stacks import Stack

pytestmark = pytest.mark.e2e


def test_a_page_says_that_the_database_is_away_and_heals(page: Page, visit: Visit, stack: Stack) -> None:
    visit.expects_any(503)
    page.goto("/customers")
    expect(page.get_by_role("heading", name="Customers", level=1)).to_be_visible()
    with stack.frozen("CloudFirestore"):
        page.get_by_role("link", name="Campaigns", exact=True).click()
        expect(page.get_by_text("The database does not answer.").first).to_be_visible()
        expect(page.get_by_role("button", name="Try again").first).to_be_visible()
    expect(page.get_by_text("The database does not answer.")).to_have_count(0)
    expect(page.get_by_role("heading", name="Campaigns", level=1)).to_be_visible()
    assert visit.faults == []
