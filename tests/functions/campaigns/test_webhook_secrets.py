"""Webhook secrets: made in the web app, and taken by the function that checks receipts."""

import json
from datetime import UTC, datetime

import pytest
from standardwebhooks.webhooks import Webhook

from crm.access.live_signatures import LiveSignatures
from crm.access.store.webhook_secrets import MAX_SECRETS, WebhookSecrets
from crm.kernel.errors import Unauthenticated
from crm.platform.firestore.client import client
from tests.functions.campaigns.conftest import WEBHOOK_KEY, Api

pytestmark = pytest.mark.emulator

OTHER = "whsec_c2VjcmV0LXRoYXQtaXMtbG9uZy1lbm91Z2g="
BODY = b"{}"


def receiving(api: Api) -> LiveSignatures:
    """What a new instance of the function that takes receipts checks with."""
    return LiveSignatures([OTHER], WEBHOOK_KEY, lambda: WebhookSecrets(client(api.project)))


async def check(signatures: LiveSignatures, secret: str) -> None:
    at = datetime.now(UTC)
    headers = {
        "webhook-id": "m",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign("m", at, BODY.decode()),
    }
    await signatures.check(BODY, headers, at)


async def test_a_secret_is_shown_once_is_valid_together_with_others_and_ends(api: Api) -> None:
    made = [(await api.post("/webhook-secrets", role="admin")).json() for _ in range(2)]
    for each in made:
        assert each["secret"].startswith("whsec_")
        await check(receiving(api), each["secret"])
    listed = (await api.get("/webhook-secrets", "admin")).json()["data"]
    assert [each["id"] for each in listed] == [made[1]["id"], made[0]["id"]]
    assert listed[0]["created_by"] == "admin@example.com"
    assert listed[0]["last_used_at"].endswith("Z")
    assert not any(each["secret"].removeprefix("whsec_") in json.dumps(listed) for each in made)

    assert (await api.call("DELETE", f"/webhook-secrets/{made[0]['id']}", "admin")).status_code == 204
    with pytest.raises(Unauthenticated):
        await check(receiving(api), made[0]["secret"])
    await check(receiving(api), made[1]["secret"])
    assert (await api.call("DELETE", f"/webhook-secrets/{made[0]['id']}", "admin")).status_code == 404


async def test_the_database_does_not_contain_the_secret(api: Api) -> None:
    made = (await api.post("/webhook-secrets", role="admin")).json()
    stored = await client(api.project).document(f"webhook_secrets/{made['id']}").get()
    assert set(stored.to_dict() or {}) == {"by", "at", "used_at"}


async def test_there_are_only_so_many(api: Api) -> None:
    answers = [await api.post("/webhook-secrets", role="admin") for _ in range(MAX_SECRETS + 1)]
    assert [answer.status_code for answer in answers] == [201] * MAX_SECRETS + [409]


async def test_only_administrators_see_and_make_them(api: Api) -> None:
    assert (await api.get("/webhook-secrets", "marketer")).status_code == 403
    assert (await api.post("/webhook-secrets", role="marketer")).status_code == 403
