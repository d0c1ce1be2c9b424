"""`crm members`: adds the first administrator of an installation, and manages members without the web app."""

from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Annotated, get_args
from uuid import uuid4

import typer
from rich.table import Table as Grid

from crm.access.audit_events import Action, AuditEvent
from crm.access.members import Member, Role, address_fault, member_id, normal_email
from crm.access.usecases.record_event import RecordEvent
from crm.cli.console import Sorry, out, plainly
from crm.cli.operator import Operated, Project, operate
from crm.platform.clock import now

if TYPE_CHECKING:
    from crm.access.store.members import Members

app = typer.Typer(no_args_is_help=True, help="Members: who may sign in.")

BY = "an operator"

Email = Annotated[str, typer.Argument(metavar="EMAIL", help="The address of their Google account.")]


@app.command()
def add(
    email: Email,
    role: Annotated[str, typer.Option(help="viewer, marketer or admin.")] = "viewer",
    project: Project = "",
) -> None:
    """Allow a person to sign in. An existing member keeps their role."""
    with plainly():
        member = _member(email, role)

    async def write(operated: Operated) -> Member:
        async with _recorded(operated, "member.add", normal_email(member.email), role):
            return await _members(operated).add(member)

    out.print(f"{operate(project, write).email} may sign in as {role}.", markup=False)


@app.command("list")
def show_all(project: Project = "") -> None:
    """Show every member."""

    async def read(operated: Operated) -> list[Member]:
        return await _members(operated).all()

    grid = Grid("E-mail", "Role", "Added by")
    for member in operate(project, read):
        grid.add_row(member.email, member.role, member.added_by or "")
    out.print(grid)


@app.command()
def remove(email: Email, project: Project = "") -> None:
    """End a membership. The last administrator cannot be removed."""

    async def write(operated: Operated) -> None:
        async with _recorded(operated, "member.remove", normal_email(email)):
            await _members(operated).remove(member_id(email))

    operate(project, write)
    out.print(f"{email} may sign in no more.", markup=False)


def _recorded(
    operated: Operated, action: Action, subject: str, detail: str = ""
) -> AbstractAsyncContextManager[None]:
    from crm.access.store.audit_log import FirestoreAuditLog

    event = AuditEvent(event_id=uuid4().hex, at=now(), by=BY, action=action, subject=subject, detail=detail)
    return RecordEvent(log=FirestoreAuditLog(operated.database))(event)


def _member(email: str, role: str) -> Member:
    chosen: Role | None = next((known for known in get_args(Role) if known == role), None)
    if chosen is None:
        raise Sorry(f"{role} is no role. There are {', '.join(get_args(Role))}.")
    fault = address_fault(email)
    if fault is not None:
        raise Sorry(f"{email} {fault}.")
    return Member(email=email, role=chosen, added_by=BY, added_at=now())


def _members(operated: Operated) -> "Members":
    from crm.access.store.members import Members

    return Members(operated.database)
