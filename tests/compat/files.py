"""What a version of the code wrote, as files: messages as text, documents in the JSON of Firestore's API.

Below `recorded/<version>`: `messages/<topic>.json`, `documents/<collection>.json`, and
`expected/<collection>.json` with what the documents say.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from google.cloud.firestore import AsyncClient
from google.cloud.firestore_v1.types import Document as DocumentMessage
from google.cloud.firestore_v1.types import Write
from google.protobuf.json_format import MessageToDict, ParseDict  # type: ignore[import-untyped]  # no stubs

from crm.platform.firestore import calls, documents, values

RECORDED = Path(__file__).parent / "recorded"
RELEASES = RECORDED.with_name("releases.json")
"""Version → commit of what was released; clones may lack the tags."""

WRITTEN_TOGETHER = 20


@dataclass(frozen=True)
class Document:
    """A document with fields as Python values."""

    path: str
    fields: Mapping[str, Any]

    @property
    def collection(self) -> str:
        return self.path.split("/")[-2]


@dataclass(frozen=True)
class Message:
    """A message of a topic."""

    data: bytes
    attributes: Mapping[str, str]


def versions() -> list[str]:
    return sorted(path.name for path in RECORDED.iterdir())


def releases() -> dict[str, str]:
    found: dict[str, str] = json.loads(RELEASES.read_text())
    return found


def write_release(version: str, commit: str) -> None:
    RELEASES.write_text(json.dumps({**releases(), version: commit}, indent=1) + "\n")


def documents_of(version: str) -> list[Document]:
    found = []
    for file in sorted((RECORDED / version / "documents").iterdir()):
        for each in json.loads(file.read_text()):
            message = ParseDict({"fields": each["fields"]}, DocumentMessage.pb()())
            fields = {name: values.decoded(value) for name, value in message.fields.items()}
            found.append(Document(each["path"], fields))
    return found


def messages_of(version: str) -> dict[str, list[Message]]:
    return {
        file.stem: [
            Message(each["data"].encode(), each["attributes"]) for each in json.loads(file.read_text())
        ]
        for file in sorted((RECORDED / version / "messages").iterdir())
    }


def expected_of(version: str) -> dict[str, Any]:
    """By path, what a document says."""
    folder = RECORDED / version / "expected"
    return {path: value for file in folder.iterdir() for path, value in json.loads(file.read_text()).items()}


def as_json(fields: Mapping[str, Any]) -> Any:
    """Fields in the JSON of Firestore's REST API, which names the type of each value."""
    message = DocumentMessage.pb()()
    for name, value in fields.items():
        values.fill(message.fields[name], value)
    return MessageToDict(message).get("fields", {})


def write(version: str, kind: str, name: str, content: Any) -> None:
    folder = RECORDED / version / kind
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(content, indent=1, ensure_ascii=False, sort_keys=True)
    (folder / f"{name}.json").write_text(text + "\n")


async def everything(database: AsyncClient) -> list[Document]:
    """Every document, by path."""
    found: list[Document] = []
    waiting: list[Any] = [database]
    while waiting:
        async for collection in waiting.pop().collections():
            async for document in collection.list_documents():
                waiting.append(document)
                stored = await documents.get(database, document.path)
                if stored is not None:
                    found.append(Document(document.path, stored.fields))
    return sorted(found, key=lambda each: each.path)


async def load(database: AsyncClient, wanted: Sequence[Document]) -> None:
    """Write the documents, with these fields and no others."""
    for start in range(0, len(wanted), WRITTEN_TOGETHER):
        writes = []
        for document in wanted[start : start + WRITTEN_TOGETHER]:
            write = Write.pb()()
            write.update.name = f"{calls.root(database)}/{document.path}"
            for name, value in document.fields.items():
                values.fill(write.update.fields[name], value)
            writes.append(write)
        await calls.commit(database, writes)
