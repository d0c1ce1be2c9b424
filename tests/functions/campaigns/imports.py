"""What tests of imports share: sending a file, and what became of it."""

import csv
import io
import json
from typing import Any
from uuid import uuid4

import httpx2

from crm.customers.packs import unpack
from crm.customers.store.records import FirestoreRecords
from crm.customers.usecases.persist import PersistRecords
from crm.platform.firestore.client import client
from tests.functions.campaigns.conftest import Api
from tests.support import no_pause

PEOPLE = (
    "Customer ID,E-Mail,Full name,visits\nC-1,c1@example.com,Zoë,3\nC-2,,=1+1,x\nC-3,c3@example.com,Al,1\n"
)

MAPPING = {"Customer ID": "customer_id", "E-Mail": "email", "Full name": "name", "visits": "visits"}


async def consumed(api: Api, published: list[bytes]) -> None:
    """Store the published records, as the consumer does."""
    records = [record for message in published for record in unpack(message)]
    persist = PersistRecords(records=FirestoreRecords(client(api.project)), pause=no_pause)
    await persist(records)


async def sent(
    api: Api,
    text: str | bytes,
    mapping: Any = MAPPING,
    import_id: str | None = None,
    kind: str = "customers",
    file_name: str = "people.csv",
    **query: Any,
) -> httpx2.Response:
    data = text.encode() if isinstance(text, str) else text
    return await api.call(
        "POST",
        "/imports",
        params=query,
        files={"file": (file_name, data, "text/csv")},
        data={
            "kind": kind,
            "mapping": mapping if isinstance(mapping, str) else json.dumps(mapping),
            "import_id": import_id or str(uuid4()),
        },
    )


async def looked_at(api: Api, data: bytes, kind: str = "customers") -> httpx2.Response:
    files = {"file": ("people.csv", data, "text/csv")}
    return await api.call("POST", "/imports/columns", files=files, data={"kind": kind})


def counts(answer: httpx2.Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    body = answer.json()
    return {name: body[name] for name in ("state", "rows", "created", "updated", "skipped", "invalid")}


async def table(api: Api, import_id: str) -> list[dict[str, str]]:
    answer = await api.get(f"/imports/{import_id}/results.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    return list(csv.DictReader(io.StringIO(answer.text)))
