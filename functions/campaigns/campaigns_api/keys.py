"""API keys of the systems that post customers and orders: for administrators."""

from datetime import datetime
from typing import Annotated

from pydantic import ConfigDict, Field, StringConstraints

from campaigns_api.responses import Page, ResponseModel
from campaigns_api.services import Caller, KeyId, Services
from crm.access.store.api_keys import new_id
from crm.entry.bodies import RequestModel
from crm.entry.routing import Router
from crm.platform.clock import now

router = Router(prefix="/keys", tags=["keys"])


MAX_NAME = 100
"""Characters of a key's name."""


class NewKey(RequestModel):
    """The purpose of the key, to distinguish it from others."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "Shop backend"}]})

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_NAME)]


class KeyResponse(ResponseModel):
    """A key without its text. `revoked_at` is set once it no longer works."""

    id: str
    name: str
    created_by: str
    created_at: datetime
    revoked_at: datetime | None = None


class CreatedKey(KeyResponse):
    """A new key with its text, which is not stored: this is the only time it is shown."""

    key: str = Field(examples=["crm_0123456789abcdef_9Jk…"])


@router.get("")
async def all_keys(services: Services) -> Page[KeyResponse]:
    """Every key, newest first, including revoked ones."""
    return Page(data=[KeyResponse.model_validate(key) for key in await services.keys.all()])


@router.post("", status_code=201)
async def create(body: NewKey, services: Services, person: Caller) -> CreatedKey:
    """Create a key. Only this response contains its text."""
    key_id = new_id()
    async with services.audited(person.email, "key.create", key_id, body.name):
        info, text = await services.keys.create(key_id, body.name, person.email, now())
    return CreatedKey(**KeyResponse.model_validate(info).model_dump(), key=text)


@router.delete("/{id}", status_code=204)
async def revoke(key_id: KeyId, services: Services, person: Caller) -> None:
    """Revoke a key. It may work for another half minute."""
    async with services.audited(person.email, "key.revoke", key_id):
        await services.keys.revoke(key_id, now())
