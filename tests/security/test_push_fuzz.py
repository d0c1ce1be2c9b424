"""Pushes whose messages follow their models, and pushes whose messages do not: no handler fails.

The endpoints of pushes are no documented API: Pub/Sub alone calls them, and their bodies are envelopes around
base64. So each model is fuzzed in its envelope, and the envelope itself.
"""

import asyncio
import base64
import json
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

import pytest
from schemathesis import Case, GenerationMode
from schemathesis.core import NOT_SET

from crm.customers.packs import MODELS
from crm.delivery.receipt_batches import ReceiptBatch
from crm.entry.events import Envelope
from crm.topology import PUSHES, Push
from tests.delivery.campaign_stores import envelope
from tests.security.fuzzing import cases, installation, operation_with
from tests.support import client_of, load_function, part_of

__all__ = ["installation"]

pytestmark = [pytest.mark.emulator, pytest.mark.usefixtures("installation")]

JSON = {"Content-Type": "application/json"}

FAILS_LATER = {"vendor-callbacks"}
"""Topics whose handler calls somebody who is away here."""


def _packs(_: ModuleType) -> list[Mapping[str, Any]]:
    """Of each kind, records in a pack."""
    found: list[Mapping[str, Any]] = []
    for kind, model in MODELS.items():
        schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
        defined = {**schema.pop("$defs", {}), "Record": schema}
        records = {"type": "array", "items": {"$ref": "#/components/schemas/Record"}, "maxItems": 5}
        found.append(
            {
                "type": "object",
                "properties": {"kind": {"const": kind}, "records": records},
                "required": ["kind", "records"],
                "$defs": defined,
            }
        )
    return found


def _model(find: Callable[[ModuleType], Any]) -> Callable[[ModuleType], list[Mapping[str, Any]]]:
    return lambda module: [find(module).model_json_schema(ref_template="#/components/schemas/{model}")]


MESSAGES: Mapping[str, Callable[[ModuleType], list[Mapping[str, Any]]]] = {
    "records": _packs,
    "dead-letters": _packs,
    "partitions": _model(lambda deliver: deliver.PartitionMessage),
    "chunks": _model(lambda deliver: deliver.ChunkMessage),
    "receipts": _model(lambda _: ReceiptBatch),
    "vendor-callbacks": _model(lambda _: part_of("vendor", "vendor_sim.callbacks").Callbacks),
}
"""Topic → the schemas of its messages, by the function that handles them."""


def test_each_topic_has_its_messages_here() -> None:
    assert MESSAGES.keys() == {push.topic for push in PUSHES}


@pytest.mark.parametrize("push", PUSHES, ids=lambda push: push.topic)
async def test_no_message_makes_a_handler_fail(
    push: Push, push_headers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    module = load_function(push.function)
    monkeypatch.setattr(module, "LONGEST_WAIT", 0.0, raising=False)  # of the vendor, for receipts to be due
    bodies = [
        json.dumps(envelope(_json(case))).encode()
        for schema in MESSAGES[push.topic](module)
        for mode in GenerationMode
        for case in cases(operation_with(push.path, schema), mode)
    ]
    assert len(bodies) > 5
    await _handled(module, push, push_headers, bodies)


@pytest.mark.parametrize("push", PUSHES, ids=lambda push: push.topic)
async def test_no_envelope_makes_a_handler_fail(push: Push, push_headers: dict[str, str]) -> None:
    schema = Envelope.model_json_schema(ref_template="#/components/schemas/{model}")
    bodies = [
        _json(case) for mode in GenerationMode for case in cases(operation_with(push.path, schema), mode)
    ]
    await _handled(load_function(push.function), push, push_headers, bodies)


async def _handled(module: ModuleType, push: Push, headers: dict[str, str], bodies: list[bytes]) -> None:
    expected = {204, 400, 404, 422} | ({503} if push.topic in FAILS_LATER else set())
    async with client_of(module, headers={**headers, **JSON}, timeout=60) as http:
        answers = await asyncio.gather(*(http.post(push.path, content=body) for body in bodies))
    for body, answer in zip(bodies, answers, strict=True):
        assert answer.status_code in expected, (body, answer.text)
        assert answer.status_code == 204 or answer.headers["content-type"] == "application/problem+json"


def _json(case: Case[Any]) -> bytes:
    if isinstance(case.body, bytes):
        return case.body
    body = None if case.body is NOT_SET else case.body
    return json.dumps(body, default=lambda binary: base64.b64encode(binary).decode()).encode()
