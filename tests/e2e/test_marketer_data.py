"""What a marketer judges the pages of data by: home, customers, settings, help, and how the app behaves."""

import gzip
import json
import re
from itertools import pairwise
from uuid import uuid4

import httpx2
import pytest
from playwright.sync_api import Page, Response, Route, expect

from tests.e2e.browser import Visit
from tests.e2e.spring import HOSTILE, tagged
from tests.e2e.stacks import Stack, key_of, page_of
from tests.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("people")]

FIRST_LOAD = 150_000
"""Bytes of script, gzipped, that a first visit may fetch; charts come later."""


SEARCH = "Search by name, e-mail or id"

PAGES = {
    "home": ("/", "Home"),
    "customers": ("/customers", "Customers"),
    "profile": ("SP-5", HOSTILE[4]),
    "settings": ("/settings", "Settings"),
    "members": ("/settings/members", "Settings"),
    "keys": ("/settings/keys", "Settings"),
    "audit": ("/settings/audit", "Settings"),
    "help": ("/help", "Help"),
}


@pytest.mark.parametrize("name", PAGES)
def test_15_every_page_is_accessible_narrow_and_wide_light_and_dark(
    owned: Page, visit: Visit, owner: httpx2.Client, name: str
) -> None:
    path, heading = PAGES[name]
    owned.goto(page_of(owner, path) if name == "profile" else path)
    expect(owned.get_by_role("heading", level=1, name=heading)).to_be_visible()
    visit.check_all_looks(name)


def test_15_the_theme_follows_the_system_until_one_is_chosen(owned: Page) -> None:
    theme = owned.locator("html")
    owned.emulate_media(color_scheme="dark")
    owned.goto("/settings")
    expect(theme).to_have_attribute("data-theme", "dark")
    owned.emulate_media(color_scheme="light")
    expect(theme).to_have_attribute("data-theme", "light")
    owned.get_by_label("Dark", exact=True).check()
    owned.reload()
    expect(theme).to_have_attribute("data-theme", "dark")
    owned.emulate_media(media="print")
    expect(theme).to_have_attribute("data-theme", "light")
    expect(owned.get_by_role("navigation", name="Main")).to_be_hidden()


def test_15_home_is_counted_and_its_charts_have_tables(owned: Page, owner: httpx2.Client) -> None:
    about = owner.get("/overview").json()
    owned.goto("/")
    expect(owned.get_by_test_id("total-customers")).to_have_text(f"{about['customers']:,}")
    expect(owned.get_by_test_id("total-orders")).to_have_text(f"{about['orders']:,}")
    expect(owned.locator("figure canvas")).to_have_count(2)
    owned.get_by_text("Completed orders by month in figures").click()
    figures = owned.get_by_role("region", name="Completed orders by month in figures").get_by_role("row")
    shown = [12 * int(each["month"][:4]) + int(each["month"][5:]) for each in about["months"]]
    left_out = sum(later > earlier + 1 for earlier, later in pairwise(shown))
    expect(figures).to_have_count(1 + len(shown) + left_out)
    expect(figures.last).to_contain_text(f"{about['months'][-1]['orders']:,}")


def test_15_without_customers_home_names_the_next_step(owned: Page, visit: Visit) -> None:
    nothing = {
        "customers": 0,
        "reachable": {"simulator": 0, "email": 0, "sms": 0},
        "orders": 0,
        "spend": {"total": 0, "currency": "GBP"},
        "months": [],
        "sample": False,
        "as_of": "2026-03-01T12:00:00Z",
    }
    owned.route("**/api/v1/overview", lambda route: route.fulfill(json=nothing))
    owned.goto("/")
    expect(owned.get_by_role("heading", name="Let’s bring in your customers")).to_be_visible()
    expect(owned.get_by_role("button", name="Load sample data")).to_be_visible()
    expect(owned.get_by_role("link", name="Import a CSV")).to_be_visible()
    visit.check_all_looks("first-run")
    owned.get_by_role("link", name="Show me how").click()
    expect(owned.get_by_role("heading", level=1, name="Help")).to_be_visible()


def test_15_sample_data_is_badged_cleared_and_loaded_again(
    owned: Page, visit: Visit, owner: httpx2.Client
) -> None:
    before = owner.get("/overview").json()
    sample = owner.post("/audience/preview", json={"rules": tagged("sample"), "channel": "email"}).json()
    owned.goto("/")
    expect(owned.get_by_text("Sample data is here")).to_be_visible()
    owned.get_by_role("button", name="Clear the sample data").click()
    dialog = owned.get_by_role("dialog", name="Clear the sample data?")
    expect(dialog).to_contain_text("What you imported or your systems sent stays")
    dialog.get_by_role("button", name="Clear the sample data").click()
    expect(owned.get_by_text("The sample data is cleared.")).to_be_visible(timeout=60_000)
    left = f"{before['customers'] - sample['matched']:,}"
    expect(owned.get_by_test_id("total-customers")).to_have_text(left)
    expect(owned.get_by_text("Sample data is here")).to_be_hidden()
    owned.goto("/help")
    load = owned.get_by_role("button", name="Load sample data")
    expect(load).to_be_visible()
    with visit.offline():
        load.click()
        expect(owned.get_by_role("alert")).to_contain_text("The sample data was not loaded")
    expect(owned.get_by_text("Connected again.")).to_be_visible()
    load.click()
    expect(owned.get_by_text("200 made-up customers are here.")).to_be_visible(timeout=60_000)
    expect(owned.get_by_role("button", name="Clear the sample data")).to_be_visible()
    again = owner.get("/overview").json()
    assert again["sample"]
    assert again["customers"] == before["customers"] - sample["matched"] + 200


def test_15_one_finds_and_opens_a_customer_by_keyboard_alone(owned: Page) -> None:
    owned.goto("/")
    expect(owned.get_by_role("heading", level=1, name="Home")).to_be_visible()
    owned.keyboard.press("Tab")
    expect(owned.get_by_role("link", name="Skip to content")).to_be_focused()
    for _ in range(3):
        owned.keyboard.press("Tab")
    places = owned.get_by_role("navigation", name="Main")
    expect(places.get_by_role("link", name="Customers")).to_be_focused()
    owned.keyboard.press("Enter")
    expect(owned.get_by_role("heading", level=1, name="Customers")).to_be_visible()
    expect(owned.get_by_role("main")).to_be_focused()
    owned.keyboard.press("Tab")
    expect(owned.get_by_role("link", name="Import a file")).to_be_focused()
    owned.keyboard.press("Tab")
    expect(owned.get_by_label(SEARCH)).to_be_focused()
    owned.keyboard.type("spring1@example.com")
    expect(owned.get_by_role("row")).to_have_count(2)
    owned.keyboard.press("Tab")
    owned.keyboard.press("Tab")
    owned.keyboard.press("Enter")
    expect(owned.get_by_role("heading", level=1, name=HOSTILE[0])).to_be_visible()


def test_15_an_error_says_what_happened_what_is_safe_and_what_to_do(owned: Page, visit: Visit) -> None:
    visit.expects("/api/v1/overview", 503)

    def away(route: Route) -> None:
        route.fulfill(
            status=503,
            headers={"content-type": "application/problem+json", "retry-after": "1"},
            body=json.dumps({"detail": "The database does not answer."}),
        )

    owned.route("**/api/v1/overview", away)
    owned.goto("/")
    shown = owned.get_by_role("alert")
    expect(shown).to_contain_text("The overview could not be loaded")
    expect(shown).to_contain_text("The database does not answer. Nothing was lost; try again in a moment.")
    owned.unroute("**/api/v1/overview")
    shown.get_by_role("button", name="Try again").click()
    expect(owned.get_by_test_id("total-customers")).to_be_visible()
    assert visit.faults == []


def test_15_a_lost_connection_is_reported_and_recovered(owned: Page, visit: Visit) -> None:
    owned.goto("/customers")
    search = owned.get_by_label(SEARCH)
    expect(owned.get_by_role("row").nth(1)).to_be_visible()
    with visit.offline():
        expect(owned.get_by_text("The connection is lost.")).to_be_visible()
        search.fill("spring2@example.com")
        expect(search).to_have_value("spring2@example.com")
        expect(owned.get_by_role("row")).to_have_count(0)
    expect(owned.get_by_text("Connected again.")).to_be_visible()
    expect(owned.get_by_text("The connection is lost.")).to_be_hidden()
    expect(owned.get_by_role("row")).to_have_count(2)

    owned.goto("/settings/keys")
    name = owned.get_by_label("Name of the system")
    name.fill("Shop, cut off")
    with visit.offline():
        owned.get_by_role("button", name="Make key").click()
        expect(owned.get_by_role("alert")).to_contain_text("No key was made")
    expect(owned.get_by_text("Connected again.")).to_be_visible()
    expect(name).to_have_value("Shop, cut off")
    owned.get_by_role("button", name="Make key").click()
    expect(owned.get_by_test_id("api-key")).to_be_visible()
    assert visit.faults == []


def test_15_without_a_connection_from_the_first_the_page_comes_as_soon_as_there_is_one(owned: Page) -> None:
    owned.route("**/api/**", lambda route: route.abort())
    owned.goto("/customers")
    expect(owned.get_by_text("The connection is lost.")).to_be_visible()
    owned.unroute("**/api/**")
    expect(owned.get_by_role("row").nth(1)).to_be_visible()
    expect(owned.get_by_text("The connection is lost.")).to_be_hidden()


def test_15_the_session_s_end_asks_to_sign_in_and_keeps_the_work(owned: Page, visit: Visit) -> None:
    visit.expects("/api/v1/members", 401)
    email = f"{uuid4().hex[:8]}@example.com"
    owned.goto("/settings/members")
    owned.get_by_label("E-mail", exact=True).fill(email)
    # Once the members are there the page does not poll: the click finds the session gone.
    expect(owned.get_by_label("Role of owner@example.com")).to_be_visible()
    visit.sign_out_elsewhere()
    owned.get_by_role("button", name="Add member").click()
    dialog = owned.get_by_role("dialog", name="Please sign in again")
    expect(dialog.get_by_role("button", name="Sign in")).to_be_visible()
    owned.keyboard.press("Escape")
    expect(dialog).to_be_visible()
    visit.check("signed-out-at-work")
    dialog.get_by_role("button", name="Sign in").click()
    expect(dialog).to_be_hidden()
    expect(owned).to_have_url(re.compile("/settings/members$"))
    expect(owned.get_by_label("E-mail", exact=True)).to_have_value(email)
    owned.get_by_role("button", name="Add member").click()
    expect(owned.get_by_text(f"{email} may sign in now.")).to_be_visible()
    assert visit.faults == []


def test_names_are_shown_as_text_and_never_run(owned: Page, visit: Visit) -> None:
    for number, name in enumerate(HOSTILE, start=1):
        owned.goto("/customers")
        owned.get_by_label(SEARCH).fill(f"spring{number}@example.com")
        expect(owned.get_by_role("row").get_by_role("link", name=name, exact=True)).to_be_visible()
    assert owned.locator("main img").count() == 0
    visit.check_all_looks("hostile-names")


def test_a_profile_shows_the_segments_of_a_customer_and_why(owned: Page, owner: httpx2.Client) -> None:
    for name, tag in (("Of spring", "spring"), ("Of autumn", "autumn")):
        assert owner.post("/segments", json={"name": name, "rules": tagged(tag)}).status_code == 201
    owned.goto(page_of(owner, "SP-2"))
    inside = owned.get_by_role("listitem").filter(has=owned.get_by_role("link", name="Of spring"))
    expect(inside.first).to_contain_text("In")
    outside = owned.get_by_role("listitem").filter(has=owned.get_by_role("link", name="Of autumn"))
    expect(outside.first).to_contain_text("Not in")
    outside.first.get_by_text("Why").click()
    expect(outside.first).to_contain_text("spring")


def test_erasing_names_what_it_does_and_cancel_keeps_everything(
    owned: Page, visit: Visit, stack: Stack, owner: httpx2.Client
) -> None:
    customer = f"ERASE-{uuid4().hex[:8]}"
    with stack.systems() as systems:
        assert (
            systems.post("/customers", json={"customer_id": customer, "name": "Ada Gone"}).status_code == 202
        )
    until(lambda: key_of(owner, customer) is not None)
    path = page_of(owner, customer)
    visit.expects(f"/api/v1{path}", 404)
    visit.expects(f"/api/v1{path}/segments", 404)
    owned.goto("/customers")
    owned.get_by_label(SEARCH).fill(customer)
    expect(owned.get_by_role("row")).to_have_count(2)  # else the click hits a row that is being replaced
    owned.get_by_role("link", name="Ada Gone").click()
    with owned.expect_download() as started:
        owned.get_by_role("link", name="Export").click()
    assert json.loads(started.value.path().read_text())["customer"]["name"] == "Ada Gone"
    owned.get_by_role("button", name="Erase").click()
    dialog = owned.get_by_role("dialog", name="Erase Ada Gone?")
    expect(dialog).to_contain_text("are permanently deleted")
    expect(dialog.get_by_role("definition")).to_have_text(["Ada Gone", customer, "–"])
    visit.check_all_looks("erase")
    owned.keyboard.press("Escape")
    expect(owned.get_by_role("button", name="Erase")).to_be_focused()
    assert owner.get(path).status_code == 200
    owned.get_by_role("button", name="Erase").click()
    dialog.get_by_role("button", name="Erase Ada Gone").click()
    expect(owned.get_by_text("Ada Gone is erased.")).to_be_visible()
    expect(owned).to_have_url(re.compile("/customers$"))
    assert owner.get(path).status_code == 404


def test_a_first_visit_fetches_little_script(owned: Page) -> None:
    fetched: list[Response] = []
    owned.on("response", lambda response: fetched.append(response))
    owned.goto("/")
    expect(owned.locator("figure canvas")).to_have_count(2)
    scripts = {
        each.url.rsplit("/", 1)[1]: len(gzip.compress(each.body()))
        for each in fetched
        if each.url.endswith(".js")
    }
    charts = {name for name in scripts if name.startswith("Chart-")}
    assert len(charts) == 1
    assert sum(size for name, size in scripts.items() if name not in charts) < FIRST_LOAD, scripts
