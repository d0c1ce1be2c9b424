"""`crm privacy`: what an operator does so that erased customers stay erased."""

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from crm.cli.console import out
from crm.cli.erase import recorded
from crm.cli.operator import Operated, Project, operate
from crm.platform.clock import now

if TYPE_CHECKING:
    from crm.privacy.usecases.reapply_erasures import State

app = typer.Typer(no_args_is_help=True, help="Erased customers, and the ledger that names them.")


@app.callback()
def _group() -> None:
    """Erased customers, and the ledger that names them."""


@app.command()
def reapply(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say who would be erased; change nothing.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    project: Project = "",
) -> None:
    """Erase again whom the ledger of erasures names, in a database that was restored from a backup.

    Repeating this is harmless. Who is not in the database is marked as erased, so that they do not come back.
    """
    if not dry_run and not yes:
        typer.confirm("Erase every customer whom the ledger names permanently?", abort=True)

    async def work(operated: Operated) -> "Mapping[State, int]":
        from crm.privacy.store.customer_data import FirestoreCustomerData
        from crm.privacy.usecases.erase import EraseCustomer
        from crm.privacy.usecases.reapply_erasures import ReapplyErasures

        ledger, customers = operated.ledger(), FirestoreCustomerData(operated.database)
        return await ReapplyErasures(
            ledger=ledger,
            customers=customers,
            erase=EraseCustomer(store=customers, ledger=ledger),
            record=partial(recorded, operated),
        )(now(), dry_run)

    found = operate(project, work, names_customers=True)
    out.print(f"{sum(found.values()):,} in the ledger.")
    done = "would be erased" if dry_run else "are erased now"
    out.print(f"{found.get('held', 0):,} were in the database and {done}.")
    out.print(f"{found.get('erased', 0):,} were erased there already.")
    marked = "would be marked as erased" if dry_run else "are marked as erased"
    out.print(f"{found.get('unknown', 0):,} were unknown there and {marked}.")
