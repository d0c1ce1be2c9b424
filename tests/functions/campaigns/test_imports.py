"""Imports over HTTP: all the files that people have."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from types import ModuleType
from typing import Any
from uuid import uuid4

import pytest

from crm.imports.tables import Table
from crm.imports.usecases.import_file import count_rows
from crm.platform.clock import now
from crm.platform.firestore.client import client
from tests.functions.campaigns.conftest import Api, finish_erasures, order, page_of, paths, person
from tests.functions.campaigns.imports import PEOPLE, consumed, counts, looked_at, sent, table
from tests.support import client_of, part_of
from tests.waiting import until_true

pytestmark = pytest.mark.emulator


async def test_columns_are_guessed_with_samples(api: Api) -> None:
    answer = (await looked_at(api, PEOPLE.encode())).json()
    assert (answer["encoding"], answer["delimiter"], answer["problems"]) == ("utf-8", ",", [])
    assert [each["field"] for each in answer["columns"]] == ["customer_id", "email", "name", "visits"]
    assert answer["columns"][1]["samples"] == ["c1@example.com", "c3@example.com"]
    assert [each["name"] for each in answer["fields"] if each["required"]] == ["customer_id"]
    orders = (await looked_at(api, b"Id;Client;Total;Order date\n1;C-1;2;2026-01-01\n", "orders")).json()
    fields = [each["field"] for each in orders["columns"]]
    assert fields == ["order_id", "customer_id", "amount", "placed_at"]


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (b"\xef\xbb\xbfname;customer_id\r\nZo\xc3\xab;C-1\r\n", "utf-8"),
        ("name;customer_id\r\nZoë;C-1\r\n".encode("cp1252"), "windows-1252"),
        ("name;customer_id\r\nZoë;C-1\r\n".encode("utf-16"), "utf-16"),
    ],
)
async def test_encodings_and_delimiters_are_found_out(
    api: Api, published: list[bytes], data: bytes, encoding: str
) -> None:
    found = (await looked_at(api, data)).json()
    assert (found["encoding"], found["delimiter"]) == (encoding, ";")
    assert [each["field"] for each in found["columns"]] == ["name", "customer_id"]
    assert counts(await sent(api, data, {"name": "name", "customer_id": "customer_id"}))["created"] == 1
    assert "Zoë" in published[0].decode()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        (b"a,b,a\n1,2,3\n", "more than one column 'a'"),
        (b"a,,c\n1,2,3\n", "no name for column 2"),
        (b"C-1,mira@example.com,3\nC-2,b@example.com,4\n", "has no header"),
        (b"PK\x03\x04rest", "Excel workbook"),
        (b"a,b\0\n", "is not a text file"),
    ],
)
async def test_a_file_that_cannot_be_read_is_refused_with_words(api: Api, data: bytes, words: str) -> None:
    for answer in (await looked_at(api, data), await sent(api, data, {"a": "customer_id"})):
        assert answer.status_code == 422
        assert paths(answer) == ["file"]
        assert words in answer.json()["detail"]


async def test_a_dry_run_reports_and_publishes_nothing(api: Api, published: list[bytes]) -> None:
    import_id = str(uuid4())
    answer = await sent(api, PEOPLE, import_id=import_id, dry_run=True)
    assert counts(answer) == {
        "state": "done",
        "rows": 3,
        "created": 2,
        "updated": 0,
        "skipped": 0,
        "invalid": 1,
    }
    (problem,) = answer.json()["problems"]
    assert (problem["row"], problem["column"], problem["value"], problem["id"]) == (3, "visits", "x", "C-2")
    assert "visits" in problem["reason"]
    assert published == []
    assert (await api.get(f"/imports/{import_id}")).json()["dry_run"] is True
    assert counts(await sent(api, PEOPLE, import_id=import_id))["created"] == 2
    assert (await api.get(f"/imports/{import_id}")).json()["dry_run"] is False
    (recent,) = (await api.get("/imports")).json()["data"]
    assert recent["id"] == import_id


async def test_stored_records_decide_created_updated_and_skipped(api: Api, published: list[bytes]) -> None:
    stored = [person(1, name="Zoë", visits=3), person(3, visits=9), person(4, erased_at=now(), known=False)]
    await api.store(stored)
    text = f"{PEOPLE.replace(',x', ',7')}C-4,c4@example.com,D,1\nC-2,,=1+1,7\nC-2,,=1+1,8\n"
    import_id = str(uuid4())
    answer = counts(await sent(api, text, import_id=import_id))
    assert answer == {"state": "done", "rows": 6, "created": 1, "updated": 2, "skipped": 3, "invalid": 0}
    assert [(each["row"], each["outcome"]) for each in await table(api, import_id)] == [
        ("2", "skipped"),
        ("3", "created"),
        ("4", "updated"),
        ("5", "skipped"),
        ("6", "skipped"),
        ("7", "updated"),
    ]
    await consumed(api, published)
    customer = (await api.get(page_of("C-2"))).json()["customer"]
    assert (customer["name"], customer["visits"]) == ("=1+1", 8)
    assert counts(await sent(api, text))["skipped"] == 4  # 7 visits are news again, and then 8


async def test_orders_with_decimal_commas_and_dotted_days(api: Api, published: list[bytes]) -> None:
    await api.store([person(1)], [order(1, "C-1")])
    text = """Bestellnummer;Kunde;Betrag;Datum
1;C-1;1.234,50;5.2.2026
2;C-1;12,5;2026-02-06
3;C-1;abc;31.2.2026
"""
    mapping = {"Bestellnummer": "order_id", "Kunde": "customer_id", "Betrag": "amount", "Datum": "placed_at"}
    answer = await sent(api, text, mapping, kind="orders")
    assert (counts(answer)["created"], counts(answer)["invalid"]) == (2, 1)
    await consumed(api, published)
    placed = (await api.get(page_of("C-1"))).json()["orders"]
    found = {each["order_id"]: (each["amount"], each["placed_at"][:10]) for each in placed}
    assert (found["1"], found["2"]) == ((1234.5, "2026-02-05"), (12.5, "2026-02-06"))


async def test_results_are_harmless_in_a_spreadsheet(api: Api, published: list[bytes]) -> None:
    import_id = str(uuid4())
    text = 'customer_id,visits\n"=HYPERLINK(""http://x"")",@x\n'
    await sent(api, text, {"customer_id": "customer_id", "visits": "visits"}, import_id)
    (row,) = await table(api, import_id)
    assert row["id"].startswith("'=")
    assert row["value"] == "'@x"


async def test_erased_customers_vanish_from_the_results_of_imports(api: Api, published: list[bytes]) -> None:
    import_id = str(uuid4())
    await sent(api, PEOPLE.replace("C-3,", "C-2,"), import_id=import_id)
    await consumed(api, published)
    assert (await api.call("DELETE", page_of("C-2"), "admin")).status_code == 204
    await finish_erasures(client(api.project))
    assert [(each["row"], each["id"]) for each in await table(api, import_id)] == [
        ("2", "C-1"),
        ("3", ""),
        ("4", ""),
    ]
    (problem,) = (await api.get(f"/imports/{import_id}")).json()["problems"]
    assert (problem["id"], problem["value"], problem["row"]) == ("", "", 3)


@pytest.mark.parametrize(
    "named", ["mira@x.example\u200b", "mira@x.example\x07", "mira@x.example" + "x" * 130, ""]
)
async def test_of_a_row_that_names_no_customer_nothing_is_kept(
    api: Api, published: list[bytes], named: str
) -> None:
    import_id = str(uuid4())
    file = f"Customer ID,E-Mail,Full name,visits\n{named},no address,Mira,Mira's\n"
    assert counts(await sent(api, file, import_id=import_id))["invalid"] == 1
    (row,) = await table(api, import_id)
    assert (row["id"], row["value"], row["reason"] != "") == ("", "", True)
    orders = {"order": "order_id", "customer": "customer_id", "amount": "amount", "at": "placed_at"}
    import_id = str(uuid4())
    file = f"order,customer,amount,at\nO-1,{named},Mira's,2026-01-01\n"
    assert counts(await sent(api, file, orders, import_id, "orders"))["invalid"] == 1
    (row,) = await table(api, import_id)
    assert (row["id"], row["value"]) == ("", "")


async def test_ids_of_erased_customers_vanish_from_rows_of_others(api: Api, published: list[bytes]) -> None:
    await api.store([person(1), person(10)])
    mapping = {"C-1": "order_id", "customer": "customer_id", "amount": "amount", "at": "placed_at"}
    rows = [
        "C-1,C-2,5,2026-01-01",
        "O-2,C-2,of C-1,2026-01-01",
        "C-1-2,C-2,of C-10,2026-01-01",
        ",C-2,5,2026-01-01",
    ]
    import_id = str(uuid4())
    file = "\n".join(["C-1,customer,amount,at", *rows])
    assert (await sent(api, file, mapping, import_id, "orders")).status_code == 200
    assert (await api.call("DELETE", page_of("C-1"), "admin")).status_code == 204
    for _ in range(2):
        await finish_erasures(client(api.project))
    assert [(row["id"], row["value"], row["column"]) for row in await table(api, import_id)] == [
        ("", "", ""),
        ("O-2", "", "amount"),
        ("C-1-2", "of C-10", "amount"),
        ("C-2", "", ""),
    ]


@pytest.mark.parametrize(
    ("file_name", "row", "left"),
    [
        ("C-1.csv", "C-2,,,4", ""),
        ("Mira.csv", "C-1,,,4", ""),
        ("Mira.csv", "C-1,,,x", ""),
        ("Mira.csv", ",,Mira,4", ""),
        ("others.csv", "C-2,,,4", "others.csv"),
        ("others.csv", "C-2,,,x", "others.csv"),
    ],
)
async def test_an_erasure_drops_the_names_of_files_that_may_name_the_customer(
    api: Api, published: list[bytes], file_name: str, row: str, left: str
) -> None:
    await api.store([person(1)])
    import_id = str(uuid4())
    file = f"Customer ID,E-Mail,Full name,visits\n{row}\n"
    answer = await sent(api, file, import_id=import_id, file_name=file_name)
    assert answer.json()["file_name"] == file_name
    assert (await api.call("DELETE", page_of("C-1"), "admin")).status_code == 204
    for _ in range(2):
        await finish_erasures(client(api.project))
    assert (await api.get(f"/imports/{import_id}")).json()["file_name"] == left
    again = await sent(api, file, import_id=import_id, file_name=file_name)
    assert again.json()["file_name"] == left


@pytest.mark.parametrize("dry_run", ["true", "false"])
async def test_a_file_with_an_erased_customer_is_kept_without_its_name(
    api: Api, published: list[bytes], dry_run: str
) -> None:
    await api.store([person(1, erased_at=now())])
    answer = await sent(api, PEOPLE, file_name="Mira.csv", dry_run=dry_run)
    assert answer.json()["file_name"] == ""


@pytest.mark.parametrize(
    ("mapping", "path"),
    [
        ("no json", "mapping"),
        ({"visits": "visits"}, "mapping"),
        ({"Customer ID": "customer_id", "Gone": "email"}, "mapping.Gone"),
        ({"Customer ID": "customer_id", "visits": "nothing"}, "mapping.visits"),
        ({"Customer ID": "customer_id", "visits": "customer_id"}, "mapping.visits"),
    ],
    ids=str,
)
async def test_an_invalid_mapping_is_refused_by_path(api: Api, mapping: Any, path: str) -> None:
    answer = await sent(api, PEOPLE, mapping)
    assert answer.status_code == 422
    assert paths(answer) == [path]


async def test_bad_files_and_unknown_imports_are_refused(api: Api) -> None:
    many = "customer_id\n" + "C-1\n" * 100_001
    answer = await sent(api, many, {"customer_id": "customer_id"})
    assert (answer.status_code, paths(answer)) == (422, ["file"])
    large = await sent(api, b"a" * (26 * 2**20), {"customer_id": "customer_id"})
    assert large.status_code == 413
    open_quote = await sent(api, 'customer_id\n"C-1\n', {"customer_id": "customer_id"})
    assert (open_quote.status_code, paths(open_quote)) == (422, ["file"])
    assert (await api.get(f"/imports/{uuid4()}")).status_code == 404
    assert (await api.get("/imports/none")).status_code == 404
    assert paths(await sent(api, PEOPLE, import_id="1")) == ["import_id"]
    assert (await api.call("POST", "/imports", "viewer", data={})).status_code == 403


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[list[Table], threading.Event]]:
    """The tables of imports that have begun, and what lets them go on."""
    begun: list[Table] = []
    go_on = threading.Event()

    def count(table: Table) -> int:
        begun.append(table)
        go_on.wait(60)
        return count_rows(table)

    monkeypatch.setattr(part_of("campaigns", "campaigns_api.imports"), "count_rows", count)
    yield begun, go_on
    go_on.set()


async def test_only_so_many_files_are_imported_at_the_same_time(
    api: Api, held: tuple[list[Table], threading.Event]
) -> None:
    begun, go_on = held
    most = part_of("campaigns", "campaigns_api.services").IMPORTS
    tasks = [asyncio.create_task(sent(api, PEOPLE, dry_run=True)) for _ in range(most + 2)]
    await until_true(lambda: len(begun) == most)
    assert (await api.get("/imports")).status_code == 200
    assert len(begun) == most
    go_on.set()
    assert [(await task).status_code for task in tasks] == [200] * (most + 2)
    assert len(begun) == most + 2


async def test_an_import_that_waits_in_vain_is_asked_to_come_again(
    api: Api,
    function: Callable[[], ModuleType],
    held: tuple[list[Table], threading.Event],
    monkeypatch: pytest.MonkeyPatch,
    published: list[bytes],
) -> None:
    begun, go_on = held
    monkeypatch.setattr(part_of("campaigns", "campaigns_api.services"), "IMPORTS", 1)
    monkeypatch.setattr(part_of("campaigns", "campaigns_api.services"), "IMPORT_PATIENCE", 0.05)
    async with client_of(function()) as http:
        busy = replace(api, http=http)
        first = asyncio.create_task(sent(busy, PEOPLE))
        await until_true(lambda: len(begun) == 1)
        refused = await sent(busy, PEOPLE)
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "10")
        go_on.set()
        assert counts(await first)["created"] == 2
        assert (await sent(busy, PEOPLE)).status_code == 200
