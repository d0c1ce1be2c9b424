"""`crm audience`: is the projection right, and if not, make it so."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from crm.cli.console import out
from crm.cli.operator import Operated, Project, operate

if TYPE_CHECKING:
    from crm.audience.projection.compare import Difference
    from crm.audience.projection.manifest import Manifest
    from crm.audience.usecases.compact import Compacted

app = typer.Typer(no_args_is_help=True, help="The audience: the columns that rules are counted over.")


@app.command("verify")
def verify_all(
    show: Annotated[int, typer.Option(min=0, help="Differences to print.")] = 50,
    project: Project = "",
) -> None:
    """Compare the projection with every customer and order. Costs a read each.

    The exit code is 0 where all agrees, 1 where a row does not, 2 where it cannot be found out.
    """

    async def look(operated: Operated) -> "list[Difference]":
        from crm.audience.store.audience import FirestoreAudience
        from crm.audience.store.source import FirestoreSource
        from crm.audience.usecases.verify import Verify

        return await Verify(
            projection=FirestoreAudience(operated.database), truth=FirestoreSource(operated.database)
        )()

    found = operate(project, look, names_customers=True)
    for each in found[:show]:
        out.print(f"{each.kind} {each.id}: {each.what}", markup=False)
    if len(found) > show:
        out.print(f"and {len(found) - show:,} more")
    out.print(f"{len(found):,} differences." if found else "No difference.")
    if found:
        raise typer.Exit(1)


@app.command("rebuild")
def rebuild_all(project: Project = "") -> None:
    """Rebuild the projection from every customer and order, while others write. Costs a read each."""

    async def work(operated: Operated) -> "Manifest":
        from crm.audience.store.audience import FirestoreAudience
        from crm.audience.store.source import FirestoreSource
        from crm.audience.usecases.rebuild import Rebuild

        store, source = FirestoreAudience(operated.database), FirestoreSource(operated.database)
        return await Rebuild(store=store, source=source)()

    manifest = operate(project, work, names_customers=True)
    out.print(f"Rebuilt: {len(manifest.blocks):,} partitions, {manifest.size:,} bytes.")


@app.command("compact")
def compact_all(project: Project = "") -> None:
    """Fold the change log into the blocks. After a recent erasure this takes about 90 seconds, until the rest
    of the erased customer's data can be deleted."""
    done = operate(project, _compact, names_customers=True)
    if done is None:
        out.print("Another compaction is under way.")
        raise typer.Exit(1)
    out.print(
        f"Folded {done.documents:,} documents of the log: {done.customers:,} customers and {done.orders:,} "
        f"orders changed."
    )


async def _compact(operated: Operated) -> "Compacted | None":
    """Compact until nothing is left to do. The sum of all passes; None if another process holds the lease."""
    from crm.audience.store.audience import FirestoreAudience
    from crm.audience.usecases.compact import Compact, Compacted

    store = FirestoreAudience(operated.database)
    compact = Compact(store=store)
    total = Compacted()
    while True:
        done = await compact()
        if done is None:
            return None
        total += done
        if done.documents:
            continue
        erasures = await store.erasures()
        if not erasures:
            return total
        wait = (max(erasures) - await store.settled()).total_seconds() + 1
        out.print(f"A customer was erased just now. Waiting for {max(wait, 0):.0f} seconds.")
        await asyncio.sleep(max(wait, 0))
