"""What released versions wrote is read as they meant it; what a newer one may add is ignored, and kept.

A collection or topic that is new fails here until it has a sample: see `tests.compat.record`.
"""

import json
import os
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from polars.testing import assert_frame_equal

from crm.audience.engine.blocks import pack_block, unpack_block
from crm.campaigns.store import campaigns
from crm.customers.dead_letters import DeadLetter
from crm.customers.packs import unpack
from crm.customers.store import customers, orders
from crm.customers.store.customers import ERASED, Customers
from crm.customers.store.records import FirestoreRecords
from crm.delivery.store import communication_log
from crm.platform.firestore import documents
from crm.platform.firestore.client import client
from crm.retention import FIXED, KEPT, PERIODS
from crm.summaries import store as summaries
from crm.topology import PUSHES
from devstack.broker import Broker
from tests.compat import files
from tests.compat.files import Document
from tests.compat.later import NAME, VALUE, document_of_later, marks, message_of_later
from tests.compat.readers import READERS, readable
from tests.compat.rewriters import NEVER_REWRITTEN, REWRITERS
from tests.delivery.campaign_stores import envelope
from tests.support import client_of, load_function, part_of

pytestmark = [
    pytest.mark.emulator,
    pytest.mark.usefixtures("vendor_stub"),
    pytest.mark.parametrize("version", files.versions()),
]

COLLECTIONS = {*FIXED, *KEPT, *(name for period in PERIODS.values() for name in period.collections)}
TOPICS = {push.topic for push in PUSHES}


def differences(expected: Any, found: Any, place: str = "") -> list[str]:
    """Where `found` says something else. It may say more: a newer version knows more fields."""
    if isinstance(expected, dict) and isinstance(found, dict):
        return [
            each
            for name, value in expected.items()
            for each in differences(value, found.get(name, "nothing"), f"{place}.{name}")
        ]
    if isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        return [
            each
            for number, (one, other) in enumerate(zip(expected, found, strict=True))
            for each in differences(one, other, f"{place}[{number}]")
        ]
    return [] if expected == found else [f"{place}: {found!r}, not {expected!r}"]


async def said(project: str, version: str, change: Callable[[Document], Document]) -> list[str]:
    """What the changed documents say that the recorded ones do not, or the other way around."""
    database, expected = client(project), files.expected_of(version)
    changed = [change(document) for document in files.documents_of(version)]
    await files.load(database, changed)
    return [
        each
        for document in changed
        for each in differences(
            _without_others(expected[document.path]),
            _without_others(await readable(database, document)),
            document.path,
        )
    ]


def _without_others(value: Any) -> Any:
    """What is read, without what is only kept."""
    if isinstance(value, dict):
        return {name: _without_others(each) for name, each in value.items() if name not in ("others", NAME)}
    return [_without_others(each) for each in value] if isinstance(value, list) else value


def test_every_collection_and_topic_has_a_sample(version: str) -> None:
    recorded = {document.collection for each in files.versions() for document in files.documents_of(each)}
    topics = {topic for each in files.versions() for topic in files.messages_of(each)}
    assert recorded == COLLECTIONS
    assert topics == TOPICS
    assert READERS.keys() == COLLECTIONS
    assert REWRITERS.keys() | NEVER_REWRITTEN == COLLECTIONS
    assert not REWRITERS.keys() & NEVER_REWRITTEN


async def test_documents_say_what_they_said(project: str, version: str) -> None:
    assert await said(project, version, lambda document: document) == []


async def test_what_a_newer_version_adds_to_documents_is_ignored(project: str, version: str) -> None:
    assert await said(project, version, document_of_later) == []


@pytest.mark.parametrize("collection", REWRITERS)
async def test_what_a_newer_version_added_is_kept_by_a_rewrite(
    project: str, version: str, collection: str
) -> None:
    database = client(project)
    later = {each.path: document_of_later(each) for each in files.documents_of(version)}
    await files.load(database, list(later.values()))
    before = {document.path: document for document in await files.everything(database)}

    await REWRITERS[collection](database)

    after = {document.path: document for document in await files.everything(database)}
    mine = [path for path, document in later.items() if document.collection == collection and path in after]
    assert any(after[path].fields != before[path].fields for path in mine)
    lost = {mark for path in mine for mark in marks(later[path]) - marks(after[path])}
    assert lost - MEANT_TO_GO.get(collection, set()) == set()


MEANT_TO_GO: Mapping[str, set[str]] = {
    # The one partition is made anew, with pieces of its own.
    "audience_state": {"audience_state/manifest.blocks()[][][] as an element"},
    # The same figures from the same rows: a recount is resumed with what this version counts.
    "supervision": {"campaigns/c1/supervision/recount.state()"},
}


async def push(project: str, headers: dict[str, str], topic: str, data: bytes) -> None:
    """Have the topic's function handle a message, which must not become a dead letter."""
    database = client(project)
    letters = database.collection("dead_letters")
    before = await documents.count(database, letters)
    function = next(push.function for push in PUSHES if push.topic == topic)
    async with client_of(load_function(function), headers=headers) as http:
        answer = await http.post(f"/events/{topic}", json=envelope(data))
    assert answer.status_code == 204, answer.text
    assert await documents.count(database, letters) == before + (topic == "dead-letters")


@pytest.mark.parametrize("topic", sorted(TOPICS - {"vendor-callbacks"}))
@pytest.mark.parametrize("grown", [bytes, message_of_later], ids=["recorded", "newer"])
async def test_messages_are_handled(
    project: str,
    version: str,
    topic: str,
    grown: Callable[[bytes], bytes],
    push_headers: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CRM_WEBHOOK_KEY", "a key for tests that is long enough for that")
    monkeypatch.setenv("CRM_WEBHOOK_SECRETS", "whsec_" + "a" * 32)
    broker = Broker(os.environ["PUBSUB_EMULATOR_HOST"], project)
    broker.create_topic("chunks")
    await files.load(client(project), files.documents_of(version))
    for message in files.messages_of(version).get(topic, ()):
        await push(project, push_headers, topic, grown(message.data))


async def test_a_record_is_stored_with_what_a_newer_version_added(
    project: str, version: str, push_headers: dict[str, str]
) -> None:
    for message in files.messages_of(version)["records"]:
        await push(project, push_headers, "records", message_of_later(message.data))

    database = client(project)
    people = await Customers(database).get(["C-1", "C-2"])
    placed = await FirestoreRecords(database).orders_of("C-1")
    assert [customer.others for customer in people.values()] == [{NAME: VALUE}] * 2
    assert [order.others for order in placed] == [{NAME: VALUE}] * 2
    assert people["C-1"].field_times[NAME] == people["C-1"].field_times["email"]
    stored = await documents.get_many(database, [f"customers/{key}" for key in await _keys(project)])
    assert [document.fields[NAME] for document in stored.values()] == [VALUE] * 3


async def _keys(project: str) -> list[str]:
    found = await documents.query(client(project), client(project).collection("customers"))
    return list(found.documents)


def test_callbacks_of_the_vendor_are_read(version: str) -> None:
    module = part_of("vendor", "vendor_sim.callbacks")
    for message in files.messages_of(version)["vendor-callbacks"]:
        plain = module.Callbacks.model_validate_json(message.data)
        later = module.Callbacks.model_validate_json(message_of_later(message.data))
        assert plain.not_before == later.not_before
        (sent,) = (json.loads(body)["receipts"] for body in module.calls(later, 100))
        assert sent == [{**receipt, NAME: VALUE} for receipt in plain.receipts]


def test_records_say_what_they_said(version: str) -> None:
    """All that the message holds is in the record, and nothing else."""
    for message in files.messages_of(version)["records"]:
        stated = json.loads(message.data)["records"]
        for record, said in zip(unpack(message.data), stated, strict=True):
            assert not isinstance(record, DeadLetter)
            again = json.loads(record.model_dump_json(exclude_unset=True))
            assert again == said


CODECS: Mapping[str, Callable[[Mapping[str, Any]], Mapping[str, Any]]] = {
    "campaigns": lambda fields: campaigns.encode(campaigns.decode("c1", fields)),
    "communication_log": lambda fields: communication_log.encode(communication_log.decode(fields)),
    "customers": lambda fields: customers.encode(customers.decode(fields)),
    "orders": lambda fields: orders.encode(orders.decode(fields)),
    "summaries": lambda fields: summaries.encode(summaries.decode("c1", fields)),
}
"""How the fields of documents are decoded and encoded again."""

KEEPERS = ("customers", "orders")
"""Collections whose rows carry what is unknown. The commits of others name the fields that they write."""


@pytest.mark.parametrize("collection", CODECS)
def test_documents_that_are_encoded_again_lose_nothing(version: str, collection: str) -> None:
    mine = [each for each in files.documents_of(version) if each.collection == collection]
    assert mine
    if collection in KEEPERS:
        mine += [document_of_later(each) for each in mine if ERASED not in each.fields]
    for document in mine:
        again = CODECS[collection](document.fields)
        assert differences(dict(document.fields), dict(again), document.path) == []


def test_a_block_that_is_packed_again_holds_the_same_rows(version: str) -> None:
    for document in files.documents_of(version):
        if document.collection == "audience_blocks":
            rows = unpack_block(document.fields["payload"])
            again = unpack_block(pack_block(rows))
            assert_frame_equal(rows.customers, again.customers, check_row_order=False)
            assert_frame_equal(rows.orders, again.orders, check_row_order=False)


def test_the_commit_of_a_release_is_known(version: str) -> None:
    assert version in files.releases()
    assert sorted(files.releases()) == files.versions()
