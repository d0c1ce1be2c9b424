"""`crm erase`: erase customers by their ids or keys."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Annotated
from uuid import uuid4

import typer

from crm.access.audit_events import AuditEvent
from crm.access.usecases.record_event import RecordEvent
from crm.cli.console import Sorry, counted, out, plainly
from crm.cli.members import BY
from crm.cli.operator import Operated, Project, operate
from crm.customers.customer_key import customer_key
from crm.kernel.errors import NotFound
from crm.platform.clock import now
from crm.privacy.usecases.erase import EraseCustomer
from crm.privacy.usecases.erase_by_id import EraseById, ErasedId

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
    """Erase customers and their orders permanently. Repeating it is harmless.

    An id may be of somebody who was never stored as a customer, and is only in dead letters, imports and
    segments: it is removed there, and records of it that come later are refused.
    """
    with plainly():
        wanted = list(dict.fromkeys(_named(ids)))
        if not wanted:
            raise Sorry("No id was given.")
        if "-" in ids and not yes:
            raise Sorry("With ids from standard input there is nobody to ask: say --yes.")
    if not yes:
        typer.confirm(f"Erase {counted(len(wanted), 'customer')} permanently?", abort=True)

    async def work(operated: Operated) -> Mapping[str, ErasedId | None]:
        erase = _of_key if keys else _of_id
        return {name: await erase(operated, name) for name in wanted}

    _report(operate(project, work, names_customers=True))


def _report(done: Mapping[str, ErasedId | None]) -> None:
    """Say what was done with each id; None: no customer has the key."""
    erased = {name: each for name, each in done.items() if each is not None}
    out.print(f"{len(erased):,} {'is' if len(erased) == 1 else 'are'} erased.", markup=False)
    letters = sum(each.letters for each in erased.values())
    if letters:
        out.print(f"They are taken out of {counted(letters, 'dead letter')}.", markup=False)
    strangers = [name for name, each in erased.items() if not each.was_stored]
    if strangers:
        out.print(
            f"Never stored as a customer: {', '.join(strangers)}. Records of these ids that come later are "
            "refused.",
            markup=False,
        )
    if erased:
        out.print(
            "Imports, segments and letters that name people in unusual ways follow within half an hour."
        )
    unknown = [name for name in done if name not in erased]
    if unknown:
        out.print(f"Not known here: {', '.join(unknown)}", markup=False)


def _named(ids: Sequence[str]) -> Iterator[str]:
    for name in ids:
        yield from (line.strip() for line in sys.stdin if line.strip()) if name == "-" else (name,)


async def _of_id(operated: Operated, customer_id: str) -> ErasedId:
    from crm.privacy.store.customer_data import FirestoreCustomerData

    store, ledger = FirestoreCustomerData(operated.database), operated.ledger()
    erase = EraseById(store=store, ledger=ledger, erase=EraseCustomer(store=store, ledger=ledger))
    async with recorded(operated, customer_key(customer_id)):
        return await erase(customer_id, now())


async def _of_key(operated: Operated, key: str) -> ErasedId | None:
    """None if there is no customer with this key, which leads to no id."""
    from crm.privacy.store.customer_data import FirestoreCustomerData

    erase = EraseCustomer(store=FirestoreCustomerData(operated.database), ledger=operated.ledger())
    try:
        async with recorded(operated, key):
            return ErasedId(was_stored=True, letters=await erase(key, now()))
    except NotFound:
        return None


def recorded(operated: Operated, key: str) -> AbstractAsyncContextManager[None]:
    """Run the erasure of the customer with this key as an audited action of the operator."""
    from crm.access.store.audit_log import FirestoreAuditLog

    event = AuditEvent(event_id=uuid4().hex, at=now(), by=BY, action="customer.erase", subject=key)
    return RecordEvent(log=FirestoreAuditLog(operated.database))(event)
