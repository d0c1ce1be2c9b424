"""`crm migrate`: rewrite stored documents into the form of a new version, while the CRM runs."""

from typing import TYPE_CHECKING, Annotated

import typer

from crm.cli.console import Sorry, out, plainly
from crm.cli.operator import Operated, Project, operate
from crm.config import running_version
from crm.migrations.migration import Migration, MigrationProgress
from crm.migrations.registry import MIGRATIONS

if TYPE_CHECKING:
    from crm.migrations.store import FirestoreMigrations

app = typer.Typer(no_args_is_help=True, help="Stored documents of an earlier version.")


@app.command("list")
def list_all(project: Project = "") -> None:
    """The migrations of this version, and how far each came."""

    async def look(operated: Operated) -> list[MigrationProgress | None]:
        store = _store(operated)
        return [await store.progress(migration.name) for migration in MIGRATIONS]

    if not MIGRATIONS:
        out.print("There is nothing to migrate.")
        return
    for migration, progress in zip(MIGRATIONS, operate(project, look), strict=True):
        out.print(f"{migration.name} ({migration.collection}): {_state(progress)}", markup=False)
        out.print(f"  {migration.description}", markup=False)


@app.command("run")
def run_one(
    name: Annotated[str, typer.Argument(help="The name of a migration.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Count what would change; write nothing.")
    ] = False,
    restart: Annotated[
        bool, typer.Option("--restart", help="Begin with the first document, also where it was interrupted.")
    ] = False,
    project: Project = "",
) -> None:
    """Run a migration; one that this version began goes on where it was interrupted. Costs a read for each
    document, and a write for each that changes."""
    with plainly():
        migration = _named(name)

    async def work(operated: Operated) -> MigrationProgress:
        from crm.migrations.usecases.run_migration import RunMigration
        from crm.migrations.usecases.try_migration import TryMigration
        from crm.platform.clock import now

        store = _store(operated)
        if dry_run:
            return await TryMigration(documents=store)(migration, now, show)
        run = RunMigration(documents=store, version=running_version())
        return await run(migration, now, show, restart)

    def show(progress: MigrationProgress) -> None:
        figures = f"{progress.seen:,} documents looked at, {progress.changed:,} {would}"
        out.print(figures, markup=False)

    would = "would change" if dry_run else "changed"
    done = operate(project, work)
    out.print(f"{migration.name}: {done.changed:,} of {done.seen:,} documents {would}.", markup=False)


def _named(name: str) -> Migration:
    for migration in MIGRATIONS:
        if migration.name == name:
            return migration
    known = ", ".join(migration.name for migration in MIGRATIONS)
    raise Sorry(
        f"There is no migration {name}; there are {known}." if known else "There is nothing to migrate."
    )


def _store(operated: Operated) -> "FirestoreMigrations":
    from crm.migrations.store import FirestoreMigrations

    return FirestoreMigrations(operated.database)


def _state(progress: MigrationProgress | None) -> str:
    if progress is None:
        return "not run"
    figures = f"{progress.changed:,} of {progress.seen:,} documents changed"
    if progress.done_at is None:
        return f"interrupted, {figures}"
    return f"done at {progress.done_at:%Y-%m-%d %H:%M} UTC, {figures}"
