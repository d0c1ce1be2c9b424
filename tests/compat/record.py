"""Write down what this version writes: `python -m tests.compat.record 1.0.0`, once, when it is released."""

import asyncio
import os
import sys
from collections import defaultdict
from typing import Any

from crm.customers.customer_key import use_secret
from crm.platform.firestore.client import client
from crm.schemas import MESSAGES, SCHEMA
from devstack.emulators import Emulators
from tests.compat import files, journey
from tests.compat.readers import readable
from tests.support import ID_KEY


async def record(version: str) -> None:
    database = client("compat")
    published = await journey.walk(database)
    for topic, messages in published.items():
        attributes = {SCHEMA: str(MESSAGES[topic])}
        found = [{"data": data.decode(), "attributes": attributes} for data in messages]
        files.write(version, "messages", topic, found)
    stored: dict[str, list[Any]] = defaultdict(list)
    for document in await files.everything(database):
        stored[document.collection].append({"path": document.path, "fields": files.as_json(document.fields)})
    for collection, found in stored.items():
        files.write(version, "documents", collection, found)
    said: dict[str, dict[str, Any]] = defaultdict(dict)
    for document in files.documents_of(version):
        said[document.collection][document.path] = await readable(database, document)
    for collection, values in said.items():
        files.write(version, "expected", collection, values)


if __name__ == "__main__":
    use_secret(ID_KEY)
    with Emulators.running() as emulators:
        os.environ.update(emulators.environment)
        asyncio.run(record(sys.argv[1]))
