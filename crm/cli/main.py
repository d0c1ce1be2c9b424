"""The program `crm`: its commands by name."""

from importlib import metadata
from typing import Annotated

import typer

from crm.cli import audience, campaigns, dead_letters, members, migrate, privacy
from crm.cli.console import out
from crm.cli.cost import cost
from crm.cli.erase import erase_customers
from crm.cli.importing import import_file
from crm.cli.status import status

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,  # a traceback must not show keys
    help="Talk to a CRM: the one of `make run`, or the one at --url.",
)


def _show_version(wanted: bool) -> None:
    if wanted:
        out.print(f"crm {metadata.version('crm')}")
        raise typer.Exit


@app.callback()
def _program(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit."),
    ] = False,
) -> None:
    """Talk to a CRM: the one of `make run`, or the one at --url."""


app.command("import")(import_file)
app.command("status")(status)
app.command("cost")(cost)
app.command("erase")(erase_customers)
app.add_typer(audience.app, name="audience")
app.add_typer(campaigns.app, name="campaigns")
app.add_typer(dead_letters.app, name="deadletters")
app.add_typer(members.app, name="members")
app.add_typer(migrate.app, name="migrate")
app.add_typer(privacy.app, name="privacy")
