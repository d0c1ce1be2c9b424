"""What a newer version could add to recorded documents and messages: a field in each object, a column in each
table, an element after the last of each row."""

import json
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from io import BytesIO
from typing import Any, Final

import polars as pl

from crm.audience.engine.blocks import _parts
from tests.compat.files import Document

NAME: Final = "later"
VALUE: Final = "of a newer version"

OPEN: Final = {
    *("attributes", "consents", "suppressions"),  # of customers, and of dead letters: a name is a datum
    *("ended_sessions", "figures", "excluded", "content", "moved"),
}
"""Objects whose names are data: what is added there is no field of a newer version."""


def document_of_later(document: Document) -> Document:
    """The document as a newer version could have written it."""
    fields = {
        name: _packed(document.collection, name, _grown(value, name))
        for name, value in document.fields.items()
    }
    return replace(document, fields={**fields, NAME: VALUE, f"{NAME}_list": [{"a": 1}, None]})


def message_of_later(data: bytes) -> bytes:
    """The message as a newer version could have published it."""
    return json.dumps(_grown(json.loads(data), "")).encode()


def marks(document: Document) -> set[str]:
    """Where the document holds what a newer version added."""
    return set(_marks(document.path, document.fields))


def _marks(place: str, value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, each in value.items():
            if name == NAME and each == VALUE:
                yield place
            else:
                yield from _marks(f"{place}.{name}", each)
    elif isinstance(value, list):
        for each in value:
            yield from _marks(f"{place}[]", each)
    elif isinstance(value, bytes | str) and (found := _unpacked(value)) is not None:
        yield from _marks(f"{place}()", found)
    elif value == VALUE:
        yield f"{place} as an element"


def _grown(value: Any, name: str) -> Any:
    if isinstance(value, Mapping):
        inner = {each: _grown(item, each) for each, item in value.items()} if name != "figures" else value
        return inner if name in OPEN else {**inner, NAME: VALUE}
    if isinstance(value, list):
        return [_grown(each, "") for each in value]
    return value


def _packed(collection: str, name: str, value: Any) -> Any:
    grow = PACKED.get(f"{collection}.{name}")
    return grow(value) if grow else value


def _of_json(grow: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda text: json.dumps(grow(json.loads(text)))


def _of_zlib(grow: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda packed: zlib.compress(json.dumps(grow(json.loads(zlib.decompress(packed)))).encode())


def _longer(rows: Any) -> Any:
    return [[*row, VALUE] for row in rows]


def _log(body: Any) -> Any:
    tables = {
        name: {**columns, NAME: [VALUE] * len(next(iter(columns.values())))}
        for name in ("customers", "orders")
        if (columns := body[name])
    }
    return {**body, **tables, NAME: VALUE, "v": body["v"] + 1}


def _counts(state: Any) -> Any:
    grown = {
        name: {
            shard: {group: {**counts, NAME: 1} for group, counts in groups.items()}
            for shard, groups in state[name].items()
        }
        for name in ("counters", "tally")
    }
    return {**state, **grown, NAME: VALUE}


def _block(block: bytes) -> bytes:
    header, *streams = _parts(block)
    described = json.loads(header)
    scales = {name: {**columns, NAME: None} for name, columns in described["scales"].items()}
    parts = [json.dumps({**described, "v": described["v"] + 1, "scales": scales, NAME: VALUE}).encode()]
    for stream in streams:
        grown = BytesIO()
        frame = pl.read_ipc_stream(stream).with_columns(pl.lit(VALUE).alias(NAME))
        frame.write_ipc_stream(grown, compression="zstd", compat_level=pl.CompatLevel.oldest())
        parts.append(grown.getvalue())
    return b"".join(len(part).to_bytes(4, "little") + part for part in [*parts, parts[1]])


PACKED: Final[Mapping[str, Callable[[Any], Any]]] = {
    "audience_blocks.payload": _block,
    "audience_log.payload": _of_zlib(_log),
    "audience_state.blocks": _of_zlib(lambda blocks: [_longer(pieces) for pieces in blocks]),
    "imports.problems": _of_zlib(_longer),
    "results.rows": _of_zlib(_longer),
    "snapshots.parts": _of_json(_longer),
    "supervision.state": _of_json(_counts),
    "unmatched_receipts.receipts": lambda texts: [
        json.dumps({**json.loads(text), NAME: VALUE}) for text in texts
    ],
}
"""Fields that hold packed values → what a newer version could make of them."""


def _unpacked(value: bytes | str) -> Any:
    try:
        return json.loads(zlib.decompress(value) if isinstance(value, bytes) else value)
    except (ValueError, zlib.error):
        return None
