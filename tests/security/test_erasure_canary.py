"""A person whose every field is a canary goes through everything, is erased, and is found nowhere."""

import hashlib
import json
import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final
from uuid import uuid4

import pytest

from crm.access.route_rules import RULES_OF
from crm.customers.customer_key import customer_key
from crm.customers.unsubscribe_links import UnsubscribeLinks
from crm.entry.logs import JsonLines
from crm.privacy.store.customer_data import FirestoreCustomerData
from crm.privacy.usecases.erase import EraseCustomer
from crm.privacy.usecases.erase_by_id import EraseById
from tests.builders import message_to
from tests.delivery.campaign_stores import envelope
from tests.functions.campaigns.conftest import page_of
from tests.functions.campaigns.imports import sent
from tests.privacy.memory_ledger import MemoryLedger
from tests.security.conftest import Everybody
from tests.security.everything import everything
from tests.support import PUBLIC_URL, UNSUBSCRIBE_KEY
from tests.vendor_stub import VendorStub

pytestmark = pytest.mark.emulator

MARK: Final = "qzcanary"
"""Is part of every text about the person, in any case of its letters."""

PHONE: Final = "+4915155509876"
ID: Final = f"{MARK}.id@shop.example"
EMAIL: Final = f"{MARK}.mail@private.example"
NAME: Final = f"{MARK.title()} Maria Longname"

PERSON: Final[dict[str, Any]] = {
    "customer_id": ID,
    "email": EMAIL,
    "phone": PHONE,
    "name": NAME,
    "city": f"{MARK} city by the sea",
    "country": f"{MARK} country",
    "birthday": "1987-06-05",
    "tags": [f"{MARK} tag with many letters"],
    "consents": {"email": True},
    "attributes": {f"{MARK}_attribute": f"{MARK} value of an attribute", "shared": f"{MARK} shared value"},
}
ORDER: Final[dict[str, Any]] = {
    "order_id": f"{MARK}-order-2026-0001",
    "customer_id": ID,
    "amount": 1234.5,
    "currency": "GBP",
    "category": f"{MARK} category of goods",
    "placed_at": "2026-02-01T10:00:00Z",
}
OTHERS: Final = [
    {
        "customer_id": f"other-customer-{number}@shop.example",
        "email": f"other-{number}@private.example",
        "name": f"Other Person Number {number}",
    }
    for number in range(20)
]
RECORD: Final = json.dumps({"customer_id": ID, "name": NAME, "visits": "x"})
LETTERS: Final = [
    json.dumps({"kind": "customers", "records": [{**PERSON, "customer_id": f" {ID}\t", "visits": "x"}]}),
    json.dumps({"kind": "customers", "records": [{**PERSON, "customer_id": f"{ID}\u200b"}]}),
    json.dumps({"kind": "customers", "records": [{**PERSON, "customer_id": [ID]}]}),
    json.dumps({"kind": "other", "records": [PERSON]}),
    json.dumps({"kind": "customers", "records": {"a": PERSON}}),
    json.dumps({"kind": "customers", "records": [[PERSON]]}),
    json.dumps([PERSON]),
    json.dumps(json.dumps(PERSON)),
    json.dumps({"receipts": [{"message_id": ID, "status": "bogus", "reason": NAME}]}),
    RECORD.replace("}", ', "customer_id": "other"}'),
    RECORD.replace('"x"', f'{"[" * 1_500}"x"{"]" * 1_500}'),
    RECORD.replace("@", "\\u0040"),
    RECORD[:-2],
    f"{ID} is {NAME}",
]
"""Payloads of any form that name the person."""

UNINDEXED: Final = [
    json.dumps({"kind": "customers", "records": [{"customer_id": ID + "x" * 130, "name": NAME}]}),
    json.dumps([*({"customer_id": f"a-{number}"} for number in range(1_000)), PERSON]),
]
"""Payloads that name the person and are not indexed by them, so they are found only if they are there when
the erasure is finished."""

CUSTOMER: Final = ("customer_id", "name", "visits")
BOUGHT: Final = ("order_id", "customer_id", "amount", "placed_at")
ROWS: Final = [
    ("customers", CUSTOMER, f"{ID}\u200b,{NAME},{MARK}"),
    ("customers", CUSTOMER, f"{ID}\x07,{NAME},{MARK}"),
    ("customers", CUSTOMER, f"{ID}{'x' * 130},{NAME},{MARK}"),
    ("customers", CUSTOMER, f",{NAME},{MARK}"),
    ("orders", BOUGHT, f"O-1,{ID},{MARK},2026-01-01"),
    ("orders", BOUGHT, f"{ID},,5,2026-01-01"),
]
"""The kind, the columns and a row of files that name the person."""

ORDER_OF_ANOTHER: Final = ("orders", BOUGHT, f"{ID},other,x,2026-01-01")
"""Its id is the person's. It is found only if it is there when the erasure is finished."""

REASON: Final = f"550 5.1.1 {NAME} <{EMAIL}> of {MARK} city: mailbox full"
EVERYBODY: Final = {"combinator": "and", "rules": [], "all": True}
CAMPAIGN: Final[dict[str, Any]] = {
    "channel": "simulator",
    "rules": EVERYBODY,
    "message": {"subject": None, "body": "Hi {{ customer.name }}, of {{ customer.attributes.shared }}"},
}
UNSUBSCRIBE: Final = "/unsubscribe/{token}"
"""The one page of other functions that tells of a person."""

GUESSES: Final = [
    digest.hexdigest()[:32]
    for text in (ID, EMAIL)
    for digest in (hashlib.sha256(text.encode()), hashlib.sha1(text.encode()), hashlib.md5(text.encode()))
]
"""What anybody can compute of who it might have been."""


async def test_of_somebody_who_was_erased_nothing_is_left_anywhere(
    everybody: Everybody, vendor_stub: VendorStub, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    await _known(everybody)
    rows = [*ROWS, ORDER_OF_ANOTHER]
    imports = [await _imported(everybody, dry_run, rows, f"{NAME}.csv") for dry_run in (True, False)]
    segment = (await everybody.api.post("/segments", {"name": "All", "rules": EVERYBODY})).json()["id"]
    assert (await everybody.api.post(f"/segments/{segment}/snapshots")).status_code == 201
    await _named_in_rules(everybody)
    rejected = await _rejected(everybody, vendor_stub)
    failed = await _failed(everybody)
    await _unsubscribed(everybody, failed)
    paused, frozen = await _paused(everybody), await _frozen(everybody)
    assert NAME in (await everybody.api.get(f"/campaigns/{failed}/log.csv")).text
    assert EMAIL in (await everybody.api.call("GET", f"{page_of(ID)}/export", "admin")).text
    assert len(await _found(everybody)) > 10

    assert (await everybody.api.call("DELETE", page_of(ID), "admin")).status_code == 204
    assert not _names((await everybody.api.post("/customers/search", {})).text)
    await everybody.finishes_erasures()
    assert await _found(everybody) == {}
    await _said_again(everybody, rejected)
    await everybody.finishes_erasures()

    assert await _found(everybody) == {}
    assert await _answered(everybody, [rejected, failed], segment, imports) == []
    assert [line for line in _logged(caplog) if _names(line)] == []
    for campaign_id in (paused, frozen):
        await _sent_without_them(everybody, vendor_stub, campaign_id)
    assert await _found(everybody) == {}
    kept = {row.customer_key: row for row in await everybody.world.log.of_campaign(failed, 99)}
    assert len(kept) == len(OTHERS) + 2
    assert kept[customer_key(ID)].reason == "550 5.1.1 … <…> of … …: mailbox full"


async def test_of_somebody_who_was_never_a_customer_nothing_is_left_either(everybody: Everybody) -> None:
    """They are only in dead letters, in rows of files that were refused, and in rules."""
    await everybody.ingests("customers", *OTHERS)
    await _not_understood(everybody, [*LETTERS, *UNINDEXED])
    rows = [*ROWS[:-1], ORDER_OF_ANOTHER, ("customers", CUSTOMER, f"{ID},{NAME},{MARK}")]
    for kind, fields, row in rows:
        file = ",".join(fields) + "\n" + row + "\n"
        same = {name: name for name in fields}
        answer = await sent(everybody.api, file, same, kind=kind, file_name=f"{NAME}.csv")
        assert answer.status_code == 200, answer.text
    await everybody.stores()
    await _named_in_rules(everybody)
    assert (await everybody.api.call("DELETE", page_of(ID), "admin")).status_code == 404
    assert {path.split("/")[0] for path in await _found(everybody)} == {"dead_letters", "imports", "segments"}

    for _ in range(2):
        store, ledger = FirestoreCustomerData(everybody.world.database), MemoryLedger()
        erase = EraseById(store=store, ledger=ledger, erase=EraseCustomer(store=store, ledger=ledger))
        await erase(ID, datetime.now(UTC))
        assert list(ledger.kept) == [customer_key(ID)]
        await everybody.finishes_erasures()
        assert await _found(everybody) == {}
        await everybody.ingests("customers", PERSON)
        await everybody.ingests("orders", ORDER)
        await _not_understood(everybody, LETTERS)
        assert await _found(everybody) == {}
        # A repeat finds what the mark alone does not: letters that the id is not an index of.
        await _not_understood(everybody, UNINDEXED)
        assert await _found(everybody) != {}


async def _known(everybody: Everybody) -> None:
    """Ingested, changed since, with an order, and compacted twice; also by a newer version, and once not
    understood."""
    await everybody.ingests("customers", PERSON, *OTHERS)
    await everybody.ingests("orders", ORDER)
    await everybody.finishes_erasures()
    await everybody.ingests("customers", {**PERSON, "city": f"another {MARK} city", "visits": 9})
    await _of_a_newer_version(everybody)
    await _not_understood(everybody, [*LETTERS, *UNINDEXED])


async def _of_a_newer_version(everybody: Everybody) -> None:
    """Fields that this version does not know, in a customer and an order."""
    later = {"later": f"{MARK} of later", "updated_at": datetime.now(UTC).isoformat()}
    for kind, record in (("customers", {"customer_id": ID, **later}), ("orders", {**ORDER, **later})):
        body = json.dumps({"kind": kind, "records": [record]}).encode()
        assert (await everybody.consumer.post("/events/records", json=envelope(body))).status_code == 204
    found = (await _found(everybody)).items()
    assert {path.split("/")[0] for path, text in found if "of later" in text} == {"customers", "orders"}


async def _not_understood(everybody: Everybody, payloads: Sequence[str]) -> None:
    pack = {"kind": "customers", "records": [{**PERSON, "visits": f"{MARK} visits"}, OTHERS[0]]}
    body = json.dumps(pack).encode()
    assert (await everybody.consumer.post("/events/records", json=envelope(body))).status_code == 204
    assert (await everybody.consumer.post("/events/dead-letters", json=envelope(body))).status_code == 204
    for payload in payloads:
        await _not_taken(everybody, payload.encode())


async def _not_taken(everybody: Everybody, payload: bytes) -> None:
    """Whatever reads a topic keeps it as a dead letter."""
    body = envelope(payload)
    answers = [
        await everybody.consumer.post("/events/records", json=body),
        await everybody.consumer.post("/events/dead-letters", json=body),
        await everybody.receipts.post("/events/receipts", json=body),
        await everybody.world.pushes("chunks", payload),
    ]
    assert [answer.status_code for answer in answers] == [204] * len(answers)


async def _imported(
    everybody: Everybody, dry_run: bool, rows: Sequence[tuple[str, Sequence[str], str]], file_name: str
) -> str:
    """A file that is called like the person, and a file of this name for each of the rows."""
    import_id = str(uuid4())
    mapping = {"Customer ID": "customer_id", "E-Mail": "email", "visits": "visits"}
    file = f"Customer ID,E-Mail,visits\n{ID},{EMAIL},7\n{ID},{EMAIL},{MARK} visits\nother,o@shop.example,1\n"
    dry = {"dry_run": str(dry_run).lower()}
    answer = await sent(everybody.api, file, mapping, import_id, file_name=f"{NAME}.csv", **dry)
    assert answer.status_code == 200, answer.text
    for kind, fields, row in rows:
        other = ",".join(fields) + "\n" + row + "\n"
        same = {name: name for name in fields}
        answer = await sent(everybody.api, other, same, kind=kind, file_name=file_name, **dry)
        assert answer.status_code == 200, answer.text
    await everybody.stores()
    return import_id


async def _named_in_rules(everybody: Everybody) -> None:
    """A segment that names the person by id, now and in an earlier version."""
    one = {"field": "customer_id", "operator": "=", "value": ID}
    two = {"field": "customer_id", "operator": "notIn", "value": [ID, "other"]}
    path = "/segments"
    for method, rule in (("POST", one), ("PUT", two)):
        body = {"name": "Some", "rules": {"combinator": "and", "rules": [rule]}}
        answer = await everybody.api.call(method, path, json=body)
        assert answer.status_code in (200, 201), answer.text
        path = f"/segments/{answer.json()['id']}"


async def _launched(everybody: Everybody) -> str:
    answer = await everybody.api.post("/campaigns", {"name": f"To all {uuid4()}", **CAMPAIGN})
    assert answer.status_code == 201, answer.text
    campaign_id: str = answer.json()["id"]
    assert (await everybody.api.post(f"/campaigns/{campaign_id}/launch")).status_code == 202
    return campaign_id


async def _rejected(everybody: Everybody, vendor_stub: VendorStub) -> str:
    """A test to a marketer, rejected; and a campaign whose message to the person is rejected, with a reason
    that names them."""
    vendor_stub.rejects = {EMAIL: REASON, "marketer@example.com": REASON}
    campaign_id = await _launched(everybody)
    tested = await everybody.api.post(f"/campaigns/{campaign_id}/test", {"key": customer_key(ID)})
    assert (tested.status_code, tested.json()["status"]) == (202, "rejected")
    await everybody.sends()
    vendor_stub.rejects = {}
    return campaign_id


async def _failed(everybody: Everybody) -> str:
    """A campaign whose message to the person fails later; and receipts of messages that nobody knows."""
    campaign_id = await _launched(everybody)
    await everybody.sends()
    await _receipts(everybody, campaign_id)
    return campaign_id


async def _receipts(everybody: Everybody, campaign_id: str) -> None:
    failed = {"status": "failed", "reason": REASON}
    unknown = [EMAIL, hashlib.md5(ID.encode()).hexdigest()[::-1]]
    names = [message_to(campaign_id, ID), *unknown]
    await everybody.reports(*({"message_id": name, **failed} for name in names))


async def _unsubscribed(everybody: Everybody, campaign_id: str) -> None:
    """From e-mails, by the link; the campaigns go by the simulator."""
    link = _link(campaign_id)
    assert MARK not in link
    assert (await everybody.receipts.post(link, data={"List-Unsubscribe": "One-Click"})).status_code == 200


def _link(campaign_id: str) -> str:
    links = UnsubscribeLinks(PUBLIC_URL, [UNSUBSCRIBE_KEY])
    return links.to(customer_key(ID), "email", message_to(campaign_id, ID)).removeprefix(PUBLIC_URL)


async def _paused(everybody: Everybody) -> str:
    """A campaign that pauses before it sends: the person is in a chunk."""
    campaign_id = await _launched(everybody)
    await everybody.world.handles("partitions")
    everybody.world.takes("chunks")
    assert (await everybody.api.post(f"/campaigns/{campaign_id}/pause")).status_code == 202
    return campaign_id


async def _frozen(everybody: Everybody) -> str:
    """A campaign that pauses even before its list is cut into chunks."""
    campaign_id = await _launched(everybody)
    everybody.world.takes("partitions")
    assert (await everybody.api.post(f"/campaigns/{campaign_id}/pause")).status_code == 202
    return campaign_id


async def _said_again(everybody: Everybody, campaign_id: str) -> None:
    """Everything that can still come after an erasure."""
    await everybody.ingests("customers", PERSON)
    await everybody.ingests("orders", ORDER)
    await _not_understood(everybody, LETTERS)
    await _imported(everybody, False, ROWS, "people.csv")
    await _receipts(everybody, campaign_id)


async def _sent_without_them(everybody: Everybody, vendor_stub: VendorStub, campaign_id: str) -> None:
    """Resume a campaign: the person is skipped, and the figures add up."""
    already = len(vendor_stub.ledger)
    assert (await everybody.api.post(f"/campaigns/{campaign_id}/resume")).status_code == 202
    await everybody.sends()
    stats = await everybody.world.stats(campaign_id)
    recipients = len(OTHERS) + 1
    audience = recipients + 1  # "other", from the import
    assert stats == {"audience": audience, "sent": recipients, "accepted": recipients, "skipped": 1}
    assert len(vendor_stub.ledger) == already + recipients
    rows = {row.customer_key: row for row in await everybody.world.log.of_campaign(campaign_id, 99)}
    assert (rows[customer_key(ID)].status, rows[customer_key(ID)].reason) == ("skipped", "erased")


async def _answered(
    everybody: Everybody, campaigns: list[str], segment: str, imports: list[str]
) -> list[str]:
    """The calls whose answers still name the person. A new route that reads needs its call here."""
    wanted = _routes(campaigns, segment, imports)
    assert wanted.keys() | {UNSUBSCRIBE} == {
        route.removeprefix("GET /api/v1")
        for function, rules in RULES_OF.items()
        for route, rule in rules.items()
        if function != "vendor" and route.startswith("GET ") and rule.needs != "public"
    }
    found = []
    for paths in wanted.values():
        for path, status in paths.items():
            answer = await everybody.api.call("GET", path, "admin")
            assert answer.status_code == status, (path, answer.text)
            if _names(answer.text):
                found.append(f"{path}: {answer.text}")
    snapshots = (await everybody.api.get(f"/segments/{segment}/snapshots")).json()["data"]
    assert snapshots
    asked: tuple[tuple[str, dict[str, Any]], ...] = (
        ("/audience/preview", {"rules": EVERYBODY, "channel": "simulator"}),
        ("/customers/search", {}),
        ("/customers/search", {"query": MARK}),
        (
            "/messages/previews",
            {"message": {"subject": None, "body": "Hi {{ customer.name }}"}, "keys": [customer_key(ID)]},
        ),
        *((f"/segments/{segment}/changes", {"from": each["id"]}) for each in snapshots),
    )
    answers = [await everybody.api.post(path, body) for path, body in asked]
    assert [answer.status_code for answer in answers] == [200] * len(asked)
    answers.append(await everybody.receipts.get(_link(campaigns[0])))
    assert answers[-1].status_code == 200
    return found + [answer.text for answer in answers if _names(answer.text)]


def _routes(campaigns: list[str], segment: str, imports: list[str]) -> dict[str, dict[str, int]]:
    """Every route of the web app's API that reads → its paths here, and what they are answered with."""
    alone = (
        *("/session", "/limits", "/overview", "/segments", "/segments/fields", "/messages/variables"),
        *("/imports", "/campaigns", "/keys", "/members", "/webhook-secrets"),
        *("/audit", "/audit.csv"),
    )
    below = {
        "/segments/{id}": ("", "/versions", "/snapshots"),
        "/imports/{id}": ("", "/results.csv"),
        "/campaigns/{id}": ("", "/timeline", "/log", "/log.csv"),
    }
    ids = {"/segments/{id}": [segment], "/imports/{id}": imports, "/campaigns/{id}": campaigns}
    return {
        **{path: {path: 200} for path in alone},
        "/campaigns/estimate": {"/campaigns/estimate?recipients=1": 200},
        **{
            f"{path}{what}": {path.replace("{id}", each) + what: 200 for each in ids[path]}
            for path, parts in below.items()
            for what in parts
        },
        **{f"/customers/{{key}}{what}": {page_of(ID) + what: 404} for what in ("", "/segments", "/export")},
    }


async def _found(everybody: Everybody) -> dict[str, str]:
    """The documents that name the person."""
    return {path: text async for path, text in everything(everybody.world.database) if _names(text)}


def _names(text: str) -> bool:
    lower = text.casefold()
    return any(each in lower for each in (MARK, PHONE.removeprefix("+"), *GUESSES))


def _logged(caplog: pytest.LogCaptureFixture) -> list[str]:
    """The lines that the functions log, without those of the test's own HTTP client."""
    lines = JsonLines()
    return [lines.format(record) for record in caplog.records if not record.name.startswith("httpx2")]
