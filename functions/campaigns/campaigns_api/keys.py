"""API keys of the systems that post customers and orders: for administrators."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints

from campaigns_api.ids import KeyId
from campaigns_api.responses import Page, ResponseModel
from campaigns_api.services import Caller, Services
from crm.access.api_keys import SCOPES, Scope
from crm.access.store.api_keys import new_id
from crm.customers.values import Instant
from crm.entry.bodies import RequestModel
from crm.entry.routing import Router
from crm.kernel.errors import Invalid
from crm.kernel.hidden_characters import filled_line
from crm.platform.clock import now

router = Router(prefix="/keys", tags=["keys"])


MAX_NAME = 100
"""Characters of a key's name."""


def _distinct(scopes: list[Scope]) -> list[Scope]:
    return [scope for scope in SCOPES if scope in scopes]


class NewKey(RequestModel):
    """The purpose of the key, to distinguish it from others; what it allows; and until when it works.

    Without `expires_at` it works until it is revoked.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"name": "Shop backend", "scopes": ["ingest:orders"], "expires_at": "2027-01-01T00:00:00Z"}
            ]
        }
    )

    name: Annotated[
        str,
        StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_NAME),
        AfterValidator(filled_line),
    ]
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=20), AfterValidator(_distinct)]
    expires_at: Instant | None = None


class KeyResponse(ResponseModel):
    """A key without its text.

    `revoked_at` is set once it was revoked, `last_used_at` once it was used, exact to ten minutes.
    """

    id: str
    name: str
    scopes: list[Scope]
    created_by: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None


class CreatedKey(KeyResponse):
    """A new key with its text, which is not stored: this is the only time it is shown."""

    key: str = Field(examples=["crm_0123456789abcdef_9Jk…0c1d2e3f"])


@router.get("")
async def all_keys(services: Services) -> Page[KeyResponse]:
    """Every key, newest first, including revoked and expired ones."""
    return Page(data=[KeyResponse.model_validate(key) for key in await services.keys.all()])


@router.post("", status_code=201)
async def create(body: NewKey, services: Services, person: Caller) -> CreatedKey:
    """Create a key. Only this response contains its text."""
    if body.expires_at is not None and body.expires_at <= now():
        raise Invalid.at("expires_at", "lies in the past")
    key_id = new_id()
    after = {"name": body.name, "scopes": body.scopes, "expires_at": body.expires_at}
    async with services.audited(person, "key.create", key_id, body.name, after=after):
        info, text = await services.keys.create(
            key_id, body.name, person.email, now(), body.scopes, body.expires_at
        )
    return CreatedKey(**KeyResponse.model_validate(info).model_dump(), key=text)


@router.delete("/{id}", status_code=204)
async def revoke(key_id: KeyId, services: Services, person: Caller) -> None:
    """Revoke a key. It may work for another half minute."""
    async with services.audited(person, "key.revoke", key_id):
        await services.keys.revoke(key_id, now())
