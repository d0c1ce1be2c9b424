"""Connects an operator's commands to the database, the broker and the vendor of one CRM.

Commands import Google's libraries and polars only when they run, so that `crm --help` starts quickly.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from crm import retention
from crm.cli.console import Sorry, plainly
from crm.cli.stack import Stack, find_stack
from crm.customers.customer_key import use_secret
from crm.kernel.errors import CrmError
from crm.topology import DEFAULT_DATABASE

if TYPE_CHECKING:
    from google.cloud.firestore import AsyncClient

    from crm.privacy.ports import ErasureLedger

T = TypeVar("T")

PROJECT = typer.Option(
    "--project",
    help="A Google Cloud project, with your own credentials, and CRM_DATABASE, CRM_TOPIC_PREFIX and, where "
    "customers are concerned, CRM_ID_KEY and CRM_ERASURE_LEDGER of the installation; left out, the stack of "
    "`make run`.",
)
Project = Annotated[str, PROJECT]

EMULATORS: Mapping[str, str] = {"firestore": "FIRESTORE_EMULATOR_HOST", "pubsub": "PUBSUB_EMULATOR_HOST"}


class Operated:
    """Clients and settings of one CRM, used with the operator's own credentials."""

    def __init__(self, stack: Stack) -> None:
        from google.cloud.firestore import AsyncClient

        self.project = stack.project
        self.database: AsyncClient = AsyncClient(project=stack.project, database=stack.database)
        self.topic_prefix = stack.topic_prefix
        self.vendor_url = stack.functions.get("vendor", "") or os.environ.get("CRM_VENDOR_URL", "")
        self.vendor_key = stack.vendor_key or os.environ.get("CRM_VENDOR_KEY", "")
        self._erasure_ledger = stack.erasure_ledger

    def ledger(self) -> "ErasureLedger":
        """The installation's ledger of erasures. Raises Sorry where none is named."""
        from crm.privacy.ledgers import ledger_at

        if not self._erasure_ledger:
            raise Sorry(
                "This needs CRM_ERASURE_LEDGER: where the installation enters its erasures, which is the "
                "output erasure_ledger of Terraform."
            )
        try:
            return ledger_at(self._erasure_ledger)
        except ValueError as error:
            raise Sorry(f"CRM_ERASURE_LEDGER does not hold: {error}.") from error


def operate(project: str, work: Callable[[Operated], Awaitable[T]], names_customers: bool = False) -> T:
    """Run `work` on the CRM of `project`, or on the local stack if that is empty, and return its result.

    Ends the program with exit code 2 and a message if that fails. `CRM_DATABASE` and `CRM_TOPIC_PREFIX`
    select one of several installations in a project. Work with `names_customers` can derive customers' keys.
    """
    with plainly():
        if project:
            stack = Stack(
                url="",
                project=project,
                database=os.environ.get("CRM_DATABASE") or DEFAULT_DATABASE,
                topic_prefix=os.environ.get("CRM_TOPIC_PREFIX", ""),
                id_key=os.environ.get("CRM_ID_KEY", ""),
                erasure_ledger=os.environ.get("CRM_ERASURE_LEDGER", ""),
            )
        else:
            stack = find_stack(Path.cwd())
            if not stack.project:
                raise Sorry("The stack file names no project. `make run` writes it again.")
            for name, host in stack.emulators.items():
                os.environ[EMULATORS[name]] = host

        try:
            retention.use(filter(None, os.environ.get("CRM_RETENTION", "").split(",")))
        except ValueError as error:
            raise Sorry(f"{error}.") from error

        async def run() -> T:
            operated = Operated(stack)
            if names_customers:
                await _use_secret(operated.database, stack)
            return await work(operated)

        from google.api_core.exceptions import GoogleAPICallError
        from google.auth.exceptions import GoogleAuthError

        try:
            return asyncio.run(run())
        except CrmError as error:
            raise Sorry(str(error)) from error
        except GoogleAuthError as error:
            raise Sorry(
                f"No Google credentials that hold: `gcloud auth application-default login`. {error}"
            ) from error
        except GoogleAPICallError as error:
            where = f"the database {stack.database} of {stack.project}"
            raise Sorry(
                f"Google refuses {where}, which CRM_DATABASE and --project name: {error.message}"
            ) from error


async def _use_secret(database: "AsyncClient", stack: Stack) -> None:
    """Derive customers' keys with the stack's secret. Raises Sorry without it, and where stored keys follow
    from another one."""
    from crm.customers.store.customers import Customers

    if not stack.id_key:
        raise Sorry("This needs CRM_ID_KEY: the installation's secret id-key, which names customers.")
    use_secret(stack.id_key)
    if not await Customers(database).fit_secret():
        raise Sorry(
            f"CRM_ID_KEY is not that of the database {stack.database} of {stack.project}. Nothing was done."
        )
