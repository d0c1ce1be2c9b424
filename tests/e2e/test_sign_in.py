"""Signing in with Google's button, of which only the script is simulated, and signing out for good."""

import json

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.browser import Visit
from tests.e2e.stacks import Stack
from tests.waiting import until

pytestmark = pytest.mark.e2e

GOOGLE = """
let options;
window.google = { accounts: { id: {
  initialize(given) { options = given; },
  renderButton(parent) {
    const button = document.createElement("button");
    button.textContent = "Sign in with Google";
    button.onclick = async () => {
      const body = JSON.stringify({ email: "viewer@example.com", nonce: options.nonce });
      const answer = await fetch("/identity/token", { method: "POST", body });
      options.callback(await answer.json());
    };
    parent.replaceChildren(button);
  },
} } };
"""


def with_google(page: Page) -> None:
    """Let the sign-in page take the installation for one that uses Google's accounts."""

    def config(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=json.dumps({**answer.json(), "identity_url": None}))

    page.route("**/api/v1/session/config", config)
    page.route(
        "https://accounts.google.com/gsi/client",
        lambda route: route.fulfill(content_type="text/javascript", body=GOOGLE),
    )


def test_google_s_button_asks_for_a_token_with_a_nonce_of_ours(visit: Visit) -> None:
    with_google(visit.page)
    visit.page.goto("/settings")
    visit.page.get_by_role("button", name="Sign in with Google").click()
    expect(visit.page.get_by_text("viewer@example.com").first).to_be_visible()
    expect(visit.page.get_by_text("Version dev")).to_be_visible()
    assert visit.faults == []


def test_a_refused_token_is_followed_by_a_button_with_another_nonce(visit: Visit) -> None:
    visit.expects("/api/v1/session", 401)
    with_google(visit.page)
    nonces: list[str] = []

    def spoilt(route: Route) -> None:
        body = json.loads(route.request.post_data or "{}")
        nonces.append(body["nonce"])
        body["nonce"] += "x" if len(nonces) == 1 else ""
        route.continue_(post_data=json.dumps(body))

    visit.page.route("**/identity/token", spoilt)
    visit.page.goto("/settings")
    with visit.page.expect_response("**/api/v1/session/nonce"):
        visit.page.get_by_role("button", name="Sign in with Google").click()
        expect(visit.page.get_by_text("You are not signed in")).to_be_visible()

    visit.page.get_by_role("button", name="Sign in with Google").click()
    expect(visit.page.get_by_text("viewer@example.com").first).to_be_visible()
    assert len(set(nonces)) == len(nonces) == 2


@pytest.mark.parametrize("button", ["Sign out", "Sign out everywhere"])
def test_signing_out_ends_a_copied_cookie(visit: Visit, stack: Stack, button: str) -> None:
    with stack.member("viewer@example.com") as own, stack.member("viewer@example.com") as other:
        visit.sign_in(own)
        visit.page.goto("/settings")
        visit.page.get_by_role("button", name=button, exact=True).click()
        expect(visit.page.get_by_role("heading", name="Sign in")).to_be_visible()
        until(lambda: own.get("/session").status_code == 401)
        if button == "Sign out":
            assert other.get("/session").status_code == 200
        else:
            until(lambda: other.get("/session").status_code == 401)
    assert visit.faults == []


def test_a_tab_shows_and_does_nothing_in_another_persons_name(visit: Visit, stack: Stack) -> None:
    visit.expects_any(401)
    with stack.member("marketer@example.com") as marketer, stack.member("owner@example.com") as owner:
        visit.sign_in(marketer)
        page, other = visit.page, visit.tab()
        page.goto("/segments/new")
        page.get_by_label("Name", exact=True).fill("Not the owner's")
        other.goto("/settings")
        leaving = other.get_by_role("dialog", name="Sign out with unsaved work?")
        other.get_by_role("button", name="Sign out", exact=True).click()
        expect(leaving).to_contain_text("Segment “Not the owner's”")
        leaving.get_by_role("button", name="Stay").click()
        expect(page.get_by_label("Name", exact=True)).to_have_value("Not the owner's")

        other.get_by_role("button", name="Sign out", exact=True).click()
        leaving.get_by_role("button", name="Sign out and discard it").click()
        for tab in (page, other):
            expect(tab.get_by_role("heading", name="Sign in")).to_be_visible()
        expect(page.get_by_text("marketer@example.com")).to_have_count(0)

        other.get_by_label("Owner, may do everything").check()
        other.get_by_role("button", name="Sign in").click()
        expect(other.get_by_text("owner@example.com").first).to_be_visible()
        expect(page.get_by_text("owner@example.com").first).to_be_visible()
        expect(page.get_by_label("Name", exact=True)).to_have_value("")
        names = [each["name"] for each in owner.get("/segments").json()["data"]]
        assert "Not the owner's" not in names
    assert visit.faults == []
