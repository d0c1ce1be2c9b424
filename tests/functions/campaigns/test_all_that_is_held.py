"""All data of a customer: an export contains it, and an erasure leaves only ids."""

import json

import pytest

from crm.campaigns.store.frozen_lists import FrozenLists
from crm.customers.customer_key import customer_key
from crm.customers.dead_letters import DeadLetter
from crm.customers.store.dead_letters import DeadLetters
from crm.delivery.store.receipts import FirestoreReceipts
from crm.platform.clock import now
from crm.platform.firestore.client import client
from tests.functions.campaigns.conftest import NOW, Api, finish_erasures, order, page_of, person
from tests.functions.campaigns.imports import MAPPING, sent
from tests.functions.campaigns.test_customers import log_a_message
from tests.receipts import receipt
from tests.security.everything import everything

pytestmark = pytest.mark.emulator

PRIVATE = ("ana@private.example", "Ana Private", "+4915199999", "visits-of-ana")
EVERYBODY = {"combinator": "and", "rules": [], "all": True}

STAYS = {"customers", "communication_log", "audit_log", "parts"}
"""Where an erased customer's key stays: the mark that they were erased, what was sent to them, who erased
them, and the parts of the list of a launch, which go when they are in chunks."""


@pytest.fixture
async def held(api: Api) -> Api:
    """A customer of whom everything is held that can be."""
    ana = person(1, email=PRIVATE[0], name=PRIVATE[1], phone=PRIVATE[2], field_times={"email": NOW})
    await api.store([ana, person(2)], [order(1, "C-1"), order(2, "C-2")])
    database = client(api.project)
    await log_a_message(api.project, "C-1")
    await FirestoreReceipts(database).commit(unmatched=[receipt("m1")])
    segment = (await api.post("/segments", {"name": "All", "rules": EVERYBODY})).json()["id"]
    assert (await api.post(f"/segments/{segment}/snapshots")).status_code == 201
    file = f"Customer ID,E-Mail,Full name,visits\nC-1,,,{PRIVATE[3]}\nC-2,,,4\n"
    assert (await sent(api, file, MAPPING, dry_run="true")).status_code == 200
    records = {"kind": "customers", "records": [{"customer_id": "C-1", "email": PRIVATE[0]}]}
    letter = DeadLetter(
        source="records", reason="broken", payload=json.dumps(records).encode(), attributes={}
    )
    await DeadLetters(database).keep_all([letter])
    await FrozenLists(database).write("c1", [[customer_key("C-1"), customer_key("C-2")]], now())
    return api


async def test_an_export_has_everything_of_the_customer_and_nothing_of_others(held: Api) -> None:
    await held.get(f"{page_of('C-1')}/export")
    found = (await held.get(f"{page_of('C-1')}/export")).json()
    assert [each["segment_name"] for each in found["segments"]] == ["All"]
    assert [(each["outcome"], each["value"]) for each in found["imports"]] == [("invalid", PRIVATE[3])]
    (letter,) = found["dead_letters"]
    assert PRIVATE[0] in letter["content"]
    assert [(each["action"], each["outcome"]) for each in found["audit_events"]] == [
        ("customer.export", "unknown"),  # this one
        ("customer.export", "done"),
    ]
    assert (len(found["orders"]), len(found["messages"])) == (1, 1)
    assert "C-2" not in json.dumps(found)


async def test_an_erasure_leaves_only_keys(held: Api) -> None:
    before = [text async for _, text in everything(client(held.project))]
    assert all(any(private in text for text in before) for private in PRIVATE)

    assert (await held.call("DELETE", page_of("C-1"), "admin")).status_code == 204
    await finish_erasures(client(held.project))

    after = [(path.split("/")[-2], text) async for path, text in everything(client(held.project))]
    after = [(where, text) for where, text in after if where != "audience_log"]  # the next compaction's
    assert [where for where, text in after if any(private in text for private in PRIVATE)] == []
    assert [where for where, text in after if "C-1" in text] == []
    assert {where for where, text in after if customer_key("C-1") in text} == STAYS
    assert {where for where, text in after if "C-2" in text} > {"orders", "segment_members", "results"}
