"""What an administrator judges the settings by: members, secrets, the audit log, and the help for systems."""

import json
import re
import shlex
from datetime import UTC, datetime
from uuid import uuid4

import httpx2
import pytest
from playwright.sync_api import Page, expect
from standardwebhooks.webhooks import Webhook

from crm.access.members import member_id
from tests.e2e.browser import Visit
from tests.e2e.spring import tagged
from tests.e2e.stacks import Stack
from tests.waiting import PATIENCE, until

pytestmark = pytest.mark.e2e


def test_a_member_s_role_can_be_changed_and_taken_back(owned: Page, owner: httpx2.Client) -> None:
    email = f"{uuid4().hex[:8]}@example.com"
    assert owner.post("/members", json={"email": email, "role": "viewer"}).status_code == 201
    owned.goto("/settings/members")
    role = owned.get_by_label(f"Role of {email}")
    role.select_option("marketer")
    owned.get_by_role("button", name=f"Change role of {email}").click()
    owned.get_by_role("dialog").get_by_role("button", name="Change role").click()
    owned.get_by_text(f"{email} is Marketer now.").hover()  # so that it stays
    expect(role).to_have_value("marketer")
    owned.get_by_role("button", name="Undo").click()
    expect(role).to_have_value("viewer")
    owned.get_by_role("button", name=f"Remove {email}").click()
    owned.get_by_role("dialog", name=f"Remove {email}?").get_by_role("button", name="Remove").click()
    expect(role).to_be_hidden()
    owned.get_by_text(f"{email} may no longer sign in.").hover()
    owned.get_by_role("button", name="Undo").last.click()
    expect(role).to_have_value("viewer")


def test_a_webhook_secret_is_shown_once_valid_immediately_and_can_be_ended(
    owned: Page, visit: Visit, stack: Stack
) -> None:
    owned.goto("/settings/webhooks")
    rows = owned.get_by_role("list", name="Webhook secrets").get_by_role("listitem")
    expect(owned.get_by_text("No secrets made here yet").or_(rows.first)).to_be_visible()
    before = rows.count()
    owned.get_by_role("button", name="Make a secret").click()
    secret = owned.get_by_test_id("webhook-secret").inner_text()
    expect(rows).to_have_count(before + 1)
    visit.check_all_looks("webhook-secret")
    address = owned.get_by_text("/api/v1/receipts").inner_text()
    body = json.dumps({"message_id": "0" * 32, "status": "delivered", "occurred_at": "2026-01-05T12:00:00Z"})
    name, at = f"msg_{uuid4().hex}", datetime.now(UTC)
    signed = {
        "webhook-id": name,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(name, at, body),
    }
    until(lambda: httpx2.post(address, content=body, headers=signed, timeout=PATIENCE).status_code == 202)
    owned.reload()
    expect(rows).to_have_count(before + 1)
    expect(owned.get_by_test_id("webhook-secret")).to_be_hidden()
    rows.first.get_by_role("button", name="Delete").click()
    dialog = owned.get_by_role("dialog", name="Delete this secret?")
    dialog.get_by_role("button", name="Delete the secret").click()
    expect(rows).to_have_count(before)
    assert visit.faults == []


def test_a_key_allows_what_is_chosen_until_it_expires(owned: Page, visit: Visit, stack: Stack) -> None:
    name = f"Orders only {uuid4().hex[:6]}"
    owned.goto("/settings/keys")
    owned.get_by_label("Name of the system").fill(name)
    owned.get_by_label("send customers").uncheck()
    owned.get_by_label("Works until").select_option("30 days from now")
    owned.get_by_role("button", name="Make key").click()
    headers = {"Authorization": f"Bearer {owned.get_by_test_id('api-key').inner_text()}"}
    refused = httpx2.post(f"{stack.url}/api/v1/ingest/customers", headers=headers, json={}, timeout=PATIENCE)
    assert refused.status_code == 403
    row = owned.get_by_role("list", name="API keys").get_by_role("listitem").filter(has_text=name)
    for part in ("send orders", "owner@example.com", "Works until"):
        expect(row).to_contain_text(part)
    expect(row).not_to_contain_text("send customers")
    visit.check_all_looks("api-keys")
    until(lambda: _is_used(owned, name))
    assert visit.faults == []


def _is_used(page: Page, name: str) -> bool:
    """Whether the row of the key says so after a reload."""
    page.reload()
    row = page.get_by_role("list", name="API keys").get_by_role("listitem").filter(has_text=name)
    expect(row).to_be_visible()
    return "Last used" in row.inner_text()


def test_the_audit_log_shows_who_did_what_and_links_there(owned: Page, owner: httpx2.Client) -> None:
    name = f"Audited {uuid4().hex[:8]}"
    assert owner.post("/segments", json={"name": name, "rules": tagged("spring")}).status_code == 201
    refused = owner.delete(f"/members/{member_id('owner@example.com')}")
    assert refused.status_code == 409
    owned.goto("/settings/audit")
    rows = owned.get_by_role("region", name="Audit log").get_by_role("row")
    for part in ("Removed a memberowner@example.com", "Refused"):
        expect(rows.nth(1)).to_contain_text(part)
    for part in ("owner@example.com", "Made a segment", "Done"):
        expect(rows.nth(2)).to_contain_text(part)
    rows.nth(2).get_by_role("link", name=name).click()
    expect(owned.get_by_role("heading", level=1, name=name)).to_be_visible()


def test_the_audit_log_says_what_changed_from_where_and_is_filtered(
    owned: Page, visit: Visit, owner: httpx2.Client
) -> None:
    email = f"{uuid4().hex[:8]}@example.com"
    made = owner.post("/members", json={"email": email, "role": "viewer"})
    assert owner.put(f"/members/{made.json()['id']}", json={"role": "marketer"}).status_code == 200
    owned.goto("/settings/audit")
    owned.get_by_label("What", exact=True).select_option("Changed a member’s role")
    owned.get_by_label("Who", exact=True).select_option("owner@example.com")
    rows = owned.get_by_role("region", name="Audit log").get_by_role("row")
    for part in (email, "Role: Viewer → Marketer", "Python from 127.0.0.0/24"):
        expect(rows.nth(1)).to_contain_text(part)
    room = rows.nth(1).get_by_role("list").bounding_box()
    assert room is not None
    assert room["width"] > 300
    expect(rows.nth(1)).to_contain_text(re.compile(r"\d\d:\d\d:\d\d"))
    expect(rows.filter(has_text="Added a member")).to_have_count(0)
    visit.check_all_looks("audit-filtered")
    with owned.expect_download() as download:
        owned.get_by_role("link", name="Download as CSV").click()
    found = download.value.path().read_text()
    assert email in found
    assert "member.add" not in found
    owned.get_by_label("To", exact=True).fill("2020-01-01")
    owned.get_by_role("button", name="Show everything").click()
    expect(rows.filter(has_text="Added a member").first).to_be_visible()
    expect(owned).to_have_url(re.compile("/settings/audit$"))
    assert visit.faults == []


def test_the_help_s_call_works_as_it_is_copied(owned: Page, owner: httpx2.Client) -> None:
    owned.goto("/settings/keys")
    owned.get_by_label("Name of the system").fill("Shop, by hand")
    owned.get_by_role("button", name="Make key").click()
    key = owned.get_by_test_id("api-key").inner_text()
    owned.context.grant_permissions(["clipboard-read", "clipboard-write"])
    owned.goto("/help")
    owned.get_by_role("button", name="Copy the example: A customer").click()
    expect(owned.get_by_text("Copied")).to_be_visible()
    words = shlex.split(owned.evaluate("navigator.clipboard.readText()").replace("\\\n", ""))
    assert words[0] == "curl"
    given = [word for word, option in zip(words[1:], words, strict=False) if option == "-H"]
    headers = dict(header.replace("$CRM_API_KEY", key).split(": ", 1) for header in given)
    answer = httpx2.post(words[1], headers=headers, content=words[words.index("-d") + 1], timeout=PATIENCE)
    assert answer.status_code == 202, answer.text
