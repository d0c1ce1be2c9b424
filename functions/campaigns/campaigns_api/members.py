"""Who may sign in: for administrators."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field, StrictStr

from campaigns_api.ids import MemberId
from campaigns_api.responses import Page, ResponseModel
from campaigns_api.services import Caller, Services
from crm.access.members import Member, Role, address_fault, normal_email
from crm.customers.values import MAX_EMAIL
from crm.entry.bodies import RequestModel
from crm.entry.routing import Router
from crm.kernel.errors import NotFound
from crm.platform.clock import now

router = Router(prefix="/members", tags=["members"])


def _address(email: str) -> str:
    fault = address_fault(email)
    if fault is not None:
        raise ValueError(fault)
    return email


class NewMember(RequestModel):
    """A person who may sign in from now on, and their role."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"email": "ana@example.com", "role": "marketer"}]}
    )

    email: Annotated[StrictStr, Field(max_length=MAX_EMAIL), AfterValidator(_address)]
    role: Role


class RoleChange(RequestModel):
    """A member's new role."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"role": "viewer"}]})

    role: Role


class MemberResponse(ResponseModel):
    """A person who may sign in. `added_by` and `added_at` are null if an operator added them."""

    id: str
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
    email = normal_email(body.email)
    member = Member(email=email, role=body.role, added_by=person.email, added_at=now())
    async with services.audited(person, "member.add", member.email, after={"role": body.role}):
        return MemberResponse.model_validate(await services.members.add(member))


@router.put("/{id}")
async def change(member_id: MemberId, body: RoleChange, services: Services, person: Caller) -> MemberResponse:
    """Change a member's role, which ends their sessions within a minute.

    The last administrator keeps theirs.
    """
    member = await services.members.find_by_id(member_id)
    if member is None:
        raise NotFound("There is no such member.")
    before, after = {"role": member.role}, {"role": body.role}
    async with services.audited(person, "member.change", member.email, before=before, after=after):
        return MemberResponse.model_validate(await services.members.change_role(member_id, body.role))


@router.delete("/{id}", status_code=204)
async def remove(member_id: MemberId, services: Services, person: Caller) -> None:
    """Remove a member; their sessions end within a minute. The last administrator cannot be removed."""
    member = await services.members.find_by_id(member_id)
    if member is not None:
        async with services.audited(person, "member.remove", member.email, before={"role": member.role}):
            await services.members.remove(member_id)
