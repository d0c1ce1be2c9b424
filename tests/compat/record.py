"""Write down what this version writes, and its commit: `python -m tests.compat.record 1.0.0`, once, in a
checkout of what is released.
"""

import asyncio
import os
import subprocess
import sys
from collections import defaultdict
from typing import Any

from crm.customers.customer_key import use_secret
from crm.platform.firestore.client import client
from crm.schemas import MESSAGES, SCHEMA
from devstack.emulators import Emulators
from tests.compat import files, journey
from tests.compat.readers import readable
from tests.support import ID_KEY, ROOT


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


def released() -> str:
    """The commit of this checkout. Raises SystemExit where something else than tests differs from it."""
    changed = _git("status", "--porcelain", "--", ".", ":!tests")
    if changed:
        raise SystemExit(f"Only a release as it is committed is recorded. These differ:\n{changed}")
    return _git("rev-parse", "HEAD")


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip()


if __name__ == "__main__":
    files.write_release(sys.argv[1], released())
    use_secret(ID_KEY)
    with Emulators.running() as emulators:
        os.environ.update(emulators.environment)
        asyncio.run(record(sys.argv[1]))
