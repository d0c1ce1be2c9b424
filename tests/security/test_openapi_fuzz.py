"""Schemathesis calls every documented operation with what its schema allows, and with what it forbids."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from types import ModuleType
from typing import Any
from uuid import uuid4
from zlib import crc32

import httpx2
import pytest
import requests
import schemathesis
from schemathesis import Case, GenerationMode
from schemathesis.core.failures import FailureGroup
from standardwebhooks.webhooks import Webhook

from crm.access.api_keys import SCOPES
from crm.access.store.api_keys import ApiKeys, new_id
from crm.platform.clock import now
from crm.platform.firestore.client import client
from tests.functions.campaigns.drafts import DRAFT, RULES
from tests.functions.test_ready import SETTINGS
from tests.identity import ORIGIN, session_headers
from tests.security.fuzz_answers import is_answered
from tests.security.fuzzing import cases, installation
from tests.support import load_function, serving

__all__ = ["installation"]

pytestmark = [pytest.mark.emulator, pytest.mark.usefixtures("session_secret")]

DOCUMENTS = {
    "ingest": "/api/v1/ingest/openapi.json",
    "campaigns": "/api/v1/openapi.json",
    "receipts": "/api/v1/receipts/openapi.json",
    "summarize": "/api/v1/ai/openapi.json",
    "vendor": None,
}
"""Function → where it serves its document; the vendor's is taken from its app.

`consumer` and `deliver` have no documented API: only Pub/Sub and the scheduler call them, and
`test_push_fuzz` fuzzes what they are pushed.
"""

Caller = Callable[[requests.PreparedRequest], requests.PreparedRequest]


@pytest.mark.parametrize("function", DOCUMENTS)
def test_no_call_is_answered_otherwise_than_documented(installation: str, function: str) -> None:
    caller = asyncio.run(_caller(installation, function))
    findings: dict[str, str] = {}
    module = load_function(function)
    with serving(_app(module)) as url:
        existing = _existing(url, caller) if function == "campaigns" else {}
        place = DOCUMENTS[function]
        document = _unserved(module.app.openapi()) if place is None else httpx2.get(url + place).json()
        for operation in _schema(document).get_all_operations():
            for mode in GenerationMode:
                for case in cases(operation.ok(), mode):
                    _refer(case, existing)
                    response = case.call(base_url=url, auth=caller, timeout=60)
                    findings |= _findings(case, response, mode)

    assert not findings, "\n\n".join(f"{name}: {finding}" for name, finding in findings.items())


def _schema(document: dict[str, Any]) -> Any:
    """The document without its security: every call shows what it needs."""
    document.get("components", {}).pop("securitySchemes", None)
    for path in document["paths"].values():
        for operation in path.values():
            operation.pop("security", None)
            operation["parameters"] = [
                each for each in operation.get("parameters", ()) if each["in"] != "cookie"
            ]
    return schemathesis.openapi.from_dict(document)


def _unserved(document: dict[str, Any]) -> dict[str, Any]:
    """A document that nobody is shown, and that therefore names no problems: any is as documented."""
    problem = {"description": "A problem.", "content": {"application/problem+json": {}}}
    for path in document["paths"].values():
        for operation in path.values():
            operation["responses"] = {"200": operation["responses"]["200"], "4XX": problem}
    return document


def _findings(case: Case[Any], response: Any, mode: GenerationMode) -> dict[str, str]:
    """What schemathesis finds in an answer and `fuzz_answers` does not answer, by operation and kind."""
    try:
        case.validate_response(response)
    except FailureGroup as group:
        return {
            f"{case.operation.label} {mode.value} {response.status_code} {type(each).__name__}": (
                f"{each}\n{response.request.body!r}\n{response.text}"
            )
            for each in group.exceptions
            if not is_answered(each, response)
        }
    return {}


def _refer(case: Case[Any], existing: dict[str, str]) -> None:
    """Let every other call name something that exists."""
    path = case.operation.path
    for prefix, name in existing.items():
        if path.startswith(prefix) and case.path_parameters and _is_odd(case.path_parameters):
            case.path_parameters = dict.fromkeys(case.path_parameters, name)


def _is_odd(parameters: object) -> bool:
    """The same in each run, unlike `hash`."""
    return crc32(ascii(parameters).encode()) % 2 == 1


def _existing(url: str, caller: Caller) -> dict[str, str]:
    """A segment and a campaign: path → id."""
    api = f"{url}/api/v1"
    segment = requests.post(f"{api}/segments", json={"name": "S", "rules": RULES}, auth=caller, timeout=60)
    campaign = requests.post(f"{api}/campaigns", json=DRAFT, auth=caller, timeout=60)
    assert (segment.status_code, campaign.status_code) == (201, 201)
    return {
        "/api/v1/segments/{": segment.json()["id"],
        "/api/v1/campaigns/{": campaign.json()["id"],
    }


async def _caller(project: str, function: str) -> Caller:
    """Adds to a request what it needs to be let in."""
    if function == "receipts":
        return _signed
    if function == "ingest":
        _, key = await ApiKeys(client(project)).create(new_id(), "shop", "owner@example.com", now(), SCOPES)
        headers = {"Authorization": f"Bearer {key}"}
    elif function == "vendor":
        headers = {"Authorization": f"Bearer {SETTINGS['VENDOR_KEY']}"}
    else:
        headers = {**await session_headers(project, "admin"), "Origin": ORIGIN}

    def with_headers(request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers.update(headers)
        return request

    return with_headers


def _signed(request: requests.PreparedRequest) -> requests.PreparedRequest:
    body = request.body or b""
    assert isinstance(body, str | bytes)
    text = body if isinstance(body, str) else body.decode(errors="replace")
    at, name = datetime.now(UTC), f"msg_{uuid4().hex}"
    request.headers.update(
        {
            "webhook-id": name,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": Webhook(SETTINGS["WEBHOOK_SECRETS"]).sign(name, at, text),
        }
    )
    return request


def _app(module: ModuleType) -> Any:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await (await module.handler(None))(scope, receive, send)

    return app
