"""`crm audience` against the Firestore emulator, found by a stack file as `make run` writes it."""

import asyncio
import json
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from google.cloud.firestore import AsyncClient, FieldFilter
from typer.testing import CliRunner, Result

from crm.audience.store.audience import FirestoreAudience
from crm.cli.main import app
from crm.customers.customer import erased
from tests.projection import NOW, all_documents, commit, customer, names, order
from tests.support import ID_KEY

pytestmark = pytest.mark.emulator


@pytest.fixture
def run(project: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Runs the program with a stack file."""
    stack = {
        "url": "http://localhost:1",
        "project": project,
        "id_key": ID_KEY,
        "emulators": {"firestore": os.environ["FIRESTORE_EMULATOR_HOST"]},
    }
    (tmp_path / ".local").mkdir()
    (tmp_path / ".local" / "stack.json").write_text(json.dumps(stack))
    monkeypatch.chdir(tmp_path)
    settle_after(monkeypatch, 0)
    return lambda *words: CliRunner().invoke(app, ["audience", *words])


def settle_after(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """How old a document of the log is before it is folded."""
    monkeypatch.setattr(FirestoreAudience.__init__, "__defaults__", (timedelta(seconds=seconds),))


@pytest.fixture
def shop(project: str) -> None:
    """Two customers and an order, as the consumer commits them."""

    async def fill() -> None:
        database = AsyncClient(project=project)
        await commit(
            database, [customer("C1", email="mira@example.com"), customer("C2")], [order("O1", "C1")]
        )

    asyncio.run(fill())


def touch(project: str, customer_id: str) -> None:
    """Change a customer behind the projection's back."""

    async def change() -> None:
        database = AsyncClient(project=project)
        async for found in (
            database.collection("customers")
            .where(filter=FieldFilter("customer_id", "==", customer_id))
            .stream()
        ):
            await found.reference.update({"city": "York"})

    asyncio.run(change())


@pytest.mark.usefixtures("shop")
def test_a_right_projection_is_verified(run: Callable[..., Result]) -> None:
    result = run("verify")

    assert result.exit_code == 0
    assert "No difference." in result.stdout


@pytest.mark.usefixtures("shop")
def test_a_wrong_row_is_named_and_rebuilt(run: Callable[..., Result], project: str) -> None:
    touch(project, "C2")
    result = run("verify")
    assert result.exit_code == 1
    assert "customer C2: city: None for 'York'" in result.stdout
    assert "1 differences." in result.stdout

    assert run("rebuild").exit_code == 0

    assert run("verify").exit_code == 0


@pytest.mark.usefixtures("shop")
def test_compacting_folds_the_log(run: Callable[..., Result]) -> None:
    result = run("compact")

    assert result.exit_code == 0
    assert "Folded 1 documents of the log: 2 customers and 1 orders changed." in result.stdout
    assert run("verify").exit_code == 0


@pytest.mark.usefixtures("shop")
def test_compacting_waits_until_it_can_remove_an_erased_customer(
    run: Callable[..., Result], project: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle_after(monkeypatch, 1)

    async def erase() -> None:
        await commit(AsyncClient(project=project), [replace(erased(customer("C1"), NOW), version=2)])

    async def left() -> tuple[set[str], list[str]]:
        database = AsyncClient(project=project)
        return await names(database, "audience_log"), [path async for path, _ in all_documents(database)]

    asyncio.run(erase())

    result = run("compact")

    assert "A customer was erased just now." in result.stdout
    log, paths = asyncio.run(left())
    assert log == set()
    assert len([path for path in paths if "audience_blocks" in path]) == 1
