"""Imports as a marketer sees them: columns, a dry run, every row reported, and nothing imported twice."""

import csv
import io
from uuid import uuid4

import httpx2
import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.browser import Visit
from tests.e2e.stacks import key_of, page_of
from tests.waiting import until

pytestmark = pytest.mark.e2e


UNHEARD_OF = 404
"""What an import answers that is asked how it goes while its file is still on its way."""


def choose(page: Page, text: bytes, name: str = "customers.csv") -> None:
    """Hand a file over and have its columns read."""
    page.goto("/imports/new")
    page.get_by_label("CSV file").set_input_files({"name": name, "mimeType": "text/csv", "buffer": text})
    page.get_by_role("button", name="Read the columns").click()


def figures(page: Page) -> dict[str, str]:
    names = ("rows", "created", "updated", "skipped", "invalid")
    return {name: page.get_by_test_id(f"import-{name}").inner_text() for name in names}


def test_14_a_file_is_mapped_tried_out_and_imported_row_by_row(
    page: Page, visit: Visit, marketer: httpx2.Client
) -> None:
    visit.expects_any(UNHEARD_OF)
    mark = uuid4().hex[:8]
    rows = [
        f"{mark}-1;Zoë Müller;zoe-{mark}@example.com;Köln;=1+1",
        f"{mark}-2;<img src=x onerror=alert(1)>;two-{mark}@example.com;Bonn;{{{{7*7}}}}",
        f"{mark}-3;Nobody;no address at all;Bonn;x",
        f"{mark}-4;Last one;four-{mark}@example.com;Ulm;",
    ]
    file = "\n".join(["Kundennummer;Name;Mail;Stadt;Hobby", *rows]).encode("cp1252")
    choose(page, file)
    expect(page.get_by_role("group", name="Columns", exact=True)).to_be_focused()
    expect(page.get_by_label("What “Kundennummer” becomes")).to_have_value("customer_id")
    expect(page.get_by_label("What “Stadt” becomes")).to_have_value("city")
    expect(page.get_by_text("separated by semicolons")).to_be_visible()
    page.get_by_label("What “Hobby” becomes").select_option("attributes.hobby")
    page.get_by_label("What “Kundennummer” becomes").select_option("")
    expect(page.get_by_text("Still needed: Customer id.")).to_be_visible()
    expect(page.get_by_role("button", name="Try it out")).to_be_disabled()
    page.get_by_label("What “Kundennummer” becomes").select_option("customer_id")
    visit.check_all_looks("import-columns")

    visit.expects("/api/v1/imports?dry_run=true", 401)
    visit.sign_out_elsewhere()
    page.get_by_role("button", name="Try it out").click()
    dialog = page.get_by_role("dialog", name="Please sign in again")
    dialog.get_by_role("button", name="Sign in").click()
    expect(dialog).to_be_hidden()
    expect(page.get_by_text("Nothing has been kept yet.")).to_be_visible()
    expect(page.get_by_test_id("import-rows")).to_have_text("4")
    shown = {"rows": "4", "created": "3", "updated": "0", "skipped": "0", "invalid": "1"}
    assert figures(page) == shown
    problems = page.get_by_role("region", name="Rows that cannot be taken")
    for part in ("4", "Mail", "no address at all"):
        expect(problems.get_by_role("row").nth(1)).to_contain_text(part)
    visit.check_all_looks("import-tried")
    assert key_of(marketer, f"{mark}-1") is None

    page.get_by_role("button", name="Import 3 rows").click()
    expect(page.get_by_text("3 rows imported.")).to_be_visible()
    assert figures(page) == shown
    visit.check_all_looks("import-done")
    with page.expect_download() as started:
        page.get_by_role("link", name="Download the results, row by row").click()
    results = list(csv.DictReader(io.StringIO(started.value.path().read_text("utf-8-sig"))))
    assert [(row["row"], row["outcome"]) for row in results] == [
        ("2", "created"),
        ("3", "created"),
        ("4", "invalid"),
        ("5", "created"),
    ]
    assert results[2]["reason"]
    until(lambda: key_of(marketer, f"{mark}-4") is not None)
    kept = marketer.get(page_of(marketer, f"{mark}-1")).json()["customer"]
    assert (kept["name"], kept["city"], kept["attributes"]) == ("Zoë Müller", "Köln", {"hobby": "=1+1"})

    page.reload()
    expect(page.get_by_text("3 rows imported.")).to_be_visible()
    page.get_by_role("link", name="See the customers").click()
    page.get_by_label("Search by name, e-mail or id").fill(f"two-{mark}")
    expect(page.get_by_role("link", name="<img src=x onerror=alert(1)>")).to_be_visible()
    assert visit.faults == []


def test_14_an_import_cut_off_from_the_network_is_repeated_and_takes_no_row_twice(
    page: Page, visit: Visit, marketer: httpx2.Client
) -> None:
    visit.expects_any(UNHEARD_OF)
    mark = uuid4().hex[:8]
    lines = [f"{mark}-{number},Person {number},p{number}-{mark}@example.com" for number in range(1200)]
    choose(page, b"\xef\xbb\xbf" + "\n".join(["customer_id,name,email", *lines]).encode())
    page.get_by_role("button", name="Try it out").click()
    start = page.get_by_role("button", name="Import 1,200 rows")
    expect(start).to_be_visible()
    lost: list[str] = []

    def lose_first_answer(route: Route) -> None:
        """The server does its work; what it says never arrives."""
        if "dry_run=false" in route.request.url and not lost:
            lost.append(route.request.url)
            route.fetch()
            route.abort()
        else:
            route.continue_()

    page.route("**/api/v1/imports?*", lose_first_answer)
    start.click()
    expect(page.get_by_text("1,200 rows imported.")).to_be_visible(timeout=60_000)
    assert lost
    assert figures(page) == {
        "rows": "1,200",
        "created": "1,200",
        "updated": "0",
        "skipped": "0",
        "invalid": "0",
    }
    until(lambda: key_of(marketer, f"{mark}-1199") is not None)


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a duplicate header", b"customer_id,email,email\n1,a@example.com,b@example.com\n", "email"),
        ("no header", b"C-1,Ada,ada@example.com\n", "has no header"),
        ("a workbook", b"PK\x03\x04", "save it as CSV first"),
        ("nothing", b"", "is empty"),
    ],
)
def test_14_a_file_that_cannot_be_read_says_why(
    page: Page, visit: Visit, name: str, text: bytes, words: str
) -> None:
    visit.expects("/api/v1/imports/columns", 422)
    choose(page, text)
    shown = page.get_by_role("alert")
    expect(shown).to_contain_text("The file could not be read")
    expect(shown).to_contain_text(words)
    assert visit.faults == [], name
