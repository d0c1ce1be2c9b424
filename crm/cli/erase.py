"""`crm erase`: erase customers by their ids or keys."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Annotated
from uuid import uuid4

import typer

from crm.access.audit_events import AuditEvent
from crm.access.usecases.record_event import RecordEvent
from crm.cli.console import Sorry, out, plainly
from crm.cli.members import BY
from crm.cli.operator import Operated, Project, operate
from crm.customers.customer_key import customer_key
from crm.kernel.errors import NotFound
from crm.platform.clock import now
from crm.privacy.usecases.erase import EraseCustomer

Ids = Annotated[
    list[str],
    typer.Argument(metavar="ID...", help="Their ids or keys, or - to read one a line from standard input."),
]


def erase_customers(
    ids: Ids,
    keys: Annotated[
        bool, typer.Option("--keys", help="They are keys, as the audit log names customers, not ids.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    project: Project = "",
) -> None:
    """Erase customers and their orders permanently. Ids that are unknown or erased already are harmless."""
    with plainly():
        wanted = list(dict.fromkeys(_named(ids)))
        if not wanted:
            raise Sorry("No id was given.")
        if "-" in ids and not yes:
            raise Sorry("With ids from standard input there is nobody to ask: say --yes.")
    if not yes:
        typer.confirm(f"Erase {len(wanted):,} customers permanently?", abort=True)

    async def work(operated: Operated) -> Sequence[str]:
        return [name for name in wanted if not await _erased(operated, name if keys else customer_key(name))]

    unknown = operate(project, work, names_customers=True)
    out.print(f"{len(wanted) - len(unknown):,} are erased.", markup=False)
    if unknown:
        out.print(f"Not known here: {', '.join(unknown)}", markup=False)


def _named(ids: Sequence[str]) -> Iterator[str]:
    for name in ids:
        yield from (line.strip() for line in sys.stdin if line.strip()) if name == "-" else (name,)


async def _erased(operated: Operated, key: str) -> bool:
    """Whether the customer was known; False if not."""
    from crm.privacy.store.customer_data import FirestoreCustomerData

    store = FirestoreCustomerData(operated.database)
    erase = EraseCustomer(store=store, ledger=operated.ledger())
    try:
        async with recorded(operated, key):
            await erase(key, now())
    except NotFound:
        return False
    return True


def recorded(operated: Operated, key: str) -> AbstractAsyncContextManager[None]:
    """Run the erasure of the customer with this key as an audited action of the operator."""
    from crm.access.store.audit_log import FirestoreAuditLog

    event = AuditEvent(event_id=uuid4().hex, at=now(), by=BY, action="customer.erase", subject=key)
    return RecordEvent(log=FirestoreAuditLog(operated.database))(event)
