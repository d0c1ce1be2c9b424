"""A page's code that cannot be loaded: after a deployment, or without a connection."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browser import Visit

pytestmark = pytest.mark.e2e

CUSTOMERS = re.compile(r"/assets/Customers-[^/]*\.js$")


def test_a_tab_left_open_over_a_deployment_reloads_once_and_keeps_what_was_typed(
    page: Page, visit: Visit
) -> None:
    visit.expects_any(404)
    page.goto("/segments/new")
    page.get_by_label("Name", exact=True).fill("Typed before the deployment")
    page.route(CUSTOMERS, lambda route: route.fulfill(status=404), times=1)
    page.get_by_role("link", name="Customers", exact=True).click()
    expect(page.get_by_role("heading", name="Customers", level=1)).to_be_visible()
    expect(page).to_have_url(re.compile("/customers$"))
    page.get_by_role("link", name="Segments", exact=True).click()
    page.get_by_role("link", name="New segment").first.click()
    expect(page.get_by_label("Name", exact=True)).to_have_value("Typed before the deployment")
    assert visit.faults == []


def test_a_page_whose_code_is_gone_says_so_and_is_reloaded_on_demand(page: Page, visit: Visit) -> None:
    visit.expects_any(404)
    page.goto("/segments")
    loads: list[str] = []
    page.on("domcontentloaded", lambda loaded: loads.append(loaded.url))
    page.route(CUSTOMERS, lambda route: route.fulfill(status=404))
    page.get_by_role("link", name="Customers", exact=True).click()
    expect(page.get_by_text("This page could not be shown")).to_be_visible()
    assert len(loads) == 1
    page.unroute(CUSTOMERS)
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("heading", name="Customers", level=1)).to_be_visible()
    assert visit.faults == []


def test_a_page_not_visited_yet_loads_when_the_connection_returns(page: Page, visit: Visit) -> None:
    page.goto("/customers")
    expect(page.get_by_role("heading", name="Customers", level=1)).to_be_visible()
    with visit.offline():
        page.get_by_role("link", name="Segments", exact=True).click()
        expect(page.get_by_text("The connection is lost.")).to_be_visible()
    expect(page.get_by_role("heading", name="Segments", level=1)).to_be_visible()
    assert visit.faults == []
