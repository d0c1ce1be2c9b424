"""Who may sign in: for administrators."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import ConfigDict

from campaigns_api.services import SIGNED_IN, Admin, Here
from campaigns_api.shapes import Page, Shape
from crm.access.members import Member, Role, normal_email
from crm.customers.records import Email
from crm.entry.bodies import Body
from crm.platform.clock import now

router = APIRouter(prefix="/members", tags=["members"], dependencies=[SIGNED_IN])

MemberEmail = Annotated[str, Path(max_length=254)]


class NewMember(Body):
    """Whom to let in, and as what."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"email": "ana@example.com", "role": "marketer"}]}
    )

    email: Email
    role: Role


class Change(Body):
    """What a member is from now on."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"role": "viewer"}]})

    role: Role


class MemberShape(Shape):
    """A person who may sign in. Who added them is unknown where an operator did."""

    email: str
    role: Role
    added_by: str | None = None
    added_at: datetime | None = None


@router.get("")
async def all_members(here: Here, _: Admin) -> Page[MemberShape]:
    """Every member, by e-mail."""
    return Page(data=[MemberShape.model_validate(member) for member in await here.members.all()])


@router.post("", status_code=201)
async def add(body: NewMember, here: Here, person: Admin) -> MemberShape:
    """Let somebody in."""
    member = Member(email=body.email, role=body.role, added_by=person.email, added_at=now())
    async with here.act(person.email, "member.add", member.email, body.role):
        return MemberShape.model_validate(await here.members.add(member))


@router.put("/{email}")
async def change(email: MemberEmail, body: Change, here: Here, person: Admin) -> MemberShape:
    """Give a member another role; felt within a minute. The last administrator stays one."""
    async with here.act(person.email, "member.change", normal_email(email), body.role):
        return MemberShape.model_validate(await here.members.change(email, body.role))


@router.delete("/{email}", status_code=204)
async def remove(email: MemberEmail, here: Here, person: Admin) -> None:
    """Let somebody in no longer; their sessions end within a minute. The last administrator stays."""
    async with here.act(person.email, "member.remove", normal_email(email)):
        await here.members.remove(email)
