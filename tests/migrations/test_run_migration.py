"""Migrations over real documents: killed half-way, beside a writer, and twice."""

import asyncio
import json
import os
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from google.cloud.firestore import AsyncClient
from typer.testing import CliRunner, Result

from crm.cli import migrate
from crm.cli.main import app
from crm.kernel.errors import Unavailable
from crm.migrations.migration import Migration, MigrationProgress
from crm.migrations.ports import Document
from crm.migrations.registry import MIGRATIONS
from crm.migrations.store import FirestoreMigrations
from crm.migrations.usecases import paging
from crm.migrations.usecases.run_migration import RunMigration
from crm.migrations.usecases.try_migration import TryMigration
from crm.platform.clock import now
from crm.platform.firestore import documents
from crm.platform.firestore.client import client
from crm.platform.firestore.commits import Commit

pytestmark = pytest.mark.emulator

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def renamed(fields: Mapping[str, Any]) -> Mapping[str, Any]:
    """`title` becomes `name`, as a whole number of version 2."""
    left = {name: value for name, value in fields.items() if name != "title"}
    return {**left, "name": fields.get("name", fields.get("title")), "schema": 2}


RENAME = Migration(
    name="rename", description="`title` is called `name`.", collection="boxes", migrated=renamed
)


async def fill(database: AsyncClient, count: int) -> None:
    commit = Commit(database)
    for number in range(count):
        commit.create(
            f"shelves/s{number % 3}/boxes/{number:04d}", {"title": f"t{number}", "at": NOW, "n": number}
        )
    await commit.send()


async def boxes(database: AsyncClient) -> dict[str, Mapping[str, Any]]:
    found = await documents.query_paths(database, database.collection_group("boxes").order_by("__name__"))
    return {path: stored.fields for path, stored in found.items()}


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "PAGE", 4)


async def run(
    documents: FirestoreMigrations, version: str = "1.1.0", restart: bool = False
) -> tuple[MigrationProgress, list[MigrationProgress]]:
    shown: list[MigrationProgress] = []
    migrate = RunMigration(documents=documents, version=version)
    return await migrate(RENAME, now, shown.append, restart), shown


class Killed(Exception):
    pass


class Dying(FirestoreMigrations):
    """A process that is killed after so many rewrites."""

    def __init__(self, database: AsyncClient, after: int) -> None:
        super().__init__(database)
        self.left = after
        self.read: list[str] = []

    async def page(self, collection: str, after: str | None, limit: int) -> Sequence[Document]:
        found = await super().page(collection, after, limit)
        self.read += [each.path for each in found]
        return found

    async def rewrite(self, document: Document, fields: Mapping[str, Any]) -> None:
        if not self.left:
            raise Killed
        self.left -= 1
        await super().rewrite(document, fields)


async def test_every_document_is_rewritten_once(project: str) -> None:
    await fill(client(project), 10)
    store = FirestoreMigrations(client(project))
    done, shown = await run(store)

    assert (done.seen, done.changed) == (10, 10)
    assert [each.seen for each in shown] == [4, 8, 10]
    found = await boxes(client(project))
    assert sorted(fields["name"] for fields in found.values()) == sorted(f"t{n}" for n in range(10))
    assert all("title" not in fields and fields["at"] == NOW for fields in found.values())
    assert await store.progress("rename") == done
    assert (await run(store))[0].changed == 0


async def test_a_killed_run_goes_on_after_the_last_page(project: str) -> None:
    await fill(client(project), 10)
    with pytest.raises(Killed):
        await run(Dying(client(project), after=6))
    second = Dying(client(project), after=100)
    done, _ = await run(second)

    assert len(second.read) == 6
    assert done.seen == 10
    assert all(fields["schema"] == 2 for fields in (await boxes(client(project))).values())


@pytest.mark.parametrize(("version", "restart"), [("1.2.0", False), ("1.1.0", True)])
async def test_a_run_of_another_version_or_a_restart_begins_with_the_first_document(
    project: str, version: str, restart: bool
) -> None:
    await fill(client(project), 10)
    with pytest.raises(Killed):
        await run(Dying(client(project), after=6))
    second = Dying(client(project), after=100)
    done, _ = await run(second, version, restart)

    assert len(second.read) == 10
    assert (done.seen, done.version) == (10, version)
    assert all(fields["schema"] == 2 for fields in (await boxes(client(project))).values())


async def test_what_another_writes_meanwhile_is_kept(project: str) -> None:
    await fill(client(project), 5)

    class Beside(FirestoreMigrations):
        writes = 2

        async def rewrite(self, document: Document, fields: Mapping[str, Any]) -> None:
            if document.path.endswith("0003") and self.writes:
                self.writes -= 1
                commit = Commit(client(project))
                commit.change(document.path, {"n": 100 + self.writes, "title": "changed meanwhile"})
                await commit.send()
            await super().rewrite(document, fields)

    await run(Beside(client(project)))
    changed = (await boxes(client(project)))["shelves/s0/boxes/0003"]
    assert (changed["name"], changed["n"]) == ("changed meanwhile", 100)
    assert "title" not in changed


async def test_a_document_that_is_deleted_meanwhile_stays_deleted(project: str) -> None:
    await fill(client(project), 2)

    class Beside(FirestoreMigrations):
        async def rewrite(self, document: Document, fields: Mapping[str, Any]) -> None:
            commit = Commit(client(project))
            commit.delete(document.path)
            await commit.send()
            await super().rewrite(document, fields)

    assert (await run(Beside(client(project))))[0].changed == 0
    assert await boxes(client(project)) == {}


async def test_a_document_that_changes_all_the_time_is_named(project: str) -> None:
    await fill(client(project), 1)

    class Beside(FirestoreMigrations):
        count = 0

        async def rewrite(self, document: Document, fields: Mapping[str, Any]) -> None:
            self.count += 1
            commit = Commit(client(project))
            commit.change(document.path, {"n": -self.count})
            await commit.send()
            await super().rewrite(document, fields)

    with pytest.raises(Unavailable, match="boxes/0000"):
        await run(Beside(client(project)))


async def test_two_runs_at_the_same_time_do_no_harm(project: str) -> None:
    await fill(client(project), 10)
    await asyncio.gather(*(run(FirestoreMigrations(client(project))) for _ in range(2)))
    assert all(renamed(fields) == fields for fields in (await boxes(client(project))).values())


async def test_a_dry_run_counts_and_writes_nothing(project: str) -> None:
    await fill(client(project), 6)
    before = await boxes(client(project))
    store = FirestoreMigrations(client(project))
    counted = await TryMigration(documents=store)(RENAME, now, lambda _: None)

    assert (counted.seen, counted.changed) == (6, 6)
    assert await boxes(client(project)) == before
    assert await store.progress("rename") is None


@pytest.fixture
def crm(project: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Runs the program with a stack file."""
    stack = {
        "url": "http://localhost:1",
        "project": project,
        "emulators": {"firestore": os.environ["FIRESTORE_EMULATOR_HOST"]},
    }
    (tmp_path / ".local").mkdir()
    (tmp_path / ".local" / "stack.json").write_text(json.dumps(stack))
    monkeypatch.chdir(tmp_path)
    return lambda *words: CliRunner().invoke(app, ["migrate", *words])


def test_without_migrations_there_is_nothing_to_do(crm: Callable[..., Result]) -> None:
    assert MIGRATIONS == ()
    listed, ran = crm("list"), crm("run", "rename")
    assert (listed.exit_code, listed.output) == (0, "There is nothing to migrate.\n")
    assert (ran.exit_code, ran.output) == (2, "There is nothing to migrate.\n")


def test_the_command_says_how_far_a_migration_came(
    crm: Callable[..., Result], project: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrate, "MIGRATIONS", (RENAME,))
    asyncio.run(fill(AsyncClient(project=project), 6))

    assert "rename (boxes): not run" in crm("list").output
    tried = crm("run", "rename", "--dry-run")
    assert "4 documents looked at, 4 would change" in tried.output
    assert "6 of 6 documents would change" in tried.output
    ran = crm("run", "rename")
    assert ran.exit_code == 0, ran.output
    assert "4 documents looked at, 4 changed" in ran.output
    assert "6 of 6 documents changed" in ran.output
    assert "rename (boxes): done at" in crm("list").output
    assert "0 of 6 documents changed" in crm("run", "rename").output
    assert "There is no migration other; there are rename." in crm("run", "other").output
