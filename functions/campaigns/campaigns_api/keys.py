"""API keys of the systems that post customers and orders: for administrators."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import ConfigDict, Field, StringConstraints

from campaigns_api.services import SIGNED_IN, Admin, Here, Name
from campaigns_api.shapes import Page, Shape
from crm.access.store.api_keys import new_id
from crm.entry.bodies import Body
from crm.platform.clock import now

router = APIRouter(prefix="/keys", tags=["keys"], dependencies=[SIGNED_IN])


class NewKey(Body):
    """What the key is for, so that it can be told from others."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "Shop backend"}]})

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


class KeyShape(Shape):
    """A key, without its text. `revoked_at` is set once it no longer works."""

    id: str
    name: str
    created_by: str
    created_at: datetime
    revoked_at: datetime | None = None


class CreatedKey(KeyShape):
    """A new key with its text, which is not kept: this is the only time it is shown."""

    key: str = Field(examples=["crm_0123456789abcdef_9Jk…"])


@router.get("")
async def all_keys(here: Here, _: Admin) -> Page[KeyShape]:
    """Every key, newest first, revoked ones too."""
    return Page(data=[KeyShape.model_validate(key) for key in await here.keys.list()])


@router.post("", status_code=201)
async def create(body: NewKey, here: Here, person: Admin) -> CreatedKey:
    """Make a key. Its text is in this answer and nowhere else."""
    key_id = new_id()
    async with here.act(person.email, "key.create", key_id, body.name):
        info, text = await here.keys.create(body.name, person.email, now(), key_id)
    return CreatedKey(**KeyShape.model_validate(info).model_dump(), key=text)


@router.delete("/{id}", status_code=204)
async def revoke(name: Name, here: Here, person: Admin) -> None:
    """End a key. It may work for another half minute."""
    async with here.act(person.email, "key.revoke", name):
        await here.keys.revoke(name)
