"""A real shop in the app: `python -m tests.e2e.real_shop FOLDER` imports its files as a marketer would.

FOLDER has customers.csv.gz (customer_id, created_at, country) and orders.csv.gz (order_id, customer_id,
placed_at, amount, currency, status, top_item and more), as one makes them of the Online Retail set of the UCI
Machine Learning Repository by summing up each invoice. Addresses and consent are made up.

What the app counts is held against what is counted in the files without it. A campaign is sent to those with
much spent in few orders. Every page is looked at at both widths in both themes, by axe too; the screenshots
are in tests/artifacts.
"""

import csv
import gzip
import io
import sys
import tempfile
from collections import Counter
from decimal import Decimal
from pathlib import Path

from playwright.sync_api import FilePayload, Page, expect

from tests.e2e.browser import Visit, chromium
from tests.e2e.stacks import page_of, started
from tests.waiting import until

Rows = list[dict[str, str]]

MUCH, FEW = 1000, 3
"""More spent than this, in fewer orders than that: people who could come more often."""

PATIENCE = 300_000
"""Milliseconds for an import or a campaign."""

PAGES = {
    "home": "/",
    "customers": "/customers",
    "segments": "/segments",
    "history": "/campaigns",
    "imports": "/imports/new",
}


def main(folder: Path) -> None:
    """Import, count, send, look; raises AssertionError at the first thing that is not as it should be."""
    customers, orders = _rows(folder / "customers.csv.gz"), _rows(folder / "orders.csv.gz")
    for row in customers:
        row |= {"email": f"{row['customer_id']}@example.com", "consent": "yes"}
    with (
        tempfile.TemporaryDirectory(prefix="crm-real-shop-") as state,
        started(Path(state), CRM_SAMPLE_CUSTOMERS="0") as stack,
        stack.member("marketer@example.com") as marketer,
        chromium() as browser,
    ):
        visit = Visit(browser, stack.url)
        visit.expects_any(404)  # an import that is asked how it goes while its file is still on its way
        visit.sign_in(marketer)
        _import(visit, "Customers", customers, {})
        _import(visit, "Orders", orders, {"top_item": "category"})
        wanted = _much_in_few(customers, orders)
        # A page counts when somebody edits, and the last of the orders may still be on their way.
        placed = sum(Decimal(order["amount"]) > 0 for order in orders)
        until(lambda: marketer.get("/overview").json()["orders"] == placed)
        _build(visit, len(customers), wanted)
        _send(visit, wanted)
        spent = _spent(orders)
        best = max(spent, key=spent.__getitem__)
        for name, path in {**PAGES, "profile": page_of(marketer, best)}.items():
            visit.page.goto(path)
            expect(visit.page.get_by_role("heading", level=1)).to_be_visible()
            expect(visit.page.get_by_text("Loading…")).to_have_count(0)
            visit.check_all_looks(f"real-{name}")
        visit.close("real-shop")


def _rows(file: Path) -> Rows:
    with gzip.open(file, "rt", encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _spent(orders: Rows) -> dict[str, Decimal]:
    """By customer what all amounts come to, credit notes among them."""
    spent: dict[str, Decimal] = {}
    for order in orders:
        spent[order["customer_id"]] = spent.get(order["customer_id"], Decimal()) + Decimal(order["amount"])
    return spent


def _much_in_few(customers: Rows, orders: Rows) -> int:
    """How many spent much in few orders. A credit note is no order."""
    spent = _spent(orders)
    placed = Counter(order["customer_id"] for order in orders if Decimal(order["amount"]) > 0)
    ids = [row["customer_id"] for row in customers]
    return sum(spent.get(each, 0) > MUCH and placed[each] < FEW for each in ids)


def _import(visit: Visit, kind: str, rows: Rows, fields: dict[str, str]) -> None:
    page = visit.page
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    file: FilePayload = {
        "name": f"{kind.lower()}.csv",
        "mimeType": "text/csv",
        "buffer": text.getvalue().encode(),
    }
    page.goto("/imports/new")
    page.get_by_role("radio", name=kind).check()
    page.get_by_label("CSV file").set_input_files(file)
    page.get_by_role("button", name="Read the columns").click()
    for column, field in fields.items():
        page.get_by_label(f"What “{column}” becomes").select_option(field)
    page.get_by_role("button", name="Try it out").click()
    expect(page.get_by_test_id("import-created")).to_have_text(f"{len(rows):,}", timeout=PATIENCE)
    visit.check_all_looks(f"real-{kind.lower()}-tried")
    page.get_by_role("button", name=f"Import {len(rows):,} rows").click()
    expect(page.get_by_text(f"{len(rows):,} rows imported.")).to_be_visible(timeout=PATIENCE)
    visit.check_all_looks(f"real-{kind.lower()}-imported")
    print(f"{len(rows):,} {kind.lower()} imported")


def _rule(page: Page, number: int, field: str, comparison: str, value: int) -> None:
    page.get_by_role("button", name="Add rule").first.click()
    rule = page.get_by_role("group", name=f"Rule {number}", exact=True)
    rule.get_by_label("Field", exact=True).select_option(field)
    rule.get_by_label("Comparison", exact=True).select_option(comparison)
    rule.get_by_label("Value", exact=True).fill(str(value))


def _build(visit: Visit, everybody: int, wanted: int) -> None:
    page = visit.page
    page.goto("/segments/new")
    page.get_by_label("Name", exact=True).fill("Much in few orders")
    _rule(page, 1, "total_spend", ">", MUCH)
    _rule(page, 2, "order_count", "<", FEW)
    counted = page.get_by_test_id("audience-count")
    expect(counted).to_have_text(f"{wanted:,} of {everybody:,} customers", timeout=PATIENCE)
    page.get_by_role("button", name="Save segment").click()
    expect(page.get_by_test_id("segment-state")).to_contain_text("Version 1")
    visit.check_all_looks("real-segment")
    print(f"{wanted:,} of {everybody:,} spent over {MUCH:,} in fewer than {FEW} orders, as in the files")


def _send(visit: Visit, wanted: int) -> None:
    page = visit.page
    page.get_by_role("link", name="Write to it").click()
    page.get_by_label("Name", exact=True).fill("Come more often")
    page.get_by_role("button", name="Continue to the message").click()
    page.get_by_label("Text", exact=True).fill("{{ customer.order_count }} orders so far: here is 10% off")
    page.get_by_role("button", name="Continue to the check").click()
    visit.check_all_looks("real-check")
    send = page.get_by_test_id("send-button")
    expect(send).to_have_text(f"Send to {wanted:,} customers")
    send.click()
    expect(page.get_by_test_id("stat-audience")).to_have_text(f"{wanted:,}")
    expect(page.get_by_test_id("campaign-status")).to_have_text("Finished", timeout=PATIENCE)
    visit.check_all_looks("real-campaign")
    print(f"sent to {wanted:,} customers")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
