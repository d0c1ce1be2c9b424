"""Who may sign in: for administrators."""

from datetime import datetime
from typing import Annotated

from fastapi import Path
from pydantic import ConfigDict

from campaigns_api.responses import Page, ResponseModel
from campaigns_api.services import Caller, Services
from crm.access.members import Member, Role, normal_email
from crm.customers.values import MAX_EMAIL, Email
from crm.entry.bodies import RequestModel
from crm.entry.routing import Router
from crm.platform.clock import now

router = Router(prefix="/members", tags=["members"])

MemberEmail = Annotated[str, Path(max_length=MAX_EMAIL)]


class NewMember(RequestModel):
    """A person who may sign in from now on, and their role."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"email": "ana@example.com", "role": "marketer"}]}
    )

    email: Email
    role: Role


class RoleChange(RequestModel):
    """A member's new role."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"role": "viewer"}]})

    role: Role


class MemberResponse(ResponseModel):
    """A person who may sign in. `added_by` and `added_at` are null if an operator added them."""

    email: str
    role: Role
    added_by: str | None = None
    added_at: datetime | None = None


@router.get("")
async def all_members(services: Services) -> Page[MemberResponse]:
    """Every member, by e-mail."""
    return Page(data=[MemberResponse.model_validate(member) for member in await services.members.all()])


@router.post("", status_code=201)
async def add(body: NewMember, services: Services, person: Caller) -> MemberResponse:
    """Add a member."""
    member = Member(email=body.email, role=body.role, added_by=person.email, added_at=now())
    async with services.audited(person.email, "member.add", member.email, body.role):
        return MemberResponse.model_validate(await services.members.add(member))


@router.put("/{email}")
async def change(email: MemberEmail, body: RoleChange, services: Services, person: Caller) -> MemberResponse:
    """RoleChange a member's role, effective within a minute. The last administrator keeps theirs."""
    async with services.audited(person.email, "member.change", normal_email(email), body.role):
        return MemberResponse.model_validate(await services.members.change_role(email, body.role))


@router.delete("/{email}", status_code=204)
async def remove(email: MemberEmail, services: Services, person: Caller) -> None:
    """Remove a member; their sessions end within a minute. The last administrator cannot be removed."""
    async with services.audited(person.email, "member.remove", normal_email(email)):
        await services.members.remove(email)
